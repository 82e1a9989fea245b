"""Cancels that overtake authorisations, on two gateways at once, and the office's command."""

import asyncio
import os
import random
import re
import sys
from collections.abc import Awaitable
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from gateway.acquirers.keys import NewKey
from gateway.protocol.api_acquirer import AcquirerPayment
from gateway.protocol.messages import State
from ledger.acquirers import acquirer_by_code
from ledger.codes import issue_code
from ledger.reading import balance
from ledger.vault import Vault
from terminal.acquirer import AcquirerClient
from terminal.signed import SignedRefused
from tests.support.acquirers import MERCHANT, Behind, open_acquirer
from tests.support.clock import Clock
from tests.support.doors import SETTINGS, Doors
from tests.support.house import House, OpenHouse
from tests.support.ledger import problems
from tests.support.people import People, now
from tests.support.stores import ROOT

PAIRS = 60


def client(house: House, key: NewKey) -> AcquirerClient:
    """The acquirer's program at one gateway, by the real clock."""
    return AcquirerClient(house.url, "nagaoka", key.key_id, key.secret)


async def made(answer: Awaitable[AcquirerPayment]) -> AcquirerPayment | None:
    """The payment, or None where it was refused."""
    try:
        return await answer
    except SignedRefused as refused:
        if refused.error.code not in {"cancelled", "undecided"}:
            raise
        return None


async def test_a_cancel_wins_on_any_gateway_and_at_any_moment(
    pool: asyncpg.Pool, town: int, people: People, open_house: OpenHouse
) -> None:
    """Sixty payments, each with a cancel within milliseconds through the other gateway: in the end
    none is paid, every wallet has what it had, and the books are right.
    """
    house, other = await open_house(), await open_house()
    shop = (await people.tablet()).account
    clock = Clock(now())
    ring = await open_acquirer(pool, town, Vault.of(house.settings), clock, shop)
    wallets = [(await people.wallet()).account for _ in range(6)]
    before = [await balance(pool, town, wallet, now()) for wallet in wallets]
    chance = random.Random(8583)
    seen = {"paid first": 0, "cancelled first": 0}

    async def pair(number: int) -> None:
        code = await issue_code(pool, town, wallets[number % 6], "pay", None, now(), people._prefix)
        reference = f"order-{number}"

        async def authorise() -> AcquirerPayment | None:
            await asyncio.sleep(chance.uniform(0, 0.02))
            return await made(one.authorise(reference, MERCHANT, code.code, 100 + number))

        async def cancel() -> AcquirerPayment:
            await asyncio.sleep(chance.uniform(0, 0.04))
            return await two.cancel(reference)

        if number == 0:
            paid, cancelled = await authorise(), await cancel()
        elif number == 1:
            cancelled, paid = await cancel(), await authorise()
        else:
            paid, cancelled = await asyncio.gather(authorise(), cancel())
        assert cancelled.outcome == "cancelled"
        for gateway in (one, two):
            found = await gateway.payment(reference)
            assert (found.state, found.outcome) == (State.PROCESSED, "cancelled")
            assert found.refunded == (0 if found.entry is None else 100 + number)
        seen["cancelled first" if paid is None else "paid first"] += 1

    async with client(house, ring.key) as one, client(other, ring.key) as two:
        for start in range(0, PAIRS, 12):
            await asyncio.gather(*(pair(start + n) for n in range(12)))
        day = await two.reconciliation(now().astimezone(ZoneInfo("Asia/Tokyo")).date())
    assert day.net == 0
    assert day.payments == day.reversals
    after = [await balance(pool, town, wallet, now()) for wallet in wallets]
    assert [held and held.total for held in after] == [held and held.total for held in before]
    assert min(seen.values()) > 0, seen
    assert await problems(pool) == []


# -- the command -----------------------------------------------------------------------------------


async def run(dsn: str, *words: str) -> tuple[int, str]:
    """The command's exit status and what it printed."""
    environ = os.environ | {
        "KOBAN_POSTGRES_DSN": dsn,
        "KOBAN_REDIS_URL": "redis://127.0.0.1:1/0",
        "KOBAN_SECRET": SETTINGS.secret.decode(),
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway.acquirers", *words),
        cwd=ROOT,
        env=environ,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, printed.decode()


async def test_an_acquirer_comes_from_the_command_line(doors: Doors, dsn: str) -> None:
    """Opened, mapped, given a key that opens the door, listed, and its key revoked."""
    shop = await doors.shop()
    words = ("nagaoka", "ring-pay")
    assert (await run(dsn, "open", *words, "リングペイ"))[0] == 0
    assert (await run(dsn, "map", *words, MERCHANT, shop.code))[0] == 0
    status, printed = await run(dsn, "key", *words)
    found = re.search(r"key id +(\S+)\nsecret +(\S+)\n", printed)
    assert (status, bool(found)) == (0, True), printed
    assert found
    listed = (await run(dsn, "list", "nagaoka"))[1]
    assert found[1] in listed
    assert found[2] not in listed
    assert f"{MERCHANT}  {shop.code} {shop.name}" in listed
    acquirer = await acquirer_by_code(doors.pool, doors.town, "ring-pay")
    assert acquirer is not None
    async with Behind(acquirer, NewKey(found[1], found[2])).client(doors) as program:
        assert (await program.payment("order-1")).state is State.NOT_FOUND
        assert (await run(dsn, "revoke", *words, found[1]))[0] == 0
        with pytest.raises(SignedRefused, match="signature_wrong"):
            await program.payment("order-1")
    lines = await doors.pool.fetch("SELECT * FROM people.audit ORDER BY number")
    acts = ["opened", "merchant_mapped", "key_made", "key_revoked"]
    assert [line["act"] for line in lines] == [f"acquirer.{act}" for act in acts]
    assert {line["subject"] for line in lines} == {f"acquirer:{acquirer.acquirer}"}
    assert found[1] in str(lines[2])
    assert found[2] not in str(lines)


REFUSED = {
    "an unknown town": (("open", "atlantis", "ring-pay", "リング"), "no town"),
    "a code that is none": (("open", "nagaoka", "Ring Pay", "リング"), "code"),
    "an unknown acquirer": (("key", "nagaoka", "nobody"), "no acquirer"),
    "an unknown key": (("revoke", "nagaoka", "ring-pay", "0000"), "no live key"),
    "a merchant that is none": (("map", "nagaoka", "ring-pay", "m 1", "1234567"), "merchant"),
    "an unknown shop": (("map", "nagaoka", "ring-pay", "m-1", "1234567"), "no shop"),
    "nothing to unmap": (("unmap", "nagaoka", "ring-pay", "m-1"), "is no shop"),
    "a code that is taken": (("open", "nagaoka", "ring-pay", "リング"), "already"),
}


async def test_what_cannot_be_done_is_said_in_one_sentence(doors: Doors, dsn: str) -> None:
    """And is not done."""
    await open_acquirer(doors.pool, doors.town, Vault.of(SETTINGS), doors.clock)
    for name, (words, said) in REFUSED.items():
        status, printed = await run(dsn, *words)
        assert (status, said in printed) == (1, True), f"{name}: {printed}"
        assert len(printed.splitlines()) == 1, printed
    assert await doors.pool.fetchval("SELECT count(*) FROM people.audit") == 0
