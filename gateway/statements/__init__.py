"""Shops' statements (精算書): what a settlement says to a shop, as PDF and as CSV.

- `figures`  what a statement shows: sums by kind of value and day, fees by rate, the tax in them.
- `words`    what it is called in Japanese.
- `pages`    what is on the pages, and where; the same statement, the same bytes.
- `sheet`    A4 sheets with a Japanese font of their own.
- `lines`    the same for spreadsheets.
- `command`  ``koban statements``.

The sums are the settlement's (`ledger.statements`); nothing here decides about money.
"""
