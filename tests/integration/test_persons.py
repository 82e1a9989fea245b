"""One account a person, and personal data that nobody reads who has the database alone."""

import asyncio
from datetime import date, timedelta

import asyncpg
import pytest
from msgspec.structs import replace

from gateway.acquirers.keys import Keys
from ledger import acquirers, persons, reviews
from ledger.accounts import open_wallet, open_wallets
from ledger.acquirers import VAULT_FIELD
from ledger.cards import card_by_idm, open_card
from ledger.encryption import encrypt_again, encrypt_plain
from ledger.identity import NewSession, open_session, session_by_token
from ledger.ids import uuid7
from ledger.likeness import Likeness
from ledger.persons import IdentityTaken, Newcomer, Person, PhoneTaken, WalletTaken
from ledger.vault import Unreadable, Vault
from tests.support.clock import START

OLD, NEW = b"an old secret of 32 characters or", b"a new secret of 32 characters, too"
VAULT = Vault({0: OLD})
HANAKO = Newcomer("09012345678", "髙橋 花子", "hash", "hash", "タカハシ ハナコ", date(1980, 2, 1))


def somebody(number: int, **changes: object) -> Newcomer:
    """Hanako with another phone, and whatever else is another."""
    return replace(HANAKO, phone=f"0801111{number:04}", **changes)


async def waiting(pool: asyncpg.Pool, town: int) -> list[tuple[int, int, Likeness]]:
    """The pairs that wait for an operator, newest first."""
    found = await reviews.reviews(pool, town, decided=False, before=None, limit=50)
    return [(review.wallet, review.other, review.likeness) for review in found]


async def test_a_phone_number_is_one_person_in_a_town(pool: asyncpg.Pool, town: int) -> None:
    """A refused registration leaves no wallet behind; many can be let in at once."""
    newcomer = Newcomer("09012345678", "花子", "hash", "hash")
    wallet = await persons.register(pool, VAULT, town, newcomer, START)
    with pytest.raises(PhoneTaken):
        await persons.register(pool, VAULT, town, newcomer, START)
    assert await pool.fetchval("SELECT count(*) FROM koban.account WHERE kind = 'wallet'") == 1
    crowd = [
        Person(number, f"0701000{place:04}", f"町民{place}", "hash", "hash")
        for place, number in enumerate(await open_wallets(pool, town, 100, START))
    ]
    await persons.add_people(pool, VAULT, town, crowd, START)
    assert await persons.person_by_phone(pool, VAULT, town, "07010000042") == crowd[42]
    first = await persons.first_person(pool, VAULT, town)
    assert first is not None
    assert first.wallet == wallet


async def test_an_identity_is_one_person_in_a_town(pool: asyncpg.Pool, town: int) -> None:
    """However the name was typed; and the refusal leaves nothing behind."""
    await persons.register(pool, VAULT, town, HANAKO, START)
    for again in (
        somebody(1),
        somebody(2, name="高橋　花子", kana="ﾀｶﾊｼ ﾊﾅｺ"),
        somebody(3, name="高橋花子", kana="たかはしはなこ"),
    ):
        with pytest.raises(IdentityTaken):
            await persons.register(pool, VAULT, town, again, START)
    assert await pool.fetchval("SELECT count(*) FROM koban.account WHERE kind = 'wallet'") == 1
    assert await waiting(pool, town) == []


async def test_of_two_same_ones_at_once_one_is_let_in(pool: asyncpg.Pool, town: int) -> None:
    """Also when they come at the same instant, and near ones see each other."""
    results = await asyncio.gather(
        *(persons.register(pool, VAULT, town, somebody(n), START) for n in range(6)),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in results) == [*["IdentityTaken"] * 5, "int"]
    near = [somebody(20 + n, birth_date=date(1990, 1, 1 + n)) for n in range(3)]
    await asyncio.gather(*(persons.register(pool, VAULT, town, one, START) for one in near))
    assert len(await waiting(pool, town)) == 3


