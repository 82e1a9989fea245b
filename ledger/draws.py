"""Draws: the places of an offer by lottery, from the commitment to the last redraw.

A draw goes through its stages in one direction. It is opened with a seed that nobody sees and whose
SHA-256 everybody may; people apply (`ledger.applications`); when their time is over and no
application waits for an operator, the list is frozen; it is drawn (`ledger.lottery`); the result is
published with the seed, which makes notices (`ledger.draw_notices`) and awards to those who have a
wallet. Everybody else claims with a purchaser number (`ledger.purchasers`). What is not claimed in
time is drawn again, down the waiting list, until places or list are at their end.

Whoever changes a draw holds its row meanwhile.
"""

import asyncio
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec
from asyncpg import Record
from msgspec import Struct

from ledger import lottery, offers
from ledger.database import Connection, Executor, fetch_row, fetch_rows, load_queries, transaction
from ledger.errors import LedgerError
from ledger.lottery import Drawing, Entry, Group, Redraw, Remainder, Winner
from ledger.offers import Awarding, NewOffer, Offer
from ledger.vault import Vault

SQL = load_queries("draws")


class Stage(StrEnum):
    """How far a draw is."""

    TO_COME = "to_come"  # Its applications are not open yet.
    OPEN = "open"  # People apply.
    OVER = "over"  # They do no longer; the list is not frozen yet.
    CLOSED = "closed"  # The list is frozen.
    DRAWN = "drawn"  # The result is there, for operators alone.
    PUBLISHED = "published"


class DrawGroup(Struct, frozen=True):
    """Applicants of a kind, with places of their own and tickets for each of them."""

    code: str
    name: str
    places: int
    weight: int


class NewDraw(Struct, frozen=True):
    """A draw to open: its offer, and how places are drawn. The bounds are as in `koban.draw`."""

    offer: NewOffer
    groups: Sequence[DrawGroup]
    remainder: Remainder
    claim_until: datetime
    redraw_days: int
    units_max: int = 1
    address_max: int = 4
    network_max: int = 10


class Draw(Struct, frozen=True):
    """A draw. ``round``: 0 before the first; ``claim_until`` is the present round's."""

    offer: Offer
    groups: list[DrawGroup]
    remainder: Remainder
    units_max: int
    address_max: int
    network_max: int
    commitment: bytes
    claim_until: datetime
    redraw_days: int
    round: int
    opened_at: datetime
    closed_at: datetime | None
    digest: bytes | None
    drawn_at: datetime | None
    published_at: datetime | None
    key_id: int
    seed_encrypted: bytes

    def stage(self, now: datetime) -> Stage:
        """How far it is at ``now``."""
        if self.published_at is not None:
            return Stage.PUBLISHED
        if self.drawn_at is not None:
            return Stage.DRAWN
        if self.closed_at is not None:
            return Stage.CLOSED
        if now < self.offer.opens_at:
            return Stage.TO_COME
        return Stage.OPEN if self.offer.open_at(now) else Stage.OVER


class State(StrEnum):
    """What became of an application; see `koban.application`."""

    ENTERED = "entered"
    REVIEW = "review"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    WON = "won"
    WAITING = "waiting"
    CLAIMED = "claimed"
    LAPSED = "lapsed"


class Count(Struct, frozen=True):
    """So many applications of a group in a state, and the units they wish for."""

    group: str
    state: State
    applications: int
    units: int


class Redrawn(Struct, frozen=True):
    """What a redraw came to: so many places were free, so many have somebody again."""

    round: int
    free: int
    drawn: int


class WhyNot(StrEnum):
    """Why something is not done with a draw; the first that applies is told."""

    UNKNOWN = "unknown"
    GROUPS = "groups"  # None, two of one code, or more places than there are.
    CLAIM_PERIOD = "claim_period"  # Not closes_at < claim_until <= use_until.
    STAGE = "stage"  # Not at this stage.
    REVIEWS = "reviews"  # Applications wait for an operator.
    CLAIMING = "claiming"  # Places can still be claimed.
    ALL_CLAIMED = "all_claimed"  # No place is free.


class DrawRefused(LedgerError):
    """It was not done and nothing changed. ``stage`` is the draw's, where there is one."""

    def __init__(self, why: WhyNot, stage: Stage | None = None, reviews: int = 0) -> None:
        super().__init__(why.value)
        self.why, self.stage, self.reviews = why, stage, reviews


