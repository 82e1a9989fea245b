"""A draw's way: opened, frozen, drawn, published, and drawn again.

It is opened with a seed that nobody sees and whose SHA-256 everybody may; when applications are
over and none waits for an operator, the list is frozen; it is drawn (`ledger.lottery`); the result
is published with the seed, which makes notices (`ledger.purchasers`) and awards to those who have a
wallet. What is not claimed in time goes down the waiting list, until places or list are at their
end.
"""

import asyncio
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from asyncpg import Record
from msgspec import Struct

from ledger import lottery, offers
from ledger.database import Connection, Executor, fetch_rows, load_queries, transaction
from ledger.draws import (
    Draw,
    DrawGroup,
    DrawRefused,
    Stage,
    WhyNot,
    draw_of,
    lock_draw,
    unclaimed,
)
from ledger.lottery import Drawing, Entry, Group, Redraw, Remainder, Winner
from ledger.offers import Awarding, NewOffer
from ledger.vault import Vault

SQL = load_queries("draws")


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


class Redrawn(Struct, frozen=True):
    """What a redraw came to: so many places were free, so many have somebody again."""

    round: int
    free: int
    drawn: int


async def open_draw(pool: Executor, vault: Vault, town: int, new: NewDraw, now: datetime) -> Draw:
    """Opens a draw and its offer, and commits to a seed.

    Raises:
        DrawRefused: ``groups``, ``units``, ``claim_period``.
        OfferRefused: why the offer is not opened.
    """
    codes = [group.code for group in new.groups]
    own = sum(group.places for group in new.groups)
    if not codes or len(set(codes)) != len(codes) or own > new.offer.places:
        raise DrawRefused(WhyNot.GROUPS)
    if new.units_max > 1 and new.offer.coupon is not None and new.offer.amount is None:
        raise DrawRefused(WhyNot.UNITS)
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
    if waiting := await connection.fetchval(SQL["waiting_reviews"], town, number):
        raise DrawRefused(WhyNot.REVIEWS, Stage.OVER, waiting)
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
    free, _ = await unclaimed(connection, town, number)
    if not free:
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


# -- what is published ----------------------------------------------------------------------------


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


async def encrypt_again(pool: Executor, vault: Vault, step: int) -> int:
    """Brings some seeds under the vault's first key; how many.

    Raises:
        Unreadable: one is under a key that the vault has not.
    """
    async with transaction(pool) as connection:
        rows = await connection.fetch(SQL["seeds_under_other_keys"], vault.key_id, step)
        for town, offer, key_id, kept in rows:
            hidden = vault.encrypt_again(key_id, kept, town, _owner(offer), "seed")
            await connection.execute(SQL["encrypt_seed"], town, offer, vault.key_id, hidden)
        return len(rows)


# -- their common parts ----------------------------------------------------------------------------


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
    wallets, units = [row["wallet"] for row in rows], [row["units"] for row in rows]
    if wallets:
        awarded = await offers.award(connection, town, offer, wallets, now, units)
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
