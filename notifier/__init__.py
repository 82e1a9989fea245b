"""What must be told to whom: outbox → feeds → screens, sounds, pushes.

An event is written by the ledger in the payment's own transaction, with a number among all events
of the town (no gaps) and a place in its account's feed (no gaps). Everything here follows from
those two numbers:

- `feeds` puts events back in order and hands each to the sessions of its feed once.
- `relay` learns of events: those of the own batches at once, those of other gateways by a hint, and
  all of them by a poll that needs neither (a lost hint costs a tenth of a second, never an event).
- `broker` carries hints and news between gateways over Redis pub/sub, and knows when it is deaf.
- `locks` are the wallets' locks in Redis: they shed contention between gateways, no more.
- `waiting_room` keeps who stands where before a first-come sale, and may forget it.
- `confirmations` follows what was shown on which screen, and tells the other party.
- `away` finds the wallets that no screen has shown an event to; `push` tells their phones.
- `sms` sends text messages; `sounds` says which sound an event makes at each end.

Only this package talks to Redis. Redis gone is a slower day, not a fault: every part goes on
without it, says so in its ``healthy``, and comes back by itself. One event loop; nothing here is
safe for threads. Imports the ledger and the configuration, never the gateway.
"""
