"""The lane of first-come sales (先着順): a way of its own, so that payments do not feel a rush.

Purpose: a town sells 3,000 vouchers and 20,000 people come within a minute. They wait here, each in
one fair place, and hear an honest estimate; meanwhile others pay in the shops as on any day.

- `lane`: the doors, straight on ASGI: who asks, how often, and the answer.
- `visitors`: who is signed in, looked up for many at once and remembered for some seconds.
- `hall`: the waiting itself: takes people's places in the queue and says where they stand.
- `places`: the signed ticket that everybody carries, with their place in it.
- `board`: what this process knows of each sale from Postgres: places sold, and at what pace.
- `answers`: what somebody is told, as a pure function of all that.
- `timetable`: when everybody is to ask again, so that questions stay few and even.
- `seller`: sells the places, a slice at a time, one process at a time.
- `batches`: many questions as one. `pauses`: work that is done again and again.
- `office`: all of it, opened and closed together.

The order: who comes before the opening, within the time that the waiting room is open, has nothing
of coming earlier. Their order is drawn, by a seed whose digest is public long before; a rush to be
first would only favour those with programs. From the opening on it goes by arrival at Redis.

What protects the payments: connections of its own (two), statements with a time-out, slices with
pauses between them, a bounded number of requests at once, and a process of its own (``python -m
gateway.sales``, at lowered priority). Where no ``KOBAN_SALES_URL`` is set, a gateway serves the
lane itself, which is enough for a demo and a small town.

What is true: Postgres alone says who has bought. The queue in Redis may be lost at any moment;
everybody's ticket brings them back to where they stood, and a sale whose queue was lost waits until
everybody was told to ask again (at most `SaleLimits.held_max_s`). A lane process keeps nothing that
another does not know or read again, so any of them may be killed.

Imports the ledger, the notifier and the gateway's doors; nothing imports it but the composition
roots.
"""
