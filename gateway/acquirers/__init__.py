"""Acquirers (決済代行): payments that a shop's own POS takes, by way of a payment-gateway company.

The payer shows a code (CPM), the POS reads it, the acquirer asks us over HTTP. `keys` tells who
asks, by a signature; `desk` carries out what is asked, through the counter as everything else, so
that the payer's phone and the shop's tablets get their events and sounds; `reconciliation` makes
the daily file; `office` is the command of those who run the town. The rules:

- **An id means one thing for ever.** An acquirer's payment, cancel and refund ids become ours by a
  fixed rule (`ids`); the ledger freezes the answer to each.
- **Unknown is not failed.** Only ``200`` means paid. Anything else either says that it is not (4xx)
  or leaves it open (5xx): then ask by the id, or cancel.
- **A cancel always wins.** It takes the payment's id in the ledger: if the authorisation is there
  already, the payment is given back; if not, it finds its id taken whenever it comes. Between the
  two there is no moment, because one key in the ledger decides who was first.
- **A payer who is asked about a duplicate answers on the phone.** The acquirer is told
  ``duplicate_suspected`` and asks again: the same payment id turns into ``done`` when the payer
  says yes, and stays refused when the question's time is over. A cancel ends the question.
"""
