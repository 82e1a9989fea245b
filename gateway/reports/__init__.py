"""Reports at the doors: tables made of what `ledger.reports` found, as JSON and as files.

A report is a few tables with typed columns, so one way of drawing, one CSV and one workbook do for
all of them: `tables` makes them, `words` has the columns' and values' names, `making` says which
report has which tables, and `workbook` writes them all into one file, in a process apart
(`writer`). `transactions` is the journal itself as a file of any length. `places` keeps what every
shop took for some minutes, because any shop may ask for its place at any time. `command` is ``koban
reports``.
"""
