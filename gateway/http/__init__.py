"""The doors over HTTP: the API below ``/api/{town}``, and the pages.

`gateway.routes` is the table of all endpoints; this package is what stands behind them. `call`
takes a request through the same steps each time (origin, rate, session, body) and gives the handler
only what is checked; the handlers (`town`, `people`, `wallet`, `terminal`, `console`, `demo`) give
structs of `gateway.protocol.api` back; `pages` serves the built screens and what people see instead
of them. Handlers hold no state: everything comes in their `Call`.
"""
