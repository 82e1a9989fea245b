"""Draws from the command line: ``python -m gateway.draws``, or ``koban draws``.

    open TOWN FILE              opens a draw; FILE is JSON as ``POST /console/draws`` takes it
    show TOWN CODE              how far it is: applications by group and state, notices
    close TOWN CODE             freezes the list, when applications are over and reviewed
    draw TOWN CODE              draws; operators alone see the result
    publish TOWN CODE           publishes seed and result; workers send the notices
    redraw TOWN CODE [--dry-run]  gives what was not claimed in time down the waiting list
    file TOWN CODE              prints the published file
    replay FILE                 draws a published file again; needs no database and no secret

What is printed is JSON. Set up by the same ``KOBAN_*`` as the gateway; `replay` reads none of them.
Ends with 0, or with 1 and one sentence that says why not; `replay` with 1 where the file differs
from what its seed and list come to, each difference on a line.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from config.profile import ProfileError, stored_profile
from config.settings import load
from gateway.http.draw_console import new_draw, opened_facts, progress_of
from gateway.http.draw_views import refused_draw, refused_offer
from gateway.office import DONE, NOT_DONE, OfficeFault, ended, taught
from gateway.protocol import api_draws
from ledger import audit, draw_stages, draws, lottery
from ledger.database import Connection, Pool, open_pool, transaction
from ledger.draws import Draw, DrawRefused
from ledger.offers import OfferRefused
from ledger.profiles import stored_profiles
from ledger.towns import town_number
from ledger.vault import Vault

FILE_BYTES_MAX = 100_000_000  # A list of half a million; nothing larger is read into memory.


class DrawFault(OfficeFault):
    """It was not done; the message says why and what to do."""


def replay(file: Path) -> list[str]:
    """Everything in which a published file differs from what its seed and list come to.

    Raises:
        DrawFault: it cannot be read, or is none.
    """
    try:
        with file.open("rb") as opened:
            text = opened.read(FILE_BYTES_MAX + 1)
        if len(text) > FILE_BYTES_MAX:
            raise DrawFault(f"{file}: it has more than {FILE_BYTES_MAX} bytes")
        return lottery.replay(lottery.read_drawing(text))
    except OSError as error:
        raise DrawFault(f"{file}: {error.strerror}") from None
    except ValueError as error:
        raise DrawFault(f"{file}: this is no published draw: {error}") from None


class Desk:
    """What one command works with. ``town`` and ``code``: which draw."""

    def __init__(
        self, pool: Pool, vault: Vault, town: int, town_code: str, code: str, now: datetime
    ) -> None:
        self.pool, self.vault = pool, vault
        self.town, self.town_code, self.code, self.now = town, town_code, code, now

    async def record(
        self, connection: Connection, act: str, after: dict[str, object] | None = None
    ) -> None:
        """Writes the line of the act in the audit."""
        actor = audit.at_command_line()
        await audit.record(
            connection, self.town, actor, act, f"draw:{self.code}", self.now, after=after
        )

    async def told(self, draw: Draw) -> bytes:
        """How far the draw is."""
        return _json(await progress_of(self.pool, self.town, draw, self.now))

    async def draw(self) -> Draw:
        """The draw.

        Raises:
            DrawRefused: ``unknown``.
        """
        found = await draws.find_draw(self.pool, self.town, self.code)
        if found is None:
            raise DrawRefused(draws.WhyNot.UNKNOWN)
        return found


async def _open(desk: Desk, body: api_draws.NewDraw, zone: ZoneInfo) -> bytes:
    desk.code = body.code
    async with transaction(desk.pool) as connection:
        draw = await draw_stages.open_draw(
            connection, desk.vault, desk.town, new_draw(body, zone), desk.now
        )
        await desk.record(connection, "draw.opened", opened_facts(draw))
    return await desk.told(draw)


async def _close(desk: Desk) -> bytes:
    async with transaction(desk.pool) as connection:
        draw = await draw_stages.close(connection, desk.town, desk.town_code, desk.code, desk.now)
        assert draw.digest is not None
        await desk.record(connection, "draw.closed", {"digest": draw.digest.hex()})
    return await desk.told(draw)


async def _draw(desk: Desk) -> bytes:
    async with transaction(desk.pool) as connection:
        draw = await draw_stages.hold(
            connection, desk.vault, desk.town, desk.town_code, desk.code, desk.now
        )
        await desk.record(connection, "draw.drawn")
    return await desk.told(draw)


async def _publish(desk: Desk) -> bytes:
    async with transaction(desk.pool) as connection:
        draw = await draw_stages.publish(connection, desk.town, desk.code, desk.now)
        await desk.record(connection, "draw.published")
    return await desk.told(draw)


async def _redraw(desk: Desk, *, dry_run: bool) -> bytes:
    draw = await desk.draw()
    if dry_run:
        free, waiting = await draws.unclaimed(desk.pool, desk.town, draw.offer.offer)
        until = draw.claim_until.isoformat()
        return _json({"free": free, "waiting": waiting, "claim_until": until})
    async with transaction(desk.pool) as connection:
        redrawn = await draw_stages.redraw(connection, desk.town, desk.code, desk.now)
        facts = {"round": redrawn.round, "free": redrawn.free, "drawn": redrawn.drawn}
        await desk.record(connection, "draw.redrawn", dict(facts))
    return _json(facts)


async def _file(desk: Desk) -> bytes:
    draw = await desk.draw()
    drawing = await draw_stages.drawing(desk.pool, desk.vault, desk.town, desk.town_code, draw)
    return _json(drawing)


ACTS = {"close": _close, "draw": _draw, "publish": _publish, "file": _file}


async def run(options: argparse.Namespace, now: datetime) -> bytes:
    """Does what the command line says; what to print.

    Raises:
        DrawFault, LedgerError, SettingsError: it was not done.
    """
    settings = load()
    pool = await open_pool(settings.postgres_dsn, 2)
    try:
        town = await town_number(pool, options.town)
        if town is None:
            raise DrawFault(f"there is no town {options.town!r}; load one: koban towns load FILE")
        code = getattr(options, "code", "")
        desk = Desk(pool, Vault.of(settings), town, options.town, code, now)
        if options.act == "open":
            return await _open(desk, _described(options.file), await _zone(pool, town))
        if options.act == "show":
            return await desk.told(await desk.draw())
        if options.act == "redraw":
            return await _redraw(desk, dry_run=options.dry_run)
        return await ACTS[options.act](desk)
    except DrawRefused as error:
        raise DrawFault(refused_draw(error).body.message) from error
    except OfferRefused as error:
        raise DrawFault(refused_offer(error).body.message) from error
    finally:
        await pool.close()


def _described(file: Path) -> api_draws.NewDraw:
    try:
        return msgspec.json.decode(file.read_bytes(), type=api_draws.NewDraw)
    except OSError as error:
        raise DrawFault(f"{file}: {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DrawFault(f"{file}: {error}") from None


async def _zone(pool: Pool, town: int) -> ZoneInfo:
    sources = [one.source for one in await stored_profiles(pool) if one.town == town]
    try:
        return ZoneInfo(stored_profile(sources[-1]).town.time_zone)
    except ProfileError as error:
        raise DrawFault(f"{error}; load the town's file again") from None


def _json(told: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(told), indent=2)


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, read."""
    parser = taught("draws", __doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    act = acts.add_parser("open", help="open a draw")
    act.add_argument("town")
    act.add_argument("file", type=Path, metavar="FILE")
    for name, what in (
        ("show", "how far it is"),
        ("close", "freeze the list"),
        ("draw", "draw"),
        ("publish", "publish seed and result"),
        ("redraw", "give what was not claimed down the waiting list"),
        ("file", "print the published file"),
    ):
        act = acts.add_parser(name, help=what)
        act.add_argument("town")
        act.add_argument("code")
        if name == "redraw":
            act.add_argument("--dry-run", action="store_true", help="say what would be free")
    act = acts.add_parser("replay", help="draw a published file again")
    act.add_argument("file", type=Path, metavar="FILE")
    return parser.parse_args(words)


def utc_now() -> datetime:
    """The present instant."""
    return datetime.now(UTC)


def main(words: Sequence[str] | None = None, clock: Callable[[], datetime] = utc_now) -> int:
    """The command; its exit status."""
    options = arguments(words)

    def act() -> int:
        if options.act == "replay":
            wrong = replay(options.file)
            for line in wrong:
                print(line, file=sys.stderr)
            if not wrong:
                print(f"{options.file}: the same winners, in the same order")
            return NOT_DONE if wrong else DONE
        print(asyncio.run(run(options, clock())).decode())
        return DONE

    return ended("draws", act)


if __name__ == "__main__":
    sys.exit(main())
