"""Coupons and their rounds from the command line: ``koban coupons``.

    list TOWN                      the newest coupons, what they paid, and their budgets
    add TOWN FILE [--dry-run]      makes a coupon; FILE is JSON as ``POST /console/coupons`` has it
    stop TOWN CODE [--dry-run]     from now on a coupon pays nothing
    rounds TOWN                    the newest offers of places
    open TOWN FILE [--dry-run]     opens a round; FILE is as ``POST /console/offers`` has it
    end TOWN                       ends rounds that are over, as workers do each minute

With ``--dry-run`` all is done as it would be, told, and undone. ``KOBAN_POSTGRES_DSN`` names the
database. What is printed is JSON. Ends with 0, or with 1 and one sentence that says why not.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from config.profile import Profile, stored_profile
from config.settings import postgres_dsn
from gateway.http.bodies import decode_body
from gateway.http.coupon_acts import made_facts, make_coupon, open_offer, opened_facts
from gateway.http.coupon_terms import told_line, told_offer
from gateway.office import DONE, OfficeFault, ended, taught
from gateway.protocol import api_coupons as api
from ledger import audit, coupons, offers
from ledger.coupons import Uses
from ledger.database import Connection, Pool, open_pool, transaction
from ledger.profiles import stored_source, versions_in_force
from ledger.towns import town_number

LINES = 200


class CouponFault(OfficeFault):
    """It was not done; the message says why and what to do."""


class _Undone(Exception):
    """Ends a transaction that was only a rehearsal."""


class Ended(Struct, frozen=True):
    """An offer that was ended, and the yen that its budget has back."""

    offer: int
    released: int


class Endings(Struct, frozen=True):
    """What was ended."""

    ended: list[Ended]


class Desk:
    """One act: the town's rules, the transaction that it happens in, and its instant."""

    def __init__(self, profile: Profile, connection: Connection, now: datetime) -> None:
        self.profile, self.connection, self.now = profile, connection, now
        self.town = profile.town.number

    async def add(self, file: Path) -> Struct:
        """Makes a coupon."""
        body = _described(file, api.NewCoupon)
        assert isinstance(body, api.NewCoupon)
        coupon = await make_coupon(self.connection, self.profile, body, self.now)
        facts = made_facts(coupon, body.budget)
        await self._record("coupon.made", f"coupon:{coupon.coupon}", facts)
        return told_line(coupon, Uses())

    async def stop(self, code: str) -> Struct:
        """Stops a coupon."""
        found = await coupons.coupon_by_code(self.connection, self.town, code)
        if found is None:
            raise CouponFault(f"there is no coupon {code!r}; list them: koban coupons list TOWN")
        if not await coupons.stop(self.connection, self.town, found.coupon, self.now):
            raise CouponFault(f"the coupon {code!r} is over or was stopped")
        await self._record("coupon.stopped", f"coupon:{found.coupon}", {"code": code})
        stopped = await coupons.coupon(self.connection, self.town, found.coupon)
        assert stopped is not None
        uses = await coupons.uses(self.connection, self.town, [found.coupon])
        return told_line(stopped, uses[found.coupon])

    async def open(self, file: Path) -> Struct:
        """Opens a round."""
        body = _described(file, api.NewOffer)
        assert isinstance(body, api.NewOffer)
        offer = await open_offer(self.connection, self.profile, body, self.now)
        await self._record("offer.opened", f"offer:{offer.offer}", opened_facts(offer))
        return told_offer(offer)

    async def _record(self, act: str, subject: str, facts: dict[str, object]) -> None:
        await audit.record(
            self.connection,
            self.town,
            audit.at_command_line(),
            act,
            subject,
            self.now,
            after=facts,
        )


async def listed(pool: Pool, town: int) -> Struct:
    """The newest coupons."""
    found = await coupons.coupons(pool, town, limit=LINES)
    uses = await coupons.uses(pool, town, [each.coupon for each in found])
    return api.CouponLines([told_line(each, uses[each.coupon]) for each in found], None)


async def rounds(pool: Pool, town: int) -> Struct:
    """The newest offers."""
    return api.OfferLines([told_offer(each) for each in await offers.offers(pool, town, LINES)])


async def end(pool: Pool, town: int, now: datetime) -> Struct:
    """Ends every offer that is over; each is a transaction of its own."""
    ended: list[Ended] = []
    while some := await offers.end_some(pool, town, now):
        ended += [Ended(offer, released) for offer, released in some.items()]
    return Endings(ended)


async def change(
    pool: Pool, profile: Profile, options: argparse.Namespace, now: datetime
) -> Struct:
    """Does one act; with ``--dry-run`` it is undone behind the last word."""
    async with _transaction(pool, undone=options.dry_run) as connection:
        desk = Desk(profile, connection, now)
        if options.act == "stop":
            return await desk.stop(options.code)
        return await (desk.add if options.act == "add" else desk.open)(options.file)


@asynccontextmanager
async def _transaction(pool: Pool, *, undone: bool) -> AsyncIterator[Connection]:
    with suppress(_Undone):
        async with transaction(pool) as connection:
            yield connection
            if undone:
                raise _Undone


async def run(options: argparse.Namespace, now: datetime) -> Struct:
    """Does what the command line says; what to print.

    Raises:
        CouponFault, Refused, LedgerError, SettingsError, ProfileError: it was not done.
    """
    pool = await open_pool(postgres_dsn(), 1)
    try:
        town = await town_number(pool, options.town)
        version = (await versions_in_force(pool, now)).get(town or 0)
        if town is None or version is None:
            raise CouponFault(f"no town {options.town!r} has rules now: koban towns list")
        if options.act == "list":
            return await listed(pool, town)
        if options.act == "rounds":
            return await rounds(pool, town)
        if options.act == "end":
            return await end(pool, town, now)
        profile = stored_profile(await stored_source(pool, town, version))
        return await change(pool, profile, options, now)
    finally:
        await pool.close()


def _described(file: Path, kind: type[Struct]) -> Struct:
    try:
        text = file.read_bytes()
    except OSError as error:
        raise CouponFault(f"{file}: {error.strerror}") from error
    body = decode_body(text, "application/json", kind)
    assert body is not None
    return body


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, read."""
    parser = taught("coupons", __doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    for name, text in (
        ("list", "the newest coupons"),
        ("add", "make a coupon"),
        ("stop", "let a coupon pay nothing from now on"),
        ("rounds", "the newest offers of places"),
        ("open", "open a round of a coupon"),
        ("end", "end rounds that are over"),
    ):
        act = acts.add_parser(name, help=text)
        act.add_argument("town", metavar="TOWN")
        if name in {"add", "open"}:
            act.add_argument("file", type=Path, metavar="FILE")
        if name == "stop":
            act.add_argument("code", metavar="CODE")
        if name in {"add", "open", "stop"}:
            act.add_argument("--dry-run", action="store_true", help="tell it, and undo it")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """The command; its exit status."""
    options = arguments(words)

    def act() -> int:
        told = asyncio.run(run(options, datetime.now(UTC)))
        print(msgspec.json.format(msgspec.json.encode(told)).decode())
        return DONE

    return ended("coupons", act)


if __name__ == "__main__":
    sys.exit(main())
