"""N6, N7, H9, N20 and the law on one path: two days of payments, and every sum told after them."""

from collections import Counter
from pathlib import Path

import pytest

from gateway.protocol.api_law import ReferenceDate
from gateway.protocol.api_settlement import SettlementReview
from gateway.protocol.messages import Receipt
from ledger.database import Pool
from tests.acceptance.backups import Backups, archived, backups, dsn, opened, place, server
from tests.acceptance.banking import Bank, has_account
from tests.acceptance.conftest import Visit
from tests.acceptance.nagaoka import Holder, Nagaoka, Tablet
from tests.acceptance.reports import reads, rows
from tests.acceptance.settling import Settling, open_settling
from tests.support.bank import answered
from tests.support.house import House
from tests.support.ledger import problems

__all__ = ["backups", "dsn", "place", "server"]

FEE_PERCENT = 1
REFERENCE = "/console/law/reference-dates/2026-09-30"


@pytest.fixture
async def nagaoka(visit: Visit) -> Nagaoka:
    """The town on 28 September: two days before a reference date."""
    town = await visit("nagaoka")
    await town.days_pass(days=180)
    return town


class Days:
    """Days in the town, and what a plain exercise book says about each of them."""

    def __init__(self, town: Nagaoka, office: Settling, people: list[Holder]) -> None:
        self.town, self.office, self.people = town, office, people
        self.bank = Bank(office)
        self.shops: dict[str, Tablet] = {}
        self.issued: Counter[str] = Counter()  # By kind of value, since ever.
        self.spent: Counter[str] = Counter()
        self.begins()

    def begins(self) -> None:
        """A new page: nothing was taken in cash, paid, or given back yet."""
        self.cash: Counter[str] = Counter()
        self.sold: Counter[str] = Counter()

    async def opens(self, name: str, pool: Pool, holder: str) -> None:
        """A shop with a bank account."""
        self.shops[name] = tablet = await self.town.opens(name)
        await has_account(pool, self.town, tablet, holder)

    async def tops_up(self, person: int, name: str, amount: int) -> None:
        """Somebody hands cash over."""
        code = await self.people[person].shows_top_up_code(amount)
        self._gives(await self.shops[name].takes_cash(code, amount))
        self.issued["coin"] += amount
        self.cash[name] += amount

    async def pays(self, person: int, name: str, amount: int) -> Receipt:
        """Somebody pays by the sticker."""
        receipt = await self.people[person].pays(self.shops[name].shop, amount)
        self._gives(receipt)
        self.sold[name] += amount
        for part in receipt.parts:
            self.spent[part.instrument] += part.amount
        return receipt

    async def cancels(self, name: str, payment: Receipt) -> None:
        """The shop cancels a payment; what it brought goes back, too."""
        receipt = await self.shops[name].cancels(payment.id, "返品")
        self.sold[name] -= payment.amount
        for part in receipt.parts:
            self.spent[part.instrument] -= part.amount
        for part in receipt.reclaimed:
            self.issued[part.instrument] -= part.amount

    def _gives(self, receipt: Receipt) -> None:
        for grant in receipt.granted:
            self.issued[grant.instrument] += grant.amount

    def accepted(self) -> int:
        """What was paid on this page, less what was given back."""
        return sum(self.sold.values())

    def owed(self, before: dict[str, int]) -> dict[str, int]:
        """What each shop is owed by this page and by what the bank could not move before."""
        owed = Counter(before)
        for name, amount in self.sold.items():
            # A fraction of a yen is nobody's fee; of what was given back the fee goes back, too.
            fee = abs(amount) * FEE_PERCENT // 100
            owed[name] += amount - fee if amount > 0 else amount + fee
        owed.subtract(self.cash)
        return {name: amount for name, amount in owed.items() if name in self.shops}

    async def settles(self, before: dict[str, int]) -> SettlementReview:
        """The office settles, and says what the book says."""
        settled = await self.office.settles()
        lines = (await self.office.lines(settled)).values()
        assert {line.shop_name: line.net for line in lines} == self.owed(before)
        assert sum(line.accepted for line in lines) == self.accepted()
        assert sum(charge.amount for charge in settled.charges) == self.accepted()
        return settled

    async def held(self) -> Counter[str]:
        """What everybody has together, by kind of value."""
        total: Counter[str] = Counter()
        for person in self.people:
            total.update(await person.holds())
        return total


