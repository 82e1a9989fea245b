"""The gateway: the doors of the house, and the counter where payments are gathered.

- `gateway.protocol` is what goes over the websocket: messages, the session's rules, close codes. No
  input or output; programs and screens are written against it alone.
- `endpoint` takes websockets, `connection` is one of them (on `wire` and `gathering`), `admission`
  gives it its place, `hub` is a town's sessions, `tail`, `alerts` and `figures` what consoles see.
- `handlers` turn commands into the ledger's requests; `counter` gathers those into batches.
- `qr` reads and writes the codes that shops and payers show, as their standards want them; pure.
- `providers` take money for the town elsewhere: `desk` takes each load order to its end.
- `auth`, `pins`, `passwords`, `tickets`, `signin`, `rates`, `refused`, `routes` and `http` are
  signing in and everything over HTTP; `documents` describes both interfaces.
- `app` puts it all together, in an order that is written there; `rounds` are what is done every so
  often, `live` what is known at this moment, `drain` a planned stop.

One process, one event loop. Any number of gateways serve the same towns side by side: what they
share is in Postgres, what they tell each other goes over Redis, and each can be killed at any
moment. The way of a payment is bounded everywhere (frames, queues, batches, waits; see
`config.limits`), and nothing on it waits for a slow screen.

May import everything below it (the notifier, the ledger, the configuration); nobody imports it,
save `gateway.protocol`.
"""
