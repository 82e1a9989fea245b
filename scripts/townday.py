"""``scripts/loadtest``: Locust's day in town on embedded servers, and whether the books agree.

With ``--rush PLACES`` everybody wants a place of a first-come sale instead.

Locust runs in a process of its own (gevent patches everything it finds). What it needs to know, the
signed-in sessions of everybody who takes part, is handed over in a file. Afterwards Locust has
compared the ledger with what every screen saw, and ``scripts/verify`` proves the ledger itself.
"""

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from gateway.protocol.messages import Role
from gateway.tickets import new_token
from ledger import identity, operators
from ledger.database import Pool, open_pool
from ledger.ids import uuid7
from loadtest.roster import FILE_VARIABLE, Person, Roster
from scripts.benchmark.bench import Bench
from scripts.benchmark.database import create, verified
from scripts.benchmark.processes import Gateway
from scripts.benchmark.rush import open_sale
from scripts.benchmark.sizes import PIN, Sizes
from scripts.benchmark.town import LIFE, TOWN, Screen, Town, found, register, sign_in
from scripts.children import ChildFault, heed_signals
from scripts.embedded import DEMO, ServerFault, Servers, running
from scripts.environment import ROOT, say


def sizes(wallets: int, shops: int) -> Sizes:
    """A town of which everybody takes part."""
    return Sizes(
        wallets=wallets,
        shops=shops,
        sessions=wallets,
        rounds=0,
        windows=0,
        window_s=0,
        pgbench_s=0,
    )


async def operator(pool: Pool, town: Town) -> Screen:
    """An operator who is signed in at the console."""
    at = datetime.now(UTC)
    number = await operators.add_operator(pool, town.number, "当直", "!", "operator", at)
    screen = Screen(Role.CONSOLE, 0, uuid7(), new_token())
    new = identity.NewSession(
        session=screen.session,
        token=screen.token,
        role=screen.role.value,
        account=screen.account,
        name="当直",
        opened_at=at,
        expires_at=at + LIFE,
        operator=number,
    )
    await identity.open_session(pool, town.number, new)
    return screen


async def prepare(
    servers: Servers, folder: Path, size: Sizes, day_s: float, places: int | None
) -> Bench:
    """Founds the town, with a sale of ``places`` if there are any, and writes the roster."""
    await create(servers.postgres)
    pool = await open_pool(servers.postgres.dsn(), 4)
    town = await found(pool, size, say)
    bench = Bench(servers, pool, town, size, new_token(), folder, say)
    await register(pool, town, town.wallets, bench.secret)
    roster = Roster(
        town=TOWN,
        pin=PIN,
        wallets=[person(screen) for screen in await sign_in(pool, town, town.wallets)],
        tablets=[person(screen) for screen in town.tablets],
        consoles=[person(await operator(pool, town))],
        day_s=day_s,
    )
    if places is not None:
        await open_sale(pool, town, places)
    (folder / "roster.json").write_bytes(msgspec.json.encode(roster))
    await pool.close()
    return bench


def person(screen: Screen) -> Person:
    """As the roster has it."""
    return Person(screen.role, screen.account, screen.token)


def play(gateway: Gateway, folder: Path, locustfile: str) -> int:
    """The day itself, or the rush; Locust's exit status."""
    return subprocess.run(
        [str(Path(sys.executable).with_name("locust")), "--headless", "--only-summary"]
        + ["--locustfile", str(ROOT / "loadtest" / locustfile), "--host", gateway.url]
        + ["--loglevel", "WARNING", "--stop-timeout", "10"],
        env=os.environ | {FILE_VARIABLE: str(folder / "roster.json"), "PYTHONPATH": str(ROOT)},
        check=False,
    ).returncode


def main() -> int:
    """Runs one day; 1 where anybody saw something else than the ledger, or the books are wrong."""
    parser = argparse.ArgumentParser(prog="scripts/loadtest", description=__doc__)
    parser.add_argument("--wallets", type=int, default=60)
    parser.add_argument("--shops", type=int, default=10)
    parser.add_argument("--day", type=float, default=30.0, metavar="SECONDS")
    parser.add_argument(
        "--rush", type=int, metavar="PLACES", help="a first-come sale that every wallet wants"
    )
    arguments = parser.parse_args()
    locustfile = "locustfile.py" if arguments.rush is None else "rushfile.py"
    heed_signals()
    folder = Path(tempfile.mkdtemp(prefix="koban-loadtest-"))
    try:
        with running(folder / "servers", DEMO, say) as servers:
            size = sizes(arguments.wallets, arguments.shops)
            bench = asyncio.run(prepare(servers, folder, size, arguments.day, arguments.rush))
            with Gateway(bench) as gateway:
                status = play(gateway, folder, locustfile)
            say("verifying the books")
            right = asyncio.run(verified(servers))
    except (ChildFault, ServerFault) as fault:
        print(f"loadtest: {fault}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("loadtest: stopped; nothing is left behind", file=sys.stderr)
        return 130
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if right and status == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
