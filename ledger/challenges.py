"""Challenge projects (H8): a goal of the whole town, and a bonus for all who took part.

The count runs behind the entries: their numbers have no gaps and are committed in order, so whoever
goes on behind the last one that was counted misses none. Counting reads the journal and writes to
its own two tables; payments neither wait for it nor know of it. Anybody may look (`look`); who
finds that somebody else is counting leaves it to them.

Where the goal is reached is an entry, hence the same for everybody who counts, and who took part by
then stands for ever. Bonuses are grants like any other, each with an id made of the challenge's key
and the wallet: asked for twice, given once.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4, uuid5

import asyncpg
from msgspec import Struct

from ledger import audit, authorise, challenge_counts
from ledger.audit import Actor, ActorKind
from ledger.challenge_counts import Act, Count, Goal
from ledger.database import (
    Connection,
    Executor,
    Pool,
    chosen,
    fetch_row,
    fetch_rows,
    load_queries,
    transaction,
    translated,
)
from ledger.outcomes import Outcome
from ledger.requests import Kind, Request

SQL = load_queries("challenges")

ENTRIES_MAX = 2_000  # A slice of counting: some tens of milliseconds.
GRANTS_MAX = 200  # A slice of bonuses, which is what one call of the ledger takes.

# An entry may be committed some time after the instant that it was decided at, and gateways' clocks
# differ a little. So long after its end a challenge is closed, and so long before its beginning it
# starts to look at each entry.
LATE = timedelta(minutes=2)

COUNTER = Actor(ActorKind.SYSTEM, None, "challenges", "jobs")


class NewChallenge(Struct, frozen=True):
    """A challenge to make; see ``koban.challenge``. ``bonus``: yen."""

    code: str
    name: str
    goal: Goal
    bonus: int
    bonus_activity: str


class Challenge(Struct, frozen=True):
    """A challenge as far as it has come. ``state``: open, reached, missed or stopped. ``granted``
    bonuses of ``instrument`` were given, ``refused`` ones were not.
    """

    challenge: int
    key: UUID
    code: str
    name: str
    goal: Goal
    bonus: int
    bonus_activity: str
    state: str
    counted_to: int
    progress: int
    people: int
    reached_entry: int | None
    reached_at: datetime | None
    granted: int
    refused: int
    instrument: int

    def bonus_id(self, wallet: int, attempt: int) -> UUID:
        """The id of the grant by which a wallet gets its bonus."""
        return uuid5(self.key, f"{wallet} {attempt}")


class Activity(Struct, frozen=True):
    """An activity for which a bonus is granted; ``left`` of its budget, None: no bound."""

    amount: int | None
    amount_max: int
    starts_at: datetime
    ends_at: datetime
    left: int | None


# -- acts ------------------------------------------------------------------------------------------


async def add(connection: Connection, town: int, new: NewChallenge) -> bool:
    """Makes a challenge; False: its code is taken."""
    goal = new.goal
    with translated():
        number = await connection.fetchval(
            SQL["add"],
            *(town, uuid4(), new.code, new.name, goal.kind, goal.goal, goal.activity),
            *(goal.takes_part, goal.starts_at, goal.ends_at, new.bonus, new.bonus_activity),
        )
    return number is not None


async def stop(connection: Connection, town: int, code: str) -> bool:
    """Calls a challenge off; False: it is not open."""
    with translated():
        return await connection.fetchval(SQL["stop"], town, code) is not None


async def ask_again(connection: Connection, town: int, challenge: int) -> int:
    """Lets bonuses that were refused be asked for again; how many."""
    with translated():
        return int(await connection.fetchval(SQL["ask_again"], town, challenge))


# -- counting --------------------------------------------------------------------------------------


async def look(pool: Pool, town: int, now: datetime) -> bool:
    """Counts a slice of each open challenge; whether there is more to count."""
    more = False
    for challenge in await challenges(pool, town, open=True):
        async with transaction(pool) as connection:
            more |= await _count(connection, town, challenge.challenge, now)
    return more


async def _count(connection: Connection, town: int, number: int, now: datetime) -> bool:
    row = await connection.fetchrow(SQL["lock"], town, number)
    if row is None:
        return False
    challenge = _challenge(row)
    goal = challenge.goal
    count = Count(challenge.counted_to, challenge.progress, challenge.people, {})
    if now < goal.starts_at - LATE:
        count.counted_to = row["last_entry"]
        if count.counted_to != challenge.counted_to:
            await _keep(connection, town, challenge, count, "open")
        return False
    rows = await connection.fetch(SQL["acts"], town, challenge.counted_to, ENTRIES_MAX)
    acts = [Act(*row) for row in rows]
    wallets = sorted({act.wallet for act in acts})
    for part in await connection.fetch(SQL["parts"], town, number, wallets):
        count.parts[part["wallet"]] = part["acts"]
    known = dict(count.parts)
    challenge_counts.add(goal, count, acts)
    changed = [wallet for wallet in sorted(count.parts) if known.get(wallet) != count.parts[wallet]]
    if changed:
        times = [count.parts[wallet] for wallet in changed]
        await connection.execute(SQL["set_parts"], town, number, changed, times)
    more = len(rows) == ENTRIES_MAX and count.reached is None
    state = "open"
    if count.reached is not None:
        state = "reached"
    elif not more and now >= goal.ends_at + LATE:
        state = "missed"
    if rows or state != "open":
        await _keep(connection, town, challenge, count, state)
    if state != "open":
        await audit.record(
            connection,
            town,
            COUNTER,
            f"challenge.{state}",
            f"challenge:{challenge.code}",
            now,
            after={"progress": count.progress, "people": count.people, "entry": count.counted_to},
        )
    return more


async def _keep(
    connection: Connection, town: int, challenge: Challenge, count: Count, state: str
) -> None:
    reached = count.reached
    await connection.execute(
        SQL["set_count"],
        *(town, challenge.challenge, count.counted_to, count.progress, count.people),
        *((reached.entry, reached.at) if reached else (None, None)),
        state,
    )


# -- bonuses ---------------------------------------------------------------------------------------


async def grant(pool: Pool, town: int, now: datetime) -> bool:
    """Grants a slice of the bonuses of one challenge that was reached; whether there may be more.

    Stopped at any point it is simply done again: the ids are the same, hence the answers too.

    Raises:
        LedgerError: nothing is known about this slice; do it again.
    """
    owing = await challenges(pool, town, owing=True)
    if not owing:
        return False
    challenge = owing[-1]  # The oldest first.
    rows = await fetch_rows(pool, SQL["waiting"], town, challenge.challenge, GRANTS_MAX)
    requests = [
        Request(
            challenge.bonus_id(row["wallet"], row["attempt"]),
            Kind.GRANT,
            wallet=row["wallet"],
            way=challenge.bonus_activity,
            amount=challenge.bonus,
        )
        for row in rows
    ]
    batch = await authorise.decide(pool, town, requests, now)
    await fetch_rows(
        pool,
        SQL["set_outcomes"],
        town,
        challenge.challenge,
        [row["wallet"] for row in rows],
        [decision.outcome.value for decision in batch.decisions],
    )
    return bool(rows)


# -- reading ---------------------------------------------------------------------------------------


async def challenges(
    pool: Executor,
    town: int,
    *,
    over_after: datetime | None = None,
    open: bool = False,  # noqa: A002
    owing: bool = False,
    limit: int = 200,
) -> list[Challenge]:
    """Challenges, the newest first. ``over_after``: only those that were not over by then;
    ``open``: only those that are counted; ``owing``: only those with bonuses to grant.
    """
    return await _challenges(pool, town, over_after=over_after, open=open, owing=owing, limit=limit)


async def challenge(pool: Executor, town: int, code: str) -> Challenge | None:
    """The challenge of this code, or None."""
    found = await _challenges(pool, town, code=code, limit=1)
    return found[0] if found else None


async def _challenges(
    pool: Executor,
    town: int,
    *,
    code: str | None = None,
    over_after: datetime | None = None,
    open: bool = False,  # noqa: A002
    owing: bool = False,
    limit: int,
) -> list[Challenge]:
    query, arguments = chosen(
        SQL["challenges"],
        town=town,
        code=code,
        over_after=over_after,
        open=open,
        owing=owing,
        limit=limit,
    )
    return [_challenge(row) for row in await fetch_rows(pool, query, *arguments)]


def _challenge(row: asyncpg.Record) -> Challenge:
    fields = {name: row[name] for name in Challenge.__struct_fields__ if name != "goal"}
    of_goal = {name: row[name] for name in Goal.__struct_fields__}
    of_goal["takes_part"] = tuple(of_goal["takes_part"])
    return Challenge(**fields, goal=Goal(**of_goal))


async def activity(pool: Executor, town: int, code: str) -> Activity | None:
    """The activity of this code, or None."""
    row = await fetch_row(pool, SQL["activity"], town, code)
    return Activity(*row) if row else None


async def refusals(pool: Executor, town: int, challenge: int) -> dict[Outcome, int]:
    """Why bonuses were refused, and how many for each reason."""
    rows = await fetch_rows(pool, SQL["refusals"], town, challenge)
    return {Outcome(row["outcome"]): row["wallets"] for row in rows}


async def parts_of_wallet(
    pool: Executor, town: int, challenges: Sequence[int], wallet: int
) -> dict[int, str | None]:
    """In which of these challenges a wallet took part, and what became of its bonus."""
    rows = await fetch_rows(pool, SQL["part_of_wallet"], town, list(challenges), wallet)
    return {row["challenge"]: row["outcome"] for row in rows}
