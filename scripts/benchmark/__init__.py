"""The bench: how fast the house is, compared with plain PostgreSQL on the same machine.

One run measures everything, so that ratios compare like with like: (a) pgbench's TPC-B, (b) our
authorisation one payment a call, (c) the ledger's batches, (d) the whole gateway over websockets,
(e) the same with one shop taking everything, (f) the memory of an idle session. The servers are
embedded ones in a temporary folder, with ``fsync`` and ``synchronous_commit`` on.

Figures are medians over short windows, since machines are noisy. Every payment's outcome is
counted, whatever is not ``done`` is printed, and at the end ``scripts/verify`` proves the books of
the database that all this went through.
"""
