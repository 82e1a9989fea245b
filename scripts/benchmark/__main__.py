"""``scripts/bench [--rush | --reports] [--quick] [--city] [--json FILE]``."""

import argparse
import asyncio
import resource
import secrets
import shutil
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from ledger.database import open_pool
from loadtest.bench.figures import median
from scripts.benchmark import database, reports, rush, whole
from scripts.benchmark.bench import Bench, BenchFault
from scripts.benchmark.processes import Gateway, Generator
from scripts.benchmark.report import Findings, report, table
from scripts.benchmark.sizes import FULL, QUICK, Sizes
from scripts.benchmark.town import CITY, TOWN, found
from scripts.children import ChildFault, heed_signals
from scripts.embedded import BENCH, ServerFault, Servers, running


class Progress:
    """Says what is being done, with the seconds since the start."""

    def __init__(self) -> None:
        self._began_s = time.monotonic()

    def __call__(self, step: str) -> None:
        print(f"{time.monotonic() - self._began_s:6.1f} s  {step}", file=sys.stderr, flush=True)


async def measure(
    servers: Servers, sizes: Sizes, folder: Path, progress: Progress, code: str
) -> Findings:
    """Everything, one after the other, on one server."""
    secret = secrets.token_hex(32)
    await database.create(servers.postgres)
    pool = await open_pool(servers.postgres.dsn(), 4)
    try:
        progress(f"founding a town of {sizes.wallets} wallets and {sizes.shops} shops")
        town = await found(pool, sizes, progress, code=code, secret=secret)
        bench = Bench(servers, pool, town, sizes, secret, folder, progress)
        await database.prepare_tpcb(bench)
        tpcb = [await database.tpcb(bench)]
        single = await database.single(bench)
        batches = await database.batches(bench)
        rounds = []
        with Gateway(bench) as gateway:
            async with Generator() as generator:
                house = whole.House(bench, gateway, generator)
                kib_per_session = await house.enter()
                warm_up = await house.warm_up()
                for _ in range(sizes.rounds):
                    tpcb.append(await database.tpcb(bench))
                    rounds.append(await house.round())
    finally:
        await pool.close()
    loads = [warm_up, *whole.merged_loads(rounds)]
    return Findings(median(tpcb), single, batches, loads, kib_per_session)


def main() -> int:
    """Runs the bench; 1 where something did not work or the books are wrong."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="less data and time, less precise")
    beside = parser.add_mutually_exclusive_group()
    beside.add_argument("--rush", action="store_true", help="a first-come sale beside payments")
    beside.add_argument("--reports", action="store_true", help="reports beside payments")
    parser.add_argument("--city", action="store_true", help="Hirakata, with a card for each wallet")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    arguments = parser.parse_args()
    sizes = QUICK if arguments.quick else FULL
    rush_sizes = rush.QUICK if arguments.quick else rush.FULL
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, hard), hard))
    heed_signals()
    progress = Progress()
    folder = Path(tempfile.mkdtemp(prefix="koban-bench-"))
    try:
        with running(folder / "servers", BENCH, progress) as servers:
            if arguments.rush:
                rushed = asyncio.run(rush.measure(servers, rush_sizes, folder, progress))
                told, shown = msgspec.json.encode(rushed), rush.table(rushed)
            elif arguments.reports:
                size = reports.QUICK if arguments.quick else reports.FULL
                reported = asyncio.run(reports.measure(servers, size, folder, progress))
                told, shown = msgspec.json.encode(reported), reports.table(reported)
            else:
                code = CITY if arguments.city else TOWN
                findings = asyncio.run(measure(servers, sizes, folder, progress, code))
                told, shown = msgspec.json.encode(report(findings)), table(findings, sizes)
            progress("verifying the books")
            right = asyncio.run(database.verified(servers))
    except (BenchFault, ChildFault, ServerFault) as fault:
        print(f"bench: {fault}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: stopped; nothing is left behind", file=sys.stderr)
        return 130
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if arguments.quick:
        print("quick: less data, fewer and shorter windows than the full bench")
    print(shown)
    if arguments.json:
        arguments.json.write_bytes(msgspec.json.format(told))
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