# -- looking ---------------------------------------------------------------------------------------


async def find_draw(pool: Executor, town: int, code: str) -> Draw | None:
    """A draw by its offer's code; None where there is none."""
    offer = await offers.offer_by_code(pool, town, code)
    return None if offer is None else await _read(pool, town, offer, SQL["draw"])


async def draw_of(pool: Executor, town: int, number: int) -> Draw:
    """A draw by its offer's number, which is known."""
    offer = await offers.find_offer(pool, town, number)
    assert offer is not None
    draw = await _read(pool, town, offer, SQL["draw"])
    assert draw is not None
    return draw


async def lock_draw(connection: Connection, town: int, code: str) -> Draw:
    """The draw, held until the end of the transaction.

    Raises:
        DrawRefused: ``unknown``.
    """
    offer = await offers.offer_by_code(connection, town, code)
    draw = None if offer is None else await _read(connection, town, offer, SQL["lock_draw"])
    if draw is None:
        raise DrawRefused(WhyNot.UNKNOWN)
    return draw


async def wait_for(connection: Connection, town: int, numbers: Sequence[int]) -> None:
    """Holds the draws of these offers until the end of the transaction, in ascending order."""
    for number in sorted(numbers):
        await connection.execute(SQL["lock_draw"], town, number)


async def draws(pool: Executor, town: int, limit: int) -> list[Draw]:
    """The town's draws, newest first."""
    found = []
    for row in await fetch_rows(pool, SQL["draw_codes"], town, limit):
        draw = await find_draw(pool, town, row["code"])
        assert draw is not None
        found.append(draw)
    return found


async def counts(pool: Executor, town: int, offer: int) -> list[Count]:
    """How many applications of each group are in each state."""
    rows = await fetch_rows(pool, SQL["counts"], town, offer)
    return [Count(group, State(state), *rest) for group, state, *rest in rows]


async def notices_by_state(pool: Executor, town: int, offer: int) -> dict[str, int]:
    """How far the notices are: how many are waiting, sending, sent, failed, void."""
    rows = await fetch_rows(pool, SQL["notices_by_state"], town, offer)
    return {row["state"]: row["notices"] for row in rows}


async def drawing(pool: Executor, vault: Vault, town: int, town_code: str, draw: Draw) -> Drawing:
    """What is published now: the frozen list, and from the result on the seed and every round.

    Raises:
        DrawRefused: ``stage``: the list is not frozen yet.
    """
    if draw.digest is None:
        raise DrawRefused(WhyNot.STAGE, Stage.OVER)
    rows = await fetch_rows(pool, SQL["list"], town, draw.offer.offer)
    listed = _drawing(town_code, draw, rows)
    if draw.published_at is None:
        return listed
    first = [row for row in rows if row["round"] == 1]
    return msgspec.structs.replace(
        listed,
        seed=_seed(vault, town, draw).hex(),
        winners=_winners(first),
        waiting=[str(row["id"]) for row in rows if row["round"] != 1],
        redraws=[
            Redraw(
                [str(row["id"]) for row in rows if row["gone_round"] == number],
                _winners([row for row in rows if row["round"] == number]),
            )
            for number in range(2, draw.round + 1)
        ],
    )


# -- from stage to stage ---------------------------------------------------------------------------


async def open_draw(pool: Executor, vault: Vault, town: int, new: NewDraw, now: datetime) -> Draw:
    """Opens a draw and its offer, and commits to a seed.

    Raises:
        DrawRefused: ``groups``, ``claim_period``.
        OfferRefused: why the offer is not opened.
    """
    codes = [group.code for group in new.groups]
    own = sum(group.places for group in new.groups)
    if not codes or len(set(codes)) != len(codes) or own > new.offer.places:
        raise DrawRefused(WhyNot.GROUPS)
    if not new.offer.closes_at < new.claim_until <= new.offer.use_until:
        raise DrawRefused(WhyNot.CLAIM_PERIOD)
    assert new.offer.awarding is Awarding.DRAW
    seed = secrets.token_bytes(lottery.SEED_BYTES)
    async with transaction(pool) as connection:
        offer = await offers.open_offer(connection, town, new.offer, now)
        await connection.execute(
            SQL["add_draw"],
            town,
            offer.offer,
            new.remainder.value,
            new.units_max,
            new.address_max,
            new.network_max,
            lottery.commitment_of(seed),
            vault.key_id,
            vault.encrypt(seed.hex(), town, _owner(offer.offer), "seed"),
            new.claim_until,
            new.redraw_days,
            now,
        )
        await connection.execute(
            SQL["add_groups"],
            town,
            offer.offer,
            codes,
            [group.name for group in new.groups],
            [group.places for group in new.groups],
            [group.weight for group in new.groups],
        )
        return await draw_of(connection, town, offer.offer)


