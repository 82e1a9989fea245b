"""Reports: what the town did, read from the journal. Writes nothing (but `attributes`).

A report is read from one snapshot (`snapshot`): REPEATABLE READ, READ ONLY, on a replica where one
is configured. One report at a time on a server, on one processor, with an end to its time: people
who pay come first. All of it follows from the journal by plain rules, which a test counts again:

- A reversal is what it reversed, backwards, and counts at its own instant. So a month's sums never
  change after the month, and the months add up to the whole.
- *Issue* is value that comes into a wallet from what is no wallet; what goes out was spent, given,
  exchanged or has expired. In less out is what lies in the wallets. Coupons only pass through.
- *Active* is who acted: paid, topped up, sent, gave, exchanged, got a shop's points, or a grant at
  a tablet. Being granted something by a list is no act.
- *Home* is the area of the shop at which a wallet first topped up in cash or got the shop's points:
  nobody is asked for an address, and nobody's is kept.
- *Age* is what somebody reaches in the last year of the period, in decades. The year of birth alone
  is kept in plain (`attributes`).
- By age and by area, cells of fewer than five people are not told, nor what would give them away
  (`small_cells`). Sums of money are told whole: a budget has to add up, and says nothing of who.
  And a shop learns its place among its kind only where that kind is not a few (`standings`).

May import: config, and what is beside it in ledger.
"""
