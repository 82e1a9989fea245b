"""First-come sales (先着順): what Postgres knows of them, and nothing is true but that.

A sale is an offer whose places go to whoever comes first (`ledger.offers`): every such offer of
rights, and those rounds of a coupon that an operator gave a queue; the others are claimed without
one, which is enough where nobody expects a rush. Everybody waits in a queue outside (the waiting
room, in Redis); here places are sold in slices, each a transaction of its own that one process at a
time carries out: never more places than there are, never two to a wallet, whatever the queue says
or forgets.

Who comes before the opening does not gain by coming earlier: their order is drawn. The draw is a
function of a seed and the wallet's number, and the seed's digest is public long before, so
everybody can check their place as soon as the seed is published.
"""

import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256

from asyncpg import Record
from msgspec import Struct

from ledger import offers
from ledger.database import (
    Executor,
    Pool,
    fetch_row,
    fetch_rows,
    load_queries,
    open_pool,
    transaction,
)
from ledger.identity import digest
from ledger.offers import Award
from ledger.vault import Vault, owner

SQL = load_queries("sales")

SEED_BYTES = 32
# Orders are kept as numbers that a double holds exactly: below zero who came early, above it the
# microseconds since 1970 of who came later.
EARLY_SCORES = 2**52
# The lane's connections: for what it looks up, and for selling. Payments have connections of their
# own, and most of what the server can do.
CONNECTIONS = 2
STATEMENT_TIMEOUT_MS = 3_000  # A slice takes some milliseconds.
IDLE_TIMEOUT_MS = 3_000  # A seller that stands still in the middle of a slice loses its turn.
SOLD_MAX = 5_000  # Places that are read at once.


class Sale(Struct, frozen=True):
    """A first-come offer as its lane sees it.

    ``seed`` None: nobody has prepared it yet. ``age_min``: years that a buyer must have. ``room``
    and ``held_until``: see the table.
    """

    town: int
    offer: int
    code: str
    name: str
    places: int
    awarded: int
    opens_at: datetime
    closes_at: datetime
    ended_at: datetime | None
    seed: bytes | None
    age_min: int | None
    room: int | None
    held_until: datetime | None

    @property
    def sold_out(self) -> bool:
        """Whether no place is left."""
        return self.awarded >= self.places

    def closed_at(self, now: datetime) -> bool:
        """Whether nothing is sold any more, places left or not."""
        return self.ended_at is not None or self.closes_at <= now

    def selling_at(self, now: datetime) -> bool:
        """Whether places are sold at ``now``."""
        return self.opens_at <= now and not self.closed_at(now) and not self.sold_out


class Visitor(Struct, frozen=True):
    """A wallet that is signed in, and what a sale asks of its holder.

    ``known``: it has a holder, whose phone was verified. ``open``: it is not frozen. ``until``:
    when its session ends.
    """

    wallet: int
    until: datetime
    open: bool
    known: bool
    birth_date: date | None


def early_score(seed: bytes, wallet: int) -> int:
    """Where a wallet that came before the opening stands among all of them: the least is first.

    The first 8 bytes of SHA-256(seed, wallet as 8 bytes), big-endian, modulo 2^52, less 2^52.
    """
    drawn = sha256(seed + wallet.to_bytes(8, "big")).digest()[:8]
    return int.from_bytes(drawn, "big") % EARLY_SCORES - EARLY_SCORES


def commitment(seed: bytes) -> str:
    """What is public of a seed before it is: its SHA-256, in hexadecimal digits."""
    return sha256(seed).hexdigest()