async def test_a_near_one_is_let_in_and_put_down(pool: asyncpg.Pool, town: int) -> None:
    """The pair waits, with the reason; somebody else altogether does not."""
    first = await persons.register(pool, VAULT, town, HANAKO, START)
    same_day = await persons.register(pool, VAULT, town, somebody(1, name="高橋 華子"), START)
    slip = await persons.register(
        pool, VAULT, town, somebody(2, name="高梁 羽奈子", birth_date=date(1980, 2, 11)), START
    )
    await persons.register(
        pool, VAULT, town, somebody(3, name="佐藤 健", kana="サトウ ケン"), START
    )
    assert await waiting(pool, town) == [
        (slip, same_day, Likeness.NAMED_THE_SAME),
        (slip, first, Likeness.NAMED_THE_SAME),
        (same_day, first, Likeness.BORN_THE_SAME_DAY),
    ]


async def test_a_decision_freezes_and_can_be_taken_back(pool: asyncpg.Pool, town: int) -> None:
    """A wallet that was frozen before, or by another review, stays so."""
    await persons.register(pool, VAULT, town, HANAKO, START)
    await persons.register(pool, VAULT, town, somebody(1, name="高橋 華子"), START)
    twin = await persons.register(pool, VAULT, town, somebody(2, name="高橋 葉菜子"), START)

    async def decide(other: int, *, same: bool) -> bool:
        found = await reviews.reviews(pool, town, decided=True, before=None, limit=50)
        (pair,) = [one for one in found if one.wallet == twin and one.other == other]
        async with pool.acquire() as connection, connection.transaction():
            held = await reviews.lock_review(connection, town, pair.review)
            assert held is not None
            return await reviews.decide(
                connection, town, held, same_person=same, by="係", now=START
            )

    async def state() -> str:
        text = await pool.fetchval("SELECT state FROM koban.account WHERE account = $1", twin)
        return str(text)

    one, other = [pair[1] for pair in await waiting(pool, town) if pair[0] == twin]
    assert await decide(one, same=True)
    assert await state() == "frozen"
    assert not await decide(other, same=True)
    assert not await decide(one, same=False), (
        "the other review still says that it is a second account"
    )
    assert await state() == "frozen"
    assert not await decide(other, same=False), "it was not this review that froze it"
    assert await decide(other, same=True) is False
    await pool.execute("UPDATE koban.account SET state = 'open' WHERE account = $1", twin)
    assert not await decide(other, same=False)
    assert await decide(other, same=True)
    assert await decide(other, same=False)
    assert await state() == "open"


async def test_the_database_alone_says_nothing(pool: asyncpg.Pool, town: int) -> None:
    """Neither phone, name, reading nor birth date stands in any table of people; of the last, the
    year alone, by which reports count.
    """
    wallet = await persons.register(pool, VAULT, town, HANAKO, START)
    new = NewSession(uuid7(), "t" * 43, "wallet", wallet, HANAKO.name, START, START + timedelta(1))
    await open_session(pool, town, new)
    challenge = persons.Challenge("c" * 43, "register", HANAKO.phone, None, b"x", START)
    await persons.open_challenge(pool, VAULT, town, challenge, 5, timedelta(hours=1), START)
    await open_card(pool, VAULT, town, "0112233445566778", "town", START)
    secrets = (HANAKO.phone, "髙橋", "タカハシ", "1980-", "0112233445566778")
    tables = await pool.fetch(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'people'"
    )
    for (table,) in tables:
        for row in await pool.fetch(f'SELECT t::text FROM people."{table}" AS t'):
            for secret in secrets:
                assert secret not in row[0], table
                assert secret.encode().hex() not in row[0], table
    session = await session_by_token(pool, VAULT, town, "t" * 43, START)
    assert session is not None
    assert session.name == HANAKO.name


async def test_what_was_changed_or_moved_in_the_database_is_not_believed(
    pool: asyncpg.Pool, town: int
) -> None:
    """A phone number that somebody copied to another row, and one without its key."""
    wallet = await persons.register(pool, VAULT, town, HANAKO, START)
    other = await persons.register(
        pool, VAULT, town, Newcomer("09000000000", "次郎", "hash", "hash"), START
    )
    with pytest.raises(Unreadable):
        await persons.person_by_wallet(pool, Vault({0: NEW}), town, wallet)
    await pool.execute(
        "UPDATE people.person SET phone_encrypted = (SELECT phone_encrypted FROM people.person"
        " WHERE wallet = $1) WHERE wallet = $2",
        wallet,
        other,
    )
    with pytest.raises(Unreadable, match="phone"):
        await persons.person_by_wallet(pool, VAULT, town, other)


