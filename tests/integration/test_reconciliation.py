"""The daily file is the journal: nothing of the acquirer's is missing, nothing else is in it."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.acquirers.reconciliation import csv_file
from gateway.protocol.api_acquirer import Reconciliation, ReconciliationLine
from gateway.protocol.messages import State
from ledger import acquirers
from ledger.vault import Vault
from terminal.acquirer import AcquirerClient
from tests.support.acquirers import MERCHANT, Behind, open_acquirer, refusal
from tests.support.doors import SETTINGS, Doors
from tests.support.ledger import Bench

FIRST = date(2026, 4, 1)


@pytest.fixture
async def ring(doors: Doors, bench: Bench) -> Behind:
    """An acquirer that brings payments to the bench's shop."""
    return await open_acquirer(doors.pool, doors.town, Vault.of(SETTINGS), doors.clock, bench.shop)


class Till:
    """The acquirer's own books: what it was told, act by act."""

    def __init__(self, client: AcquirerClient, bench: Bench) -> None:
        self.client = client
        self.bench = bench
        self.booked: list[tuple[int, str, str, str | None, int]] = []
        self._numbers = iter(range(1, 1_000))

    async def take(self, wallet: int, amount: int, merchant: str = MERCHANT) -> str:
        """A payment that is done; its id."""
        reference = f"order-{next(self._numbers)}"
        code = await self.bench.code(wallet, "pay")
        paid = await self.client.authorise(reference, merchant, code, amount)
        assert paid.entry is not None
        self.booked.append((paid.entry, "payment", reference, None, amount))
        return reference

    async def give_back(self, reference: str, amount: int) -> None:
        """A refund."""
        refund = f"refund-{next(self._numbers)}"
        done = await self.client.refund(reference, refund, amount)
        assert done.entry is not None
        self.booked.append((done.entry, "refund", reference, refund, amount))


def told(day: Reconciliation) -> list[tuple[int, str, str, str | None, int]]:
    """A day's lines as the till books them."""
    return [
        (line.entry, line.kind, line.payment_id, line.refund_id, line.amount) for line in day.lines
    ]


async def test_the_days_file_equals_the_ledger(doors: Doors, bench: Bench, ring: Behind) -> None:
    """Payments, refunds, cancels and the shop's own reversals; not the shop's other payments, not
    another acquirer's, not what was refused.
    """
    other = await open_acquirer(
        *(doors.pool, doors.town, Vault.of(SETTINGS), doors.clock, bench.shop, "other-pay")
    )
    elsewhere, _ = await bench.another_shop()
    await acquirers.map_merchant(
        *(doors.pool, doors.town, ring.acquirer.acquirer, "m-8", elsewhere, doors.clock.now)
    )
    wallet = await bench.wallet(50_000)
    async with ring.client(doors) as client, other.client(doors) as theirs:
        till = Till(client, bench)
        first = await till.take(wallet, 480)
        await till.take(wallet, 1_000, "m-8")
        await bench.one(bench.pay(wallet, 333))
        await bench.one(await bench.charge(wallet, 334))
        await theirs.authorise("order-1", MERCHANT, await bench.code(wallet, "pay"), 335)
        await refusal(client.authorise("no", MERCHANT, await bench.code(wallet, "pay"), 99_999))
        await till.give_back(first, 80)
        second = await till.take(wallet, 700)
        cancelled = await client.cancel(second)
        assert cancelled.state is State.PROCESSED
        third = await client.payment(await till.take(wallet, 900))
        assert third.payment is not None
        by_shop = await bench.one(bench.reverse(third.payment, 300))
        assert by_shop.outcome == "done"
        await client.cancel("never-seen")

        day = await client.reconciliation(FIRST)
        text = await client.file(FIRST)
    assert [line for line in told(day) if line[1] in {"payment", "refund"}] == till.booked
    assert [(line.kind, line.amount) for line in day.lines if line.kind == "cancel"] == [
        ("cancel", 700)
    ]
    assert [(line.payment_id, line.amount) for line in day.lines if line.kind == "reversal"] == [
        (third.payment_id, 300)
    ]

    # The same from the journal alone: all that these shops moved, less what was not the acquirer's.
    row = await doors.pool.fetchrow(
        """
        SELECT count(*) FILTER (WHERE kind = 'payment') AS payments,
            sum(amount) FILTER (WHERE kind = 'payment') AS payments_amount,
            count(*) FILTER (WHERE kind = 'reversal') AS reversals,
            sum(amount) FILTER (WHERE kind = 'reversal') AS reversals_amount
        FROM koban.entry
        WHERE shop = ANY($1) AND kind IN ('payment', 'reversal') AND amount NOT IN (333, 334, 335)
        """,
        [bench.shop, elsewhere],
    )
    assert row is not None
    assert dict(row) == {
        "payments": day.payments,
        "payments_amount": day.payments_amount,
        "reversals": day.reversals,
        "reversals_amount": day.reversals_amount,
    }
    assert day.net == 480 + 1_000 + 700 + 900 - 80 - 700 - 300
    assert [line.entry for line in day.lines] == sorted(line.entry for line in day.lines)

    records = list(csv.reader(io.StringIO(text, newline="")))
    assert text.endswith("\r\n")
    assert records[0] == [
        "H",
        "1",
        "nagaoka",
        "ring-pay",
        "2026-04-01",
        "Asia/Tokyo",
        "provisional",
    ]
    assert records[-1] == ["T", "4", "3080", "3", "1080", "2000"]
    assert [(int(r[1]), r[3], r[4], r[5] or None, int(r[8])) for r in records[1:-1]] == told(day)
    assert records[1] == [
        *("D", str(day.lines[0].entry), "2026-04-01T12:00:00.000+09:00", "payment", "order-1", ""),
        *(MERCHANT, str(bench.shop), "480"),
    ]


