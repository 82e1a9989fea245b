"""Places of offers: in order, never more than there are, never two to a wallet."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from msgspec.structs import replace

from ledger import offers
from ledger.database import transaction
from ledger.offers import Award, Awarding, NewOffer, Offer, OfferRefused
from tests.support.ledger import Bench


def sale(bench: Bench, places: int = 3, **changes: Any) -> NewOffer:
    """An offer of rights worth 5,000 yen, open for a day and good for a week."""
    now = bench.clock.now
    new = NewOffer(
        code="spring",
        name="春のプレミアム商品券",
        awarding=Awarding.FIRST_COME,
        places=places,
        opens_at=now,
        closes_at=now + timedelta(days=1),
        use_until=now + timedelta(days=7),
        amount=5_000,
    )
    return replace(new, **changes)


async def opened(bench: Bench, places: int = 3) -> Offer:
    """The offer, open."""
    return await offers.open_offer(bench.pool, bench.town, sale(bench, places), bench.clock.now)


async def awarded(bench: Bench, offer: Offer, *wallets: int) -> list[Award]:
    """What the wallets have after they came in this order."""
    async with transaction(bench.pool) as connection:
        return await offers.award(connection, bench.town, offer.offer, wallets, bench.clock.now)


async def test_an_offer_is_listed_as_it_was_opened(bench: Bench) -> None:
    """By number, by code and in the list; in another town it is not known."""
    offer = await opened(bench)
    assert (offer.places, offer.awarded, offer.amount, offer.coupon) == (3, 0, 5_000, None)
    assert await offers.offers(bench.pool, bench.town, 10) == [offer]
    assert await offers.find_offer(bench.pool, bench.town, offer.offer) == offer
    assert await offers.offer_by_code(bench.pool, bench.town, "spring") == offer
    assert await offers.find_offer(bench.pool, bench.town + 1, offer.offer) is None
    now = bench.clock.now
    assert [offer.open_at(now + timedelta(hours=hours)) for hours in (-1, 0, 23, 24)] == [
        *(False, True, True, False)
    ]


async def test_places_go_in_the_order_of_the_list(bench: Bench) -> None:
    """Who is named twice, has a place already, is frozen or nobody takes none of the places."""
    one, two, three, four, frozen = [await bench.wallet() for _ in range(5)]
    await bench.pool.execute("UPDATE koban.account SET state = 'frozen' WHERE account = $1", frozen)
    offer = await opened(bench)
    first = await awarded(bench, offer, two, frozen, two)
    assert [(award.wallet, award.place) for award in first] == [(two, 1)]
    then = await awarded(bench, offer, 999_999, bench.shop, three, two, one, four)
    assert [(award.wallet, award.place) for award in then] == [(three, 2), (two, 1), (one, 3)]
    assert await awarded(bench, offer, four) == []
    assert await awarded(bench, offer, two, one) == [then[1], then[2]]
    found = await offers.find_offer(bench.pool, bench.town, offer.offer)
    assert found is not None
    assert found.awarded == 3
    assert await offers.awards_of(bench.pool, bench.town, two) == first
    assert await offers.awards_of(bench.pool, bench.town, four) == []


async def test_a_crowd_at_once_gets_each_place_once(bench: Bench) -> None:
    """Twelve callers with the same wallets in other orders: places 1 to 5, five wallets."""
    wallets = [await bench.wallet() for _ in range(8)]
    offer = await opened(bench, 5)
    turned = [wallets[turn:] + wallets[:turn] for turn in range(8)]
    told = await asyncio.gather(
        *(awarded(bench, offer, *each) for each in [*turned, *turned[:4]]),
    )
    rows = await bench.pool.fetch("SELECT wallet, place FROM koban.award ORDER BY place")
    assert [row["place"] for row in rows] == [1, 2, 3, 4, 5]
    assert len({row["wallet"] for row in rows}) == 5
    placed = {row["wallet"]: row["place"] for row in rows}
    assert all(placed[award.wallet] == award.place for each in told for award in each)
    found = await offers.find_offer(bench.pool, bench.town, offer.offer)
    assert found is not None
    assert found.awarded == 5


async def test_an_offer_ends_once_and_only_when_it_is_over(bench: Bench) -> None:
    """Not while a payment with one of its places may be under way; then nobody gets a place."""
    wallet, offer = await bench.wallet(), await opened(bench)

    async def end() -> int | None:
        return await offers.end(bench.pool, bench.town, offer.offer, bench.clock.now)

    bench.clock.advance(days=7)
    assert await end() is None
    assert await offers.end_some(bench.pool, bench.town, bench.clock.now) == {}
    bench.clock.advance(seconds=offers.END_GRACE.total_seconds())
    assert await offers.end_some(bench.pool, bench.town, bench.clock.now) == {offer.offer: 0}
    assert await end() is None
    assert await awarded(bench, offer, wallet) == []
    assert await offers.end(bench.pool, bench.town, offer.offer + 1, bench.clock.now) is None


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"opens_at": 1}, "offer_period"),
        ({"closes_at": 0}, "offer_period"),
        ({"closes_at": 8}, "offer_period"),
        ({"opens_at": -2, "closes_at": -1}, "offer_period"),
        ({"amount": None}, "offer_gives"),
        ({"coupon": "bread"}, "offer_gives"),
        ({"coupon": "bread", "amount": None}, "coupon_unknown"),
    ],
)
async def test_what_makes_no_offer_is_refused(
    bench: Bench, changes: dict[str, Any], why: str
) -> None:
    """Periods that are none, and what gives nothing or two things; nothing is opened."""
    now = bench.clock.now
    dated: dict[str, Any] = {
        name: now + timedelta(days=value) if isinstance(value, int) else value
        for name, value in changes.items()
    }
    with pytest.raises(OfferRefused) as refused:
        await offers.open_offer(bench.pool, bench.town, sale(bench, **dated), now)
    assert refused.value.why == why
    assert await offers.offers(bench.pool, bench.town, 10) == []


async def test_a_code_names_one_offer(bench: Bench) -> None:
    """The second of two with the same code is refused, also when both come at once."""
    opening = [opened(bench), opened(bench)]
    told = await asyncio.gather(*opening, return_exceptions=True)
    assert sorted(type(each).__name__ for each in told) == ["Offer", "OfferRefused"]
    with pytest.raises(OfferRefused) as refused:
        await opened(bench)
    assert refused.value.why == "code_taken"


async def test_the_database_itself_oversells_nothing(bench: Bench) -> None:
    """Whoever would count wrongly is stopped by a CHECK."""
    await opened(bench)
    with pytest.raises(asyncpg.CheckViolationError, match="offer_never_oversold"):
        await bench.pool.execute("UPDATE koban.offer SET awarded = places + 1")
