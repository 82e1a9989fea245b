"""The command that looks after personal data: a key is changed, a person is forgotten."""

import asyncio
from datetime import date

import asyncpg
import pytest

from gateway import command, personal
from gateway.personal import PersonalFault
from ledger import accounts, audit, loads, members, persons
from ledger.encryption import encrypt_again
from ledger.ids import uuid7
from ledger.load_states import Direction, Patience
from ledger.loads import NewOrder
from ledger.persons import Newcomer
from ledger.vault import Unreadable, Vault
from tests.support.clock import START
from tests.support.ledger import Bench, problems

OLD, NEW = b"an old secret of 32 characters or", b"a-new-secret-without-a-space-in-it"
HANAKO = Newcomer("09012345678", "髙橋 花子", "hash", "hash", "タカハシ ハナコ", date(1980, 2, 1))


@pytest.fixture
def environ(dsn: str, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """What the command is told, as a gateway is."""
    for name, text in (
        ("POSTGRES_DSN", dsn),
        ("REDIS_URL", "redis://127.0.0.1:1"),
        ("SECRET", OLD.decode()),
    ):
        monkeypatch.setenv(f"KOBAN_{name}", text)
    monkeypatch.delenv("KOBAN_PERSONAL_KEY", raising=False)
    return monkeypatch


async def test_a_key_is_changed_by_the_command(
    pool: asyncpg.Pool, town: int, environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Afterwards the old key reads nothing, and doing it again does nothing."""
    wallet = await persons.register(pool, Vault({0: OLD}), town, HANAKO, START)
    environ.setenv("KOBAN_PERSONAL_KEY", f"7:{NEW.decode()}")
    new = Vault({7: NEW})

    assert await asyncio.to_thread(command.main, ["personal", "encrypt"]) == 0
    assert capsys.readouterr().out == (
        "1 people, 0 cards and 0 acquirers' keys are now under key 7\n"
    )
    person = await persons.person_by_wallet(pool, new, town, wallet)
    assert person is not None
    assert (person.phone, person.kana) == (HANAKO.phone, HANAKO.kana)
    with pytest.raises(Unreadable):
        await persons.person_by_wallet(pool, Vault({0: OLD}), town, wallet)
    assert await asyncio.to_thread(command.main, ["personal", "encrypt"]) == 0
    assert capsys.readouterr().out == (
        "0 people, 0 cards and 0 acquirers' keys are now under key 7\n"
    )


async def test_numbers_at_other_companies_go_under_the_new_key(
    pool: asyncpg.Pool, town: int
) -> None:
    """With the people, step by step; the old key reads none of them any more."""
    wallet, orders = await accounts.open_wallet(pool, town, START), [uuid7() for _ in range(5)]
    for order in orders:
        new = NewOrder(
            *(order, Direction.OUT, "exchange", "exchange", wallet, 100, 100, START),
            member=f"member of {order}",
        )
        assert await loads.open_order(pool, Vault({0: OLD}), town, new, START, Patience())
    both, new_key = Vault({7: NEW, 0: OLD}), Vault({7: NEW})
    assert await encrypt_again(pool, both, step=2) == (0, 0, 0)
    found = await members.members(pool, new_key, town, orders)
    assert found == {order: f"member of {order}" for order in orders}
    with pytest.raises(Unreadable):
        await members.members(pool, Vault({0: OLD}), town, orders)


async def test_a_person_is_forgotten_by_the_command(bench: Bench) -> None:
    """With a line in the audit; the wallet's money and the books are as they were."""
    vault = Vault({0: OLD})
    wallet = await bench.wallet(10_000)
    await persons.register(bench.pool, vault, bench.town, HANAKO, bench.clock.now, wallet)
    held = await bench.holds(wallet)
    said = await personal.erase(bench.pool, vault, "nagaoka", wallet, "本人の申し出", START)
    assert said == f"the holder of wallet {wallet} is forgotten; 0 screens are signed out"
    assert await persons.person_by_phone(bench.pool, vault, bench.town, HANAKO.phone) is None
    assert await bench.holds(wallet) == held
    assert (await bench.one(bench.pay(wallet, 500))).outcome == "done"
    assert await problems(bench.pool) == []
    (line,) = await audit.lines(
        bench.pool, bench.town, audit.Filter(act="person.erased"), before=None, limit=5
    )
    assert (line.actor, line.subject) == ("command", f"wallet:{wallet}")


@pytest.mark.parametrize(
    ("town_code", "wallet", "why"),
    [("atlantis", 1, "no town 'atlantis'"), ("nagaoka", 1, "nobody holds a wallet 1")],
)
async def test_what_cannot_be_forgotten_is_said(
    pool: asyncpg.Pool, town_code: str, wallet: int, why: str
) -> None:
    """One sentence; nothing is written."""
    with pytest.raises(PersonalFault, match=why):
        await personal.erase(pool, Vault({0: OLD}), town_code, wallet, "x", START)
    assert await pool.fetchval("SELECT count(*) FROM people.audit") == 0


@pytest.mark.parametrize(
    "words",
    [
        ["personal"],
        ["personal", "decrypt"],
        ["personal", "erase", "nagaoka"],
        ["personal", "erase", "nagaoka", "1"],
        ["personal", "erase", "nagaoka", "one", "--reason", "x"],
    ],
)
def test_a_command_that_is_none_is_refused(words: list[str]) -> None:
    """With the usage, before any database is asked."""
    with pytest.raises(SystemExit) as ended:
        command.main(words)
    assert ended.value.code == 2


def test_a_setting_that_is_wrong_is_one_sentence(
    environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And ends with 3, as wherever the settings are not to be had."""
    environ.setenv("KOBAN_PERSONAL_KEY", "no number")
    assert command.main(["personal", "encrypt"]) == 3
    said = capsys.readouterr().err
    assert said.startswith("personal: KOBAN_PERSONAL_KEY")
    assert "no number" not in said
