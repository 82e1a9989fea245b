"""A town for the bench: wallets with lots, shops, tablets, and sessions that may connect.

It is a city (`gateway.city`): value comes into the wallets through `ledger.authorise`, the same way
as any other value, so the books are right by construction.
"""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from argon2 import PasswordHasher
from msgspec import Struct
from msgspec.structs import replace

from config.profile import read_profile
from gateway.city import founding
from gateway.passwords import Hashing, Workers
from gateway.protocol.messages import Role
from gateway.tickets import new_token
from ledger import accounts, identity, persons
from ledger.accounts import Terminal
from ledger.cities import City
from ledger.database import Pool
from ledger.ids import uuid7
from ledger.towns import load_town
from ledger.vault import Vault
from loadtest.bench.screens import Seat
from scripts.benchmark.sizes import PIN, Sizes

TOWN = "nagaoka"
CITY = "hirakata"  # With a card for each wallet.
VALUE = 100_000  # Yen in each wallet: enough to pay as often as it will.
SEED = 1
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

    code: str
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
    code: str = TOWN,
    secret: str = "",
) -> Town:
    """Founds the town as ``koban city`` does; its tablets are signed in.

    ``duplicate_window_s``: other than its profile's. ``secret``: the gateways', with which cards
    are kept where the town has any; their wallets are then somebody's, or they would pay little,
    all but the first ``sizes.sessions``, which are registered when they connect.
    """
    profile = read_profile(code)
    if duplicate_window_s is not None:
        payments = replace(profile.payments, duplicate_window_s=duplicate_window_s)
        profile = replace(profile, payments=payments)
    await load_town(pool, profile, now())
    number = profile.town.number
    vault = Vault({0: secret.encode()})
    size = City(sizes.wallets, sizes.shops, sizes.shops, SEED, now())
    began_s = time.monotonic()
    await founding.found(pool, vault, profile, size, VALUE, now, _steps(progress))
    progress(f"{sizes.wallets} wallets have value after {time.monotonic() - began_s:.0f} s")
    tablets = await accounts.terminals(pool, number)
    screens = [await _enrol(pool, number, tablet) for tablet in tablets]
    wallets = await accounts.wallets(pool, number)
    shops, terminals = [screen.account for screen in screens], [each.terminal for each in tablets]
    town = Town(code, number, wallets, shops, terminals, screens)
    if profile.cards is not None:
        await register(pool, town, wallets[sizes.sessions :], secret)
    await pool.execute("VACUUM (ANALYZE)")
    return town


def _steps(progress: Callable[[str], None]) -> Callable[[str, int, int], None]:
    """Says every quarter of what is done."""
    said = set[str]()

    def step(what: str, reached: int, total: int) -> None:
        quarter = f"{what}: {reached * 4 // max(total, 1) * 25} %"
        if quarter not in said:
            said.add(quarter)
            progress(quarter)

    return step


async def _enrol(pool: Pool, town: int, tablet: Terminal) -> Screen:
    """A tablet that is signed in."""
    screen = Screen(Role.TERMINAL, tablet.shop, uuid7(), new_token())
    code, at = new_token(), now()
    await identity.add_enrolment(pool, town, tablet.terminal, code, at + LIFE)
    await identity.enrol(pool, town, code, screen.token, screen.session, at, LIFE)
    return screen


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
