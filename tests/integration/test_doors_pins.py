"""PINs: right ones are quick, wrong ones are counted for all sessions and gateways, and lock."""

import asyncio
from datetime import timedelta
from statistics import median
from time import perf_counter

from gateway.auth import Auth
from gateway.passwords import Hashing
from gateway.pins import MEMORY_TTL_S, PinMemory, PinVerdict
from tests.support.doors import MANAGER_PIN, PIN, Doors, Sockets


async def verify(
    doors: Doors, wallet: int, pin: str, memory: PinMemory | None = None, auth: Auth | None = None
) -> PinVerdict:
    return await (auth or doors.auth).pins.verify(
        doors.town, wallet, pin, memory or PinMemory(), doors.clock.now
    )


async def test_five_wrong_pins_lock_for_a_quarter_of_an_hour_then_longer(doors: Doors) -> None:
    """15 minutes, an hour, a day, a day; the right PIN then forgets all of it."""
    wallet = (await doors.holder()).account
    for lock_s in (900, 3_600, 86_400, 86_400):
        left = [(await verify(doors, wallet, "0000")).attempts_left for _ in range(4)]
        assert left == [4, 3, 2, 1]
        fifth = await verify(doors, wallet, "0000")
        assert fifth.locked_until == doors.clock.now + timedelta(seconds=lock_s)
        doors.clock.advance(seconds=lock_s - 1)
        assert not (await verify(doors, wallet, PIN)).right
        doors.clock.advance(seconds=1)
    assert (await verify(doors, wallet, PIN)).right
    assert (await verify(doors, wallet, "0000")).attempts_left == 4


async def test_a_new_session_or_another_gateway_does_not_reset_the_count(doors: Doors) -> None:
    """The count is the wallet's, not the session's."""
    wallet = (await doors.holder()).account
    sockets = Sockets(doors.pool, doors.clock)
    other = Auth(doors.context.settings, doors.pool, on_ended=sockets.on_ended, sms=doors.phones)
    try:
        for auth in (doors.auth, other, doors.auth, other):
            await verify(doors, wallet, "0000", auth=auth)
        assert (await verify(doors, wallet, "0000", auth=doors.auth)).locked_until
        assert (await verify(doors, wallet, PIN, auth=other)).locked_until
    finally:
        other.close()


async def test_guesses_at_the_same_instant_are_all_counted(doors: Doors) -> None:
    """Forty sessions guess at once: five guesses are judged, no more."""
    wallet = (await doors.holder()).account
    verdicts = await asyncio.gather(*(verify(doors, wallet, "0000") for _ in range(40)))
    assert sum(1 for verdict in verdicts if verdict.attempts_left) == 4
    assert not any(verdict.right for verdict in verdicts)
    failures = await doors.pool.fetchval("SELECT failures FROM people.guard WHERE kind = 'pin'")
    assert failures == 5


async def test_a_known_pin_costs_no_argon2_and_no_database(doors: Doors) -> None:
    """After the first right PIN the session's own memory answers, even with Postgres away."""
    wallet, memory = (await doors.holder()).account, PinMemory()
    assert (await verify(doors, wallet, PIN, memory)).right
    await doors.pool.close()
    took = []
    for _ in range(50):
        started = perf_counter()
        assert (await verify(doors, wallet, PIN, memory)).right
        took.append(perf_counter() - started)
    assert median(took) < 0.001


async def test_a_memory_is_of_one_session_and_one_pin(doors: Doors) -> None:
    """Two sessions' memories have nothing in common, and none is the PIN."""
    wallet = (await doors.holder()).account
    memories = PinMemory(), PinMemory()
    for memory in memories:
        assert (await verify(doors, wallet, PIN, memory)).right
    assert not memories[0].recognises("0000", doors.clock.now)
    digests = {getattr(memory, "_digest") for memory in memories}  # noqa: B009 - it is private.
    assert len(digests) == 2
    doors.clock.advance(seconds=MEMORY_TTL_S)
    assert not memories[0].recognises(PIN, doors.clock.now)


async def test_a_wrong_pin_makes_a_session_forget_the_right_one(doors: Doors) -> None:
    """Or a stolen, unlocked phone could guess for ever between right answers."""
    wallet, memory = (await doors.holder()).account, PinMemory()
    assert (await verify(doors, wallet, PIN, memory)).right
    for _ in range(5):
        assert not (await verify(doors, wallet, "0000", memory)).right
    locked = await verify(doors, wallet, PIN, memory)
    assert not locked.right
    assert locked.locked_until


async def test_a_lock_reaches_the_sessions_that_knew_the_pin(doors: Doors) -> None:
    """Locked is locked, whoever holds the other phone."""
    wallet, knowing = (await doors.holder()).account, PinMemory()
    assert (await verify(doors, wallet, PIN, knowing)).right
    for _ in range(5):
        await verify(doors, wallet, "0000")
    assert (await verify(doors, wallet, PIN, knowing)).locked_until


async def test_a_wallet_without_a_holder_has_no_right_pin(doors: Doors) -> None:
    """Nobody's PIN is wrong, and counted."""
    assert not (await verify(doors, 999_999, PIN)).right


async def test_a_managers_pin_locks_too(doors: Doors) -> None:
    """Its lock is the shop's own and not the wallet's of the same number."""
    shop = (await doors.shop()).account
    pins = doors.auth.pins
    assert (await pins.verify_manager(doors.town, shop, MANAGER_PIN, doors.clock.now)).right
    for _ in range(4):
        await pins.verify_manager(doors.town, shop, "0000", doors.clock.now)
    verdict = await pins.verify_manager(doors.town, shop, "0000", doors.clock.now)
    assert verdict.locked_until == doors.clock.now + timedelta(minutes=15)
    locked = await pins.verify_manager(doors.town, shop, MANAGER_PIN, doors.clock.now)
    assert not locked.right
    kinds = await doors.pool.fetch("SELECT kind, subject FROM people.guard")
    assert [tuple(row) for row in kinds] == [("manager_pin", str(shop))]


async def test_a_stolen_database_does_not_give_the_pins_away(doors: Doors) -> None:
    """The hash is keyed: whoever tries all PINs against it without the secret finds none."""
    wallet = (await doors.holder()).account
    known = await doors.pool.fetchval(
        "SELECT pin_hash FROM people.person WHERE wallet = $1", wallet
    )
    thief = Hashing(b"what the thief guesses the secret to be, 32 characters")
    try:
        assert not await thief.pin_is(known, PIN)
        assert await doors.auth.hashing.pin_is(known, PIN)
    finally:
        thief.close()