async def test_the_key_is_changed_beside_running_work(pool: asyncpg.Pool, town: int) -> None:
    """Between the keys everybody is found and nobody gets in twice; afterwards the old key goes."""
    both, after = Vault({1: NEW, 0: OLD}), Vault({1: NEW})
    wallet = await persons.register(pool, VAULT, town, HANAKO, START)
    crowd = [
        Person(number, f"0701000{place:04}", f"町民{place}", "hash", "hash")
        for place, number in enumerate(await open_wallets(pool, town, 30, START))
    ]
    await persons.add_people(pool, VAULT, town, crowd, START)
    card = await open_card(pool, VAULT, town, "0112233445566778", "town", START)
    with pytest.raises(PhoneTaken):
        await persons.register(pool, both, town, replace(HANAKO, kana=None, birth_date=None), START)
    with pytest.raises(IdentityTaken):
        await persons.register(pool, both, town, somebody(1), START)
    near = await persons.register(pool, both, town, somebody(2, name="高橋 華子"), START)
    assert await waiting(pool, town) == [(near, wallet, Likeness.BORN_THE_SAME_DAY)]
    acquirer = await acquirers.open_acquirer(pool, town, "ring-pay", "リングペイ", START)
    assert acquirer is not None
    key = await Keys(VAULT, pool).make(town, acquirer.acquirer, START)
    assert key is not None
    assert await encrypt_again(pool, both, step=7) == (31, 1, 1)
    assert await encrypt_again(pool, both, step=7) == (0, 0, 0)
    kept = await acquirers.key(pool, town, key.key_id)
    assert kept is not None
    secret = after.decrypt(kept.vault_key, kept.secret, town, key.key_id, VAULT_FIELD)
    assert secret == key.secret
    person = await persons.person_by_phone(pool, after, town, HANAKO.phone)
    assert person is not None
    assert (person.wallet, person.name, person.kana) == (wallet, HANAKO.name, HANAKO.kana)
    assert await persons.person_by_phone(pool, after, town, "07010000007") == crowd[7]
    assert await card_by_idm(pool, after, town, "0112233445566778") == card
    assert await persons.person_by_phone(pool, VAULT, town, HANAKO.phone) is None
    with pytest.raises(IdentityTaken):
        await persons.register(pool, after, town, somebody(3), START)


async def test_a_wallet_is_one_persons(pool: asyncpg.Pool, town: int) -> None:
    """A wallet that somebody is to get may have nobody yet."""
    wallet = await open_wallet(pool, town, START)
    assert await persons.register(pool, VAULT, town, HANAKO, START, wallet) == wallet
    with pytest.raises(WalletTaken):
        await persons.register(
            pool, VAULT, town, Newcomer("09000000000", "次郎", "hash", "hash"), START, wallet
        )


async def test_holders_of_an_earlier_database_are_encrypted(pool: asyncpg.Pool, town: int) -> None:
    """In steps, by several gateways at once, and the plain texts are gone with their table."""
    await pool.execute(
        "CREATE TABLE people.person_plain (town smallint, wallet bigint, phone text, name text,"
        " password_hash text, pin_hash text, registered_at timestamptz)"
    )
    wallets = await open_wallets(pool, town, 25, START)
    for place, wallet in enumerate(wallets):
        await pool.execute(
            "INSERT INTO people.person_plain VALUES ($1, $2, $3, $4, 'hash', 'pin', $5)",
            *(town, wallet, f"0701000{place:04}", f"町民{place}", START),
        )
    done = await asyncio.gather(*(encrypt_plain(pool, VAULT, step=4) for _ in range(3)))
    assert sum(done) == 25
    assert await encrypt_plain(pool, VAULT) == 0
    assert await pool.fetchval("SELECT to_regclass('people.person_plain')") is None
    person = await persons.person_by_phone(pool, VAULT, town, "07010000011")
    assert person == Person(wallets[11], "07010000011", "町民11", "hash", "pin")
    kept = await pool.fetchval("SELECT min(registered_at) FROM people.person")
    assert kept == START