async def test_a_day_runs_from_midnight_to_midnight_where_the_town_is(
    doors: Doors, bench: Bench, ring: Behind
) -> None:
    """The last millisecond belongs to the day, the next to the next; a reversal to its own day."""
    wallet = await bench.wallet(5_000)
    async with ring.client(doors) as client:
        till = Till(client, bench)
        midnight = datetime(2026, 4, 1, 15, 0, tzinfo=UTC)
        doors.clock.advance(seconds=(midnight - doors.clock.now).total_seconds() - 0.001)
        last = await till.take(wallet, 480)
        doors.clock.advance(seconds=0.001)
        await till.take(wallet, 481)
        await till.give_back(last, 80)

        days = [await client.reconciliation(FIRST + timedelta(days=n)) for n in (-1, 0, 1, 2)]
        assert [told(day) for day in days] == [[], till.booked[:1], till.booked[1:], []]
        assert [day.net for day in days] == [0, 480, 481 - 80, 0]
        assert [day.final for day in days] == [True, False, False, False]
        doors.clock.advance(minutes=5)
        assert (await client.reconciliation(FIRST)).final
        assert "2026-04-01T23:59:59.999+09:00" in await client.file(FIRST)


async def test_a_merchant_that_ended_is_still_reconciled(
    doors: Doors, bench: Bench, ring: Behind
) -> None:
    """What it was paid stays in the file, and what is given back later comes into it."""
    async with ring.client(doors) as client:
        till = Till(client, bench)
        reference = await till.take(await bench.wallet(5_000), 480)
        await acquirers.end_merchant(
            *(doors.pool, doors.town, ring.acquirer.acquirer, MERCHANT, doors.clock.now)
        )
        await till.give_back(reference, 480)
        assert told(await client.reconciliation(FIRST)) == till.booked


def test_an_empty_day_has_header_and_trailer() -> None:
    """Nothing moved, and the file says so."""
    day = Reconciliation(*("2026-04-01", "ring-pay", True), *(0, 0, 0, 0, 0), [])
    assert csv_file(day, "nagaoka", ZoneInfo("Asia/Tokyo")) == (
        "H,1,nagaoka,ring-pay,2026-04-01,Asia/Tokyo,final\r\nT,0,0,0,0,0\r\n"
    )


def test_the_files_lines_have_their_form() -> None:
    """Nine fields, the instant in the town's time."""
    line = ReconciliationLine(7, 1_775_012_345_678, "refund", "order-1", "refund-1", "m", 1001, 80)
    day = Reconciliation(*("2026-04-01", "ring-pay", False), *(0, 0, 1, 80, -80), [line])
    assert csv_file(day, "nagaoka", ZoneInfo("Asia/Tokyo")).splitlines()[1] == (
        "D,7,2026-04-01T11:59:05.678+09:00,refund,order-1,refund-1,m,1001,80"
    )
