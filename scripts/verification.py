"""Verifies a ledger: the database named, that of ``KOBAN_POSTGRES_DSN``, or the demo's."""

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator

from ledger import verify
from scripts.embedded import PostgresServer, ServerFault, running
from scripts.environment import ROOT

DEMO_FOLDER = ROOT / ".data" / "demo"


@contextlib.contextmanager
def database(named: str) -> Iterator[str]:
    """The database's address; the demo's servers are started for it where they do not run."""
    if named:
        yield named
        return
    if not DEMO_FOLDER.is_dir():
        raise ServerFault(
            "there is no demo yet; start it with ./scripts/run, or give the address of a database"
        )
    server = PostgresServer(DEMO_FOLDER)
    if next(server.sockets.glob(".s.PGSQL.*"), None) is not None:
        yield server.dsn()
        return
    with running(DEMO_FOLDER) as servers:
        yield servers.postgres.dsn()


def main() -> int:
    """Returns 0 when everything holds, 1 when something does not, 2 when it cannot be read."""
    parser = argparse.ArgumentParser(prog="./scripts/verify", description=__doc__)
    parser.add_argument("dsn", nargs="?", default=os.environ.get("KOBAN_POSTGRES_DSN", ""))
    try:
        with database(parser.parse_args().dsn) as dsn:
            return verify.run(dsn)
    except ServerFault as fault:
        print(f"koban: {fault}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