async def close(
    connection: Connection, town: int, town_code: str, code: str, now: datetime
) -> Draw:
    """Freezes the list, within the caller's transaction.

    Raises:
        DrawRefused: ``unknown``, ``stage``, ``reviews``.
    """
    draw = await _locked_at(connection, town, code, Stage.OVER, now)
    number = draw.offer.offer
    waiting = await fetch_row(connection, SQL["waiting_reviews"], town, number)
    assert waiting is not None
    if waiting["reviews"]:
        raise DrawRefused(WhyNot.REVIEWS, Stage.OVER, waiting["reviews"])
    await connection.execute(SQL["freeze"], town, number)
    rows = await connection.fetch(SQL["list"], town, number)
    digest = lottery.digest_of(_drawing(town_code, draw, rows))
    await connection.execute(SQL["closed"], town, number, now, digest)
    return await draw_of(connection, town, number)


async def hold(
    connection: Connection, vault: Vault, town: int, town_code: str, code: str, now: datetime
) -> Draw:
    """Draws: the order and the places, within the caller's transaction.

    Raises:
        DrawRefused: ``unknown``, ``stage``.
    """
    draw = await _locked_at(connection, town, code, Stage.CLOSED, now)
    number = draw.offer.offer
    rows = await connection.fetch(SQL["list"], town, number)
    listed = _drawing(town_code, draw, rows)
    assert lottery.digest_of(listed) == draw.digest, "the list is the one that was frozen"
    line, winners = await asyncio.to_thread(_held, listed, _seed(vault, town, draw))
    pools = {winner.id: winner.pool for winner in winners}
    await connection.execute(
        SQL["place"],
        town,
        number,
        [UUID(entry.id) for entry in line],
        [pools.get(entry.id) for entry in line],
    )
    await connection.execute(SQL["drawn"], town, number, now)
    return await draw_of(connection, town, number)


async def publish(connection: Connection, town: int, code: str, now: datetime) -> Draw:
    """Makes seed and result everybody's, within the caller's transaction: notices wait to be sent,
    and winners with a wallet have their places.

    Raises:
        DrawRefused: ``unknown``, ``stage``.
    """
    draw = await _locked_at(connection, town, code, Stage.DRAWN, now)
    number = draw.offer.offer
    await connection.execute(SQL["published"], town, number, now)
    await _award_wallets(connection, town, number, 1, now)
    await connection.execute(SQL["add_notices"], town, number, 1, now)
    return await draw_of(connection, town, number)


async def redraw(connection: Connection, town: int, code: str, now: datetime) -> Redrawn:
    """Gives the places that were not claimed in time down the waiting list, within the caller's
    transaction.

    Raises:
        DrawRefused: ``unknown``, ``stage``, ``claiming``, ``all_claimed``.
    """
    draw = await _locked_at(connection, town, code, Stage.PUBLISHED, now)
    number, later = draw.offer.offer, draw.round + 1
    if now < draw.claim_until:
        raise DrawRefused(WhyNot.CLAIMING, Stage.PUBLISHED)
    if draw.offer.ended_at is not None:
        raise DrawRefused(WhyNot.STAGE, Stage.PUBLISHED)
    found = await fetch_row(connection, SQL["unclaimed"], town, number)
    assert found is not None
    if not found["free"]:
        raise DrawRefused(WhyNot.ALL_CLAIMED, Stage.PUBLISHED)
    freed = [row["pool"] for row in await connection.fetch(SQL["leave"], town, number, later)]
    rows = await connection.fetch(SQL["line"], town, number)
    line = [Entry(str(row["id"]), row["group_code"]) for row in rows]
    # A place that is worth nothing any more by the time its winner could claim it is nobody's.
    winners, _ = lottery.again(line, freed, draw.remainder)
    if now >= draw.offer.use_until:
        winners = []
    await connection.execute(
        SQL["win"],
        town,
        number,
        later,
        [UUID(winner.id) for winner in winners],
        [winner.pool for winner in winners],
    )
    until = min(now + timedelta(days=draw.redraw_days), draw.offer.use_until)
    await connection.execute(SQL["next_round"], town, number, later, max(until, draw.claim_until))
    await _award_wallets(connection, town, number, later, now)
    await connection.execute(SQL["add_notices"], town, number, later, now)
    return Redrawn(later, len(freed), len(winners))


