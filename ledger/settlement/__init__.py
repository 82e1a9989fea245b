"""Settlements (精算): what the town and its shops owe each other for a period, in yen.

The journal says who holds value; a settlement does not touch it. It marks the entries of a period
that no settlement has marked, and keeps the sums that were made of them: a `Line` a shop, a `Part`
a day, kind, instrument, funder and rate, a `Charge` a funder. What was paid is accepted, what a
shop topped up in cash or issued in points it owes, what was given back counts as less:

    net = accepted - topped_up - issued - fees + carried_in

More than 0 is paid to the shop (総合振込), less is collected from it (預金口座振替), and what is
too little is carried over (繰越) into the shop's next settlement.

- `settlements`  made by one, looked at, released by another, or discarded.
- `fees`         rates from an instant on, for a shop, a group, or all.
- `review`       what is looked at before a release.
- `lines`        what a settlement says to each shop, and what became of it.
- `bank_accounts` where a shop is paid, a version each time it changes.
- `refusals`     why something was not done.

**Bank files** ask `lines.transfers` for the lines that are to move and their bank accounts as of
the release, say `mark_in_file` when a file is made, and `mark_paid` or `mark_failed` when the
bank has answered (a 組戻し noted by hand is a failure after it was paid). A failed line's amount
is carried into the shop's next settlement, once. **Statements** read `settlements.settlement`,
`lines.line`, `lines.parts` and `lines.charges`: all sums are kept, none is made again.

Every function that changes something takes the connection of the caller's transaction. Makers of
one town take turns by an advisory lock; nothing here takes a lock that payments take.

May import: what else is in ledger, but nothing of gateway.
"""
