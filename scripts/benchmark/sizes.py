"""How much of everything a run uses."""

from msgspec import Struct


class Sizes(Struct, frozen=True):
    """A run's data and durations.

    Of each thing ``rounds`` × ``windows`` × ``window_s`` is measured. Rounds follow each other,
    with (a) in each, so that what else the machine does falls on everything alike.
    """

    wallets: int
    shops: int
    sessions: int  # Wallets that are connected; every shop's tablet is, too.
    rounds: int
    windows: int
    window_s: float
    pgbench_s: int


FULL = Sizes(
    wallets=200_000,
    shops=400,
    sessions=5_000,
    rounds=3,
    windows=4,
    window_s=1.0,
    pgbench_s=4,
)
# Precise to some ten per cent: smaller tables, fewer and shorter windows.
QUICK = Sizes(
    wallets=6_000,
    shops=100,
    sessions=1_500,
    rounds=2,
    windows=2,
    window_s=0.5,
    pgbench_s=1,
)

# pgbench's and the gateway's clients in (a) and (b).
PGBENCH_CLIENTS = 16
# pgbench's manual: a scale below the number of clients measures waiting for a branch's row.
PGBENCH_SCALE = 16
# (c): what the counter does at full load.
LEDGER_CONNECTIONS = 2
LEDGER_BATCH = 200
IN_FLIGHT = (1, 50, 200, 1_000)
PIN = "4096"