def age_on(born: date, day: date) -> int:
    """Whole years of age, by the calendar: somebody born on 29 February is older on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


async def open_lane_pool(dsn: str) -> Pool:
    """The lane's own connections, with bounds of their own.

    Raises:
        LedgerUnavailable: Postgres cannot be reached.
    """
    return await open_pool(
        dsn,
        CONNECTIONS,
        application_name="koban sales",
        statement_timeout=str(STATEMENT_TIMEOUT_MS),
        idle_in_transaction_session_timeout=str(IDLE_TIMEOUT_MS),
    )


async def sales(pool: Executor, now: datetime, kept: timedelta) -> list[Sale]:
    """All towns' sales that are to come, are open, or closed within ``kept``.

    One that nobody has seen before gets its seed.
    """
    found = [_sale(row) for row in await fetch_rows(pool, SQL["sales"], now - kept)]
    new = [sale for sale in found if sale.seed is None]
    if not new:
        return found
    for sale in new:
        seed = secrets.token_bytes(SEED_BYTES)
        await fetch_row(pool, SQL["add_sale"], sale.town, sale.offer, seed)
    return [_sale(row) for row in await fetch_rows(pool, SQL["sales"], now - kept)]


async def find_sale(pool: Executor, town: int, offer: int) -> Sale | None:
    """One first-come offer as a sale, or None; a coupon's round without a ``seed`` has no queue."""
    row = await fetch_row(pool, SQL["sale"], town, offer)
    return _sale(row) if row else None


async def set_age_min(
    pool: Executor, town: int, offer: int, age_min: int | None, now: datetime
) -> bool:
    """Says from which age on people may buy, and gives a coupon's round a queue.

    False where the sale has opened, or is none: nothing was changed.
    """
    seed = secrets.token_bytes(SEED_BYTES)
    async with transaction(pool) as connection:
        sale = await find_sale(connection, town, offer)
        if sale is None or sale.opens_at <= now:
            return False
        await fetch_row(connection, SQL["add_sale"], town, offer, seed)
        row = await fetch_row(connection, SQL["set_age_min"], town, offer, age_min, now)
    return row is not None


async def sold(pool: Executor, town: int, offer: int, behind: int) -> list[tuple[int, int]]:
    """Pairs of a place and its wallet, from the place after ``behind`` on; some at a time."""
    rows = await fetch_rows(pool, SQL["sold"], town, offer, behind, SOLD_MAX)
    return [(row["place"], row["wallet"]) for row in rows]


async def sell(
    pool: Pool,
    sale: Sale,
    wallets: Sequence[int],
    now: datetime,
    *,
    room: int,
    told_until: datetime,
    held_max: timedelta,
) -> list[Award] | None:
    """Sells places to the first of a waiting room, in their order, in one transaction.

    None where another process is at it, or where the sale is held: ``room`` is another than before,
    and not everybody who waited in that one can be back yet. Without wallets it only takes note of
    the room. Told are the places that these wallets have then. ``now`` is not looked at: whether it
    is time to sell is for the caller to know.
    """
    async with transaction(pool) as connection:
        turn = await fetch_row(connection, SQL["take_turn"], sale.town, sale.offer)
        if turn is None or not turn["taken"]:
            return None
        noted = await fetch_row(
            connection, SQL["note_room"], sale.town, sale.offer, room, told_until, now + held_max
        )
        if noted is None or (noted["held_until"] or now) > now:
            return None
        if not wallets:
            return []
        return await offers.award(connection, sale.town, sale.offer, wallets, now)


async def note_told(pool: Executor, sale: Sale, told_until: datetime) -> None:
    """Somebody was told to ask again then, while there was no waiting room: it waits for them."""
    await fetch_row(pool, SQL["note_told"], sale.town, sale.offer, told_until)


async def visitors(
    pool: Executor, vault: Vault, town: int, tokens: Sequence[str], now: datetime
) -> list[Visitor | None]:
    """Who is signed in as a wallet with each of these tokens; None where nobody is."""
    digests = [digest(token) for token in tokens]
    rows = await fetch_rows(pool, SQL["visitors"], town, digests, now)
    found = {row["token_digest"]: _visitor(vault, town, row) for row in rows}
    return [found.get(each) for each in digests]


def _sale(row: Record) -> Sale:
    return Sale(*row)


def _visitor(vault: Vault, town: int, row: Record) -> Visitor:
    born = None
    if (kept := row["birth_date_encrypted"]) is not None:
        whose = owner(row["wallet"])
        born = date.fromisoformat(vault.decrypt(row["key_id"], kept, town, whose, "birth_date"))
    return Visitor(row["wallet"], row["expires_at"], row["open"], row["known"], born)
