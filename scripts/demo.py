"""The demo's town: a handful of people, shops and tablets, and two weeks that they lived through.

Everything is made by the ledger's and the doors' own functions, so it obeys every rule. Seeding
again changes nothing. Names and numbers are invented.
"""

import contextlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe

from config.profile import Profile
from gateway.passwords import Hashing
from ledger import accounts, identity, operators, persons
from ledger.authorise import decide
from ledger.codes import issue_code
from ledger.database import Pool
from ledger.ids import uuid7
from ledger.operators import OperatorNameTaken
from ledger.outbox import mark_shown
from ledger.outcomes import Outcome
from ledger.persons import Newcomer
from ledger.requests import Kind, Request
from ledger.towns import load_town, town_number
from ledger.vault import Vault

PASSWORD = "koban-demo"  # noqa: S105 - known to everybody: it opens the demo alone.
PIN = "1234"
MANAGER_PIN = "9876"
OPERATORS = (("demo", "operator"), ("watch", "ops"))
PEOPLE = (
    ("09000000001", "高橋 美咲"),
    ("09000000002", "佐藤 健一"),
    ("09000000003", "五十嵐 ヨシ"),
    ("09000000004", "渡辺 翔太"),
    ("09000000005", "小林 由美子"),
)
SHOPS = (
    ("八百屋 まるや", "青果", "殿町", 2),
    ("喫茶 しなの川", "喫茶", "大手通", 1),
    ("パン工房 こむぎ", "パン", "宮内", 1),
    ("花火堂書店", "書店", "城内町", 1),
)
DAYS = 14
SEED = 20_260_401  # The same two weeks for everybody.


@dataclass(frozen=True)
class Cast:
    """Who lives in the demo's town."""

    wallets: list[int]
    tablets: list[tuple[int, int]]  # (shop, terminal)


@dataclass(frozen=True)
class Act:
    """Somebody shows a code in a shop."""

    kind: Kind
    wallet: int
    shop: int
    terminal: int
    amount: int


async def open_town(pool: Pool, profile: Profile, now: datetime) -> int:
    """Loads the profile; a new town opened two weeks ago, so that it has something to show."""
    known = await town_number(pool, profile.town.code)
    opened = now if known is not None else _morning(now) - timedelta(days=DAYS)
    await load_town(pool, profile, opened)
    return profile.town.number


async def seed(
    pool: Pool, profile: Profile, secret: bytes, now: datetime, progress: Callable[[str], None]
) -> None:
    """Brings the town's demo into being, or finds that it is there."""
    town = await open_town(pool, profile, now)
    vault = Vault({0: secret})
    if await persons.first_person(pool, vault, town) is not None:
        return
    opened = _morning(now) - timedelta(days=DAYS)
    hashing = Hashing(secret)
    try:
        progress("people, shops and tablets")
        cast = await _settle(pool, town, vault, hashing, opened)
    finally:
        hashing.close()
    progress("two weeks of top-ups and payments")
    for moment, acts in _fortnight(cast, opened):
        await _live(pool, profile, acts, moment)


def _morning(now: datetime) -> datetime:
    """Nine in the morning in Japan of the present day."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


async def _settle(pool: Pool, town: int, vault: Vault, hashing: Hashing, now: datetime) -> Cast:
    """Lets everybody in. People come last: their absence tells that a seeding was interrupted."""
    there = {shop.name: shop for shop in await accounts.shops(pool, town)}
    tablets = []
    for name, kind, area, count in SHOPS:
        shop = there.get(name) or await accounts.open_shop(pool, town, name, kind, area, now)
        pin_hash = await hashing.hash_pin(MANAGER_PIN)
        await identity.set_manager_pin(pool, town, shop.account, pin_hash)
        known = [line.terminal for line in await accounts.terminals(pool, town, shop.account)]
        known += [
            await _enrolled(pool, town, shop.account, f"レジ {number}", now)
            for number in range(len(known) + 1, count + 1)
        ]
        tablets += [(shop.account, terminal) for terminal in known]
    for name, role in OPERATORS:
        with contextlib.suppress(OperatorNameTaken):
            hashed = await hashing.hash_password(PASSWORD)
            await operators.add_operator(pool, town, name, hashed, role, now)
    wallets = []
    for phone, name in PEOPLE:
        newcomer = Newcomer(
            phone, name, await hashing.hash_password(PASSWORD), await hashing.hash_pin(PIN)
        )
        wallets.append(await persons.register(pool, vault, town, newcomer, now))
    return Cast(wallets, tablets)


async def _enrolled(pool: Pool, town: int, shop: int, label: str, now: datetime) -> int:
    """A tablet that was let in; its key is thrown away, for the demo's doors make new ones."""
    terminal = await accounts.open_terminal(pool, town, shop, label, now)
    if terminal is None:
        raise RuntimeError(f"the shop {shop} was opened just now and is not there")
    code = token_urlsafe(24)
    await identity.add_enrolment(pool, town, terminal, code, now + timedelta(minutes=10))
    await identity.enrol(
        pool, town, code, token_urlsafe(32), uuid7(_ms(now)), now, timedelta(days=365)
    )
    return terminal


def _fortnight(cast: Cast, opened: datetime) -> Iterator[tuple[datetime, list[Act]]]:
    """What happened, in the order of time: top-ups now and then, payments every day."""
    dice = random.Random(SEED)  # noqa: S311 - a story, not a secret.
    for day in range(DAYS):
        for hour in range(9):
            moment = opened + timedelta(days=day, hours=hour, minutes=dice.randrange(60))
            acts = []
            for wallet in cast.wallets:
                shop, terminal = dice.choice(cast.tablets)
                if hour == 0 and day % 7 == 0:
                    amount = dice.choice((5_000, 10_000))
                    acts.append(Act(Kind.TOP_UP, wallet, shop, terminal, amount))
                elif dice.random() < 0.08:
                    amount = dice.choice((120, 180, 240, 360, 480, 550, 680, 980, 1_200))
                    acts.append(Act(Kind.CHARGE, wallet, shop, terminal, amount))
            if acts:
                yield moment, acts


async def _live(pool: Pool, profile: Profile, acts: list[Act], now: datetime) -> None:
    town, prefix = profile.town.number, profile.payments.code_prefix
    requests = []
    for act in acts:
        purpose = "top_up" if act.kind is Kind.TOP_UP else "pay"
        issued = await issue_code(pool, town, act.wallet, purpose, act.amount, now, prefix)
        requests.append(
            Request(
                id=uuid7(_ms(now)),
                kind=act.kind,
                shop=act.shop,
                terminal=act.terminal,
                code=issued.code,
                amount=act.amount,
            )
        )
    batch = await decide(pool, town, requests, now + timedelta(seconds=5))
    # Everybody stood in front of a screen: nothing of the past is still to be shown.
    shown = {event.account: event.seq for event in batch.events}
    await mark_shown(pool, town, shown, now + timedelta(seconds=6))
    for decision in batch.decisions:
        if decision.outcome not in {Outcome.DONE, Outcome.INSUFFICIENT_FUNDS}:
            raise RuntimeError(f"the demo's story was refused: {decision.outcome}")


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