async def unclaimed(pool: Executor, town: int, offer: int) -> tuple[int, int]:
    """How many places would be free in a redraw, and how many applications wait."""
    row = await fetch_row(pool, SQL["unclaimed"], town, offer)
    assert row is not None
    return row["free"], row["waiting"]


async def to_close(pool: Executor, town: int, now: datetime) -> list[str]:
    """Codes of draws whose list can be frozen."""
    return [row["code"] for row in await fetch_rows(pool, SQL["draws_to_close"], town, now)]


async def to_redraw(pool: Executor, town: int, now: datetime) -> list[str]:
    """Codes of draws with places that were not claimed in time."""
    return [row["code"] for row in await fetch_rows(pool, SQL["draws_to_redraw"], town, now)]


async def encrypt_again(pool: Executor, vault: Vault, step: int) -> int:
    """Brings some seeds under the vault's first key; how many.

    Raises:
        Unreadable: one is under a key that the vault has not.
    """
    async with transaction(pool) as connection:
        rows = await connection.fetch(SQL["seeds_under_other_keys"], vault.key_id, step)
        for town, offer, key_id, kept in rows:
            seed = vault.decrypt(key_id, kept, town, _owner(offer), "seed")
            hidden = vault.encrypt(seed, town, _owner(offer), "seed")
            await connection.execute(SQL["encrypt_seed"], town, offer, vault.key_id, hidden)
        return len(rows)


# -- their common parts ----------------------------------------------------------------------------


async def _read(pool: Executor, town: int, offer: Offer, query: str) -> Draw | None:
    row = await fetch_row(pool, query, town, offer.offer)
    if row is None:
        return None
    groups = await fetch_rows(pool, SQL["groups"], town, offer.offer)
    return Draw(
        offer,
        [DrawGroup(*group) for group in groups],
        Remainder(row["remainder"]),
        *tuple(row)[1:],
    )


async def _locked_at(
    connection: Connection, town: int, code: str, wanted: Stage, now: datetime
) -> Draw:
    draw = await lock_draw(connection, town, code)
    if (stage := draw.stage(now)) is not wanted:
        raise DrawRefused(WhyNot.STAGE, stage)
    return draw


async def _award_wallets(
    connection: Connection, town: int, offer: int, number: int, now: datetime
) -> None:
    """Winners of a round who applied with a wallet have their places at once."""
    rows = await connection.fetch(SQL["winners_with_wallet"], town, offer, number)
    wallets = [row["wallet"] for row in rows]
    if wallets:
        awarded = await offers.award(connection, town, offer, wallets, now)
        have = [award.wallet for award in awarded]
        await connection.execute(SQL["claim_by_wallet"], town, offer, have)


def _drawing(town_code: str, draw: Draw, rows: Sequence[Record]) -> Drawing:
    """The list as it is frozen; the digest is the kept one, or not there yet."""
    return Drawing(
        lottery.FORMAT,
        town_code,
        draw.offer.code,
        draw.offer.places,
        draw.remainder,
        [Group(group.code, group.places, group.weight) for group in draw.groups],
        draw.commitment.hex(),
        sorted((Entry(str(row["id"]), row["group_code"]) for row in rows), key=lambda e: e.id),
        "" if draw.digest is None else draw.digest.hex(),
    )


def _held(listed: Drawing, seed: bytes) -> tuple[list[Entry], list[Winner]]:
    """The order and the winners: a second's work where 200,000 have applied."""
    line = lottery.line_of(listed, seed)
    return line, lottery.winners_of(listed, line)


def _winners(rows: Sequence[Record]) -> list[Winner]:
    return [Winner(str(row["id"]), row["pool"]) for row in rows]


def _seed(vault: Vault, town: int, draw: Draw) -> bytes:
    return bytes.fromhex(
        vault.decrypt(draw.key_id, draw.seed_encrypted, town, _owner(draw.offer.offer), "seed")
    )


def _owner(offer: int) -> str:
    return f"draw:{offer}"