async def test_n6_from_payments_to_a_proven_restore(
    nagaoka: Nagaoka, house: House, pool: Pool, backups: Backups, sms_provider: str, place: Path
) -> None:
    """A day of cash and payments is settled, both files go to the bank, and the bank cannot collect
    from two shops. On the next day a payment of the first is cancelled, and the settlement carries
    all of it. The report, the reference date and a restored copy of the ledger say the same, to
    the yen.
    """
    people = [
        await nagaoka.registers("花子"),
        await nagaoka.registers("太郎", "09087654321"),
    ]
    days = Days(nagaoka, await open_settling(nagaoka), people)
    for name, holder in (
        ("大手書房", "オオテショボウ"),
        ("茶の間", "チャノマ"),
        ("殿町の八百屋", "ヤオヤ　ジロウ"),
        ("魚屋", "ウオヤ"),
    ):
        await days.opens(name, pool, holder)
    await days.office.charges_fee(kind="redemption", basis_points=FEE_PERCENT * 100, yen=0)
    nagaoka.clock.advance(seconds=1)

    await days.tops_up(0, "殿町の八百屋", 20_000)
    await days.tops_up(1, "魚屋", 10_000)
    await days.tops_up(1, "茶の間", 5_000)
    await days.pays(0, "大手書房", 12_345)
    regretted = await days.pays(1, "大手書房", 3_999)
    await days.pays(1, "茶の間", 1_777)
    first = await days.settles({})
    paying = await days.bank.makes(first, "transfer", "2026-09-30")
    asking = await days.bank.makes(first, "collection", "2026-09-30")
    assert paying.file.total - asking.file.total == sum(days.owed({}).values())
    await days.bank.takes(paying)
    request = await days.bank.takes(asking)
    poor = {name: days.owed({})[name] for name in ("殿町の八百屋", "魚屋")}
    failed = {days.shops[name].shop.shop: "1" for name in poor}
    done = await days.bank.answers(asking, answered(request, failed))
    assert {line.shop_name for line in done.lines if line.state == "failed"} == set(poor)
    assert poor == {"殿町の八百屋": -20_000, "魚屋": -10_000}

    await days.office.next_day()
    days.begins()
    await days.cancels("大手書房", regretted)
    await days.pays(0, "魚屋", 2_468)
    await days.tops_up(0, "大手書房", 1_000)
    second = await days.settles(poor)
    asking = await days.bank.makes(second, "collection", "2026-10-01")
    request = await days.bank.takes(asking)
    done = await days.bank.answers(asking, answered(request, {}))
    assert {line.state for line in done.lines} == {"collected"}
    assert await days.office.says_when_nothing_is_left() == "settlement_empty"

    for _ in range(2):
        await days.office.next_day()
    report = await reads(nagaoka, "issue?month=2026-09")
    moved = {(row["direction"], row["instrument"]): 0 for row in rows(report, "moves")}
    for row in rows(report, "moves"):
        moved[row["direction"], row["instrument"]] += row["net"]
    held = await days.held()
    reference = await nagaoka.asks("GET", REFERENCE, None, ReferenceDate)
    coins, points = (kind for kind in reference.kinds if kind.instrument in ("coin", "point"))
    for code, law in (("coin", coins.paid), ("point", points.free)):
        told = (moved["in", code], moved["out", code])
        assert told == (law.issued, law.recovered) == (days.issued[code], days.spent[code])
        assert law.unspent == held[code] == days.issued[code] - days.spent[code]
    assert reference.deposit.unspent == coins.paid.unspent
    assert await problems(pool) == []

    await backups.now()
    await archived(pool)
    said = await backups.restored(place / "second")
    assert "Everything holds" in said
    async with (
        opened(place / "second", house, nagaoka.clock) as gateway,
        Nagaoka(gateway, sms_provider, nagaoka.clock) as there,
    ):
        assert await there.asks("GET", REFERENCE, None, ReferenceDate) == reference
        assert (await reads(there, "issue?month=2026-09")).tables == report.tables
        office = Settling(there, colleague="")
        assert (await office.lines(second)) == (await days.office.lines(second))
