"""Outside providers: whoever takes money for the town elsewhere, or exchanges points with it.

`interface` is what both sides say, `signatures` how each knows the other, `adapter` speaks it to a
provider (and `machines` for those who only call us). `desk` takes each order to its end: it tells,
asks, gives the value through the counter, gives back. `reconciliation` compares our orders with the
provider's daily file.

The interface, at the provider's address (JSON, signed in both directions; all of it idempotent)::

    POST /orders                   one order, under our id; the same again is the same order
    GET  /orders/{order}           how far it is; 404: never heard of it
    POST /orders/{order}/cancel    it fails for good, unless it was paid; also one not heard of yet
    POST /orders/{order}/refund    what was paid is given back
    GET  /days/{YYYY-MM-DD}.csv    what was paid and refunded on a day of the town's time zone

and at ours, whenever the provider likes: ``POST /api/{town}/providers/{provider}/callback``.
"""
