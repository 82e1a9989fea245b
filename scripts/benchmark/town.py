"""A town for the bench: wallets with lots, shops, tablets, and sessions that may connect.

Value comes into the wallets by top-ups through `ledger.authorise`, the same way as any other
value, so that the books are right by construction and not by a second copy of the money's rules.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from argon2 import PasswordHasher
from msgspec import Struct
from msgspec.structs import replace

from config.profile import read_profile
from gateway.passwords import Hashing, Workers
from gateway.protocol.messages import Role
from gateway.tickets import new_token
from ledger import accounts, authorise, identity, persons
from ledger.database import Pool
from ledger.ids import uuid7
from ledger.outcomes import Outcome
from ledger.requests import Kind, Request, code_digest
from ledger.towns import load_town
from ledger.vault import Vault
from loadtest.bench.screens import Seat
from scripts.benchmark.sizes import LEDGER_CONNECTIONS, PIN, Sizes

TOWN = "nagaoka"
TOP_UP = 100_000
TOP_UPS_A_CALL = 1_000
# Sessions and tickets outlive the run.
LIFE = timedelta(hours=1)


class Screen(Struct, frozen=True):
    """A signed-in screen. ``account`` is the wallet's or shop's, 0 at the console."""

    role: Role
    account: int
    session: UUID
    token: str


class Town(Struct, frozen=True):
    """Who there is, in the order in which accounts were opened."""

    number: int
    wallets: list[int]
    shops: list[int]
    terminals: list[int]  # One a shop.
    tablets: list[Screen]  # The same, signed in.


def now() -> datetime:
    """The present instant: in here, nothing lives through years."""
    return datetime.now(UTC)


async def found(
    pool: Pool,
    sizes: Sizes,
    progress: Callable[[str], None],
    *,
    duplicate_window_s: int | None = None,
) -> Town:
    """Founds the town and fills its wallets. ``duplicate_window_s``: other than its profile's."""
    profile = read_profile(TOWN)
    if duplicate_window_s is not None:
        payments = replace(profile.payments, duplicate_window_s=duplicate_window_s)
        profile = replace(profile, payments=payments)
    await load_town(pool, profile, now())
    number = profile.town.number
    opened = [await _open_shop(pool, number, f"店 {n + 1}") for n in range(sizes.shops)]
    terminals, tablets = [terminal for terminal, _ in opened], [tablet for _, tablet in opened]
    wallets = await accounts.open_wallets(pool, number, sizes.wallets, now())
    town = Town(number, wallets, [tablet.account for tablet in tablets], terminals, tablets)
    began_s = time.monotonic()
    await _top_up(pool, town, profile.payments.code_prefix, progress)
    seconds = time.monotonic() - began_s
    progress(f"{sizes.wallets} wallets topped up in {seconds:.0f} s")
    await pool.execute("VACUUM (ANALYZE)")
    return town


async def _open_shop(pool: Pool, town: int, name: str) -> tuple[int, Screen]:
    shop = (await accounts.open_shop(pool, town, name, "food", "大手通", now())).account
    terminal = await accounts.open_terminal(pool, town, shop, "1", now())
    if terminal is None:
        raise RuntimeError(f"shop {shop} was opened and is not there")
    tablet = Screen(Role.TERMINAL, shop, uuid7(), new_token())
    code, at = new_token(), now()
    await identity.add_enrolment(pool, town, terminal, code, at + LIFE)
    await identity.enrol(pool, town, code, tablet.token, tablet.session, at, LIFE)
    return terminal, tablet


async def _top_up(pool: Pool, town: Town, prefix: str, progress: Callable[[str], None]) -> None:
    """One top-up for every wallet, from two connections."""
    total, done = len(town.wallets), 0
    parts = iter(range(0, total, TOP_UPS_A_CALL))

    async def work() -> None:
        nonlocal done
        for first in parts:
            at = now()
            places = range(first, min(first + TOP_UPS_A_CALL, total))
            codes = [f"{prefix}{place:012d}" for place in places]
            await _show_codes(pool, town, [town.wallets[place] for place in places], codes, at)
            requests = []
            for place, code in zip(places, codes, strict=True):
                shop = place % len(town.shops)
                requests.append(
                    Request(
                        id=uuid7(),
                        kind=Kind.TOP_UP,
                        shop=town.shops[shop],
                        terminal=town.terminals[shop],
                        code=code,
                        amount=TOP_UP,
                    )
                )
            batch = await authorise.decide(pool, town.number, requests, at)
            for decision in batch.decisions:
                if decision.outcome is not Outcome.DONE:
                    raise RuntimeError(f"a top-up was refused: {decision.receipt}")
            done += len(places)
            if done % 50_000 < TOP_UPS_A_CALL:
                progress(f"{done} of {total} wallets topped up")

    async with asyncio.TaskGroup() as group:
        for _ in range(LEDGER_CONNECTIONS):
            group.create_task(work())


async def _show_codes(
    pool: Pool, town: Town, wallets: Sequence[int], codes: Sequence[str], at: datetime
) -> None:
    """What `ledger.codes.issue_code` keeps, for many wallets at once."""
    records = [
        (town.number, code_digest(code), wallet, "top_up", TOP_UP, at, at + timedelta(minutes=3))
        for wallet, code in zip(wallets, codes, strict=True)
    ]
    async with pool.acquire() as connection:
        await connection.copy_records_to_table(
            "code",
            schema_name="koban",
            columns=[
                *("town", "code_digest", "wallet", "purpose"),
                *("amount", "issued_at", "expires_at"),
            ],
            records=records,
        )


async def register(pool: Pool, town: Town, wallets: Sequence[int], secret: str) -> None:
    """Makes somebody the holder of each of these wallets.

    All have the same PIN and one hash of it, made with argon2's smallest cost: the gateway checks a
    session's first PIN the slow way, and that is not what is measured.
    """
    hashing = Hashing(secret.encode())
    hashing.pins.close()
    hashing.pins = Workers(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1), 1, 1)
    pin_hash = await hashing.hash_pin(PIN)
    hashing.close()
    people = [
        persons.Person(wallet, f"090{wallet:08d}", f"利用者 {wallet}", "!", pin_hash)
        for wallet in wallets
    ]
    await persons.add_people(pool, Vault({0: secret.encode()}), town.number, people, now())


async def sign_in(pool: Pool, town: Town, wallets: Sequence[int]) -> list[Screen]:
    """A session for each of these wallets."""
    screens = [Screen(Role.WALLET, wallet, uuid7(), new_token()) for wallet in wallets]
    at = now()
    async with pool.acquire() as connection, connection.transaction():
        for screen in screens:
            new = identity.NewSession(
                session=screen.session,
                token=screen.token,
                role=screen.role.value,
                account=screen.account,
                name=f"利用者 {screen.account}",
                opened_at=at,
                expires_at=at + LIFE,
            )
            await identity.open_session(connection, town.number, new)
    return screens


async def seats(pool: Pool, town: Town, screens: Sequence[Screen]) -> list[Seat]:
    """A ticket for each screen, that waits longer than one from the gateway would."""
    made = [Seat(screen.role, screen.account, new_token()) for screen in screens]
    async with pool.acquire() as connection, connection.transaction():
        for screen, seat in zip(screens, made, strict=True):
            await identity.add_ticket(
                connection, town.number, seat.ticket, screen.session, now() + LIFE
            )
    return made
