"""What the law on prepaid value (資金決済法) asks of a town, told to people and to files.

- `reckoning`  a reference date (基準日) from the journal, and the list of a refund procedure.
- `display`    what everybody is shown (article 13), and the notice of a refund (article 20).
- `command`    ``koban law``.

The rules with their sources are in `ledger.prepaid`, what is read in `ledger.reference_dates`.
"""
