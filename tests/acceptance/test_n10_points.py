"""N10: points on top-up or on payment, at any rate."""

from pathlib import Path

import pytest

from config.profile import towns_folder
from gateway import towns
from ledger.database import Pool
from tests.acceptance.nagaoka import Nagaoka
from tests.support.clock import Clock


async def test_n10_points_come_with_top_ups_and_payments(nagaoka: Nagaoka) -> None:
    """In Nagaoka 1 % on cash and 0.5 % on coins spent, rounded down; points themselves earn none,
    and the receipt says what was granted.
    """
    hanako = await nagaoka.registers("長岡 花子")
    maruya = await nagaoka.opens("八百屋 まるや")
    topped_up = await maruya.takes_cash(await hanako.shows_top_up_code(10_500), 10_500)
    assert [(grant.instrument, grant.amount) for grant in topped_up.granted] == [("point", 105)]

    paid = await hanako.pays(maruya.shop, 1_304)
    # 105 points are spent first; of the 1,199 coins half a percent is 5.995.
    assert [(part.instrument, part.amount) for part in paid.parts] == [
        ("point", 105),
        ("coin", 1_199),
    ]
    assert [(grant.instrument, grant.amount) for grant in paid.granted] == [("point", 5)]
    assert await hanako.holds() == {"coin": 10_500 - 1_199, "point": 5}

    small = await hanako.pays(maruya.shop, 5)
    assert small.granted == [], "paid in points alone"


async def test_n10_a_cancelled_payment_takes_its_points_back(nagaoka: Nagaoka) -> None:
    """Afterwards everything is as before."""
    hanako = await nagaoka.registers("長岡 花子")
    maruya = await nagaoka.opens("八百屋 まるや")
    await maruya.takes_cash(await hanako.shows_top_up_code(10_000), 10_000)
    before = await hanako.holds()
    paid = await hanako.pays(maruya.shop, 3_000)
    assert await hanako.holds() == {"coin": 7_100, "point": 14}
    await maruya.cancels(paid.id, "返品")
    assert await hanako.holds() == before


@pytest.fixture
async def generous(tmp_path: Path, pool: Pool, clock: Clock) -> None:
    """From a minute later on Nagaoka's file has other rates: 20 % on cash, and 3 % on payments,
    rounded up.
    """
    clock.advance(minutes=1)
    text = (towns_folder() / "nagaoka.toml").read_text(encoding="utf-8")
    for old, new in (
        ('basis_points = 100\nrounding = "down"', 'basis_points = 2000\nrounding = "down"'),
        ('basis_points = 50\nrounding = "down"', 'basis_points = 300\nrounding = "up"'),
    ):
        assert old in text
        text = text.replace(old, new)
    file = tmp_path / "nagaoka.toml"
    file.write_text(text, encoding="utf-8")
    await towns.load(pool, file, None, clock.now)


@pytest.mark.usefixtures("generous")
async def test_n10_any_rate_is_a_line_in_the_towns_file(nagaoka: Nagaoka) -> None:
    """The same town with other numbers in its file, and nothing else changed."""
    hanako = await nagaoka.registers("長岡 花子")
    maruya = await nagaoka.opens("八百屋 まるや")
    topped_up = await maruya.takes_cash(await hanako.shows_top_up_code(1_000), 1_000)
    assert topped_up.granted[0].amount == 200
    paid = await hanako.pays(maruya.shop, 301)
    assert paid.granted[0].amount == 4, "3 % of 101 coins is 3.03, rounded up"
