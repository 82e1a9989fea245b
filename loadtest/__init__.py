"""A town's day on real websockets, and whether the ledger agrees with what everybody saw.

Wallets, tablets and a console are played by Locust users (gevent, ``websocket-client``), each with
a session and a screen of its own that behaves as the real ones do: ids made here and kept, commands
sent again under the same id, resuming after a lost connection, acknowledging what was shown. The
day has a morning, a lunch rush, a storm in which every connection is torn at once, and an evening.

* `loadtest.seen`: what one screen saw: answers, events, and every gap, double and reordering.
* `loadtest.latency`: tap → both screens, commit → payer, commit → shop, as series of their own.
* `loadtest.verdict`: a pure function: what everybody saw against what the ledger says by id.
* `loadtest.bench`: the bench's generator, which counts instead of behaving like people.

Everything of one run is in one process: the verdict needs what every screen saw. All moments are of
CLOCK_MONOTONIC, so screens and gateway have to be on one host for the latencies to mean anything.
It knows the protocol's messages and nothing else of the house, so it can be pointed at any gateway
for which a roster of signed-in sessions (`loadtest.roster`) was made.
"""
