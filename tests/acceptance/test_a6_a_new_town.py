"""A6: a new town runs within a day: copy a profile, change it, load it."""

import asyncio
from pathlib import Path

import pytest

from config.profile import ProfileError, towns_folder
from gateway import towns
from gateway.protocol import api
from gateway.protocol.messages import Receipt
from ledger.database import Pool
from tests.acceptance.conftest import Visit
from tests.acceptance.nagaoka import Nagaoka
from tests.support.clock import Clock

# What somebody changes in the copy: whose it is, and two of its rules.
CHANGES = (
    ("number = 1  ", "number = 77"),
    ('code = "nagaoka"', 'code = "mitsuke"'),
    ('{ ja = "長岡市", en = "Nagaoka" }', '{ ja = "見附市", en = "Mitsuke" }'),
    ("ながおかコイン", "みつけコイン"),
    ('code_prefix = "8201"', 'code_prefix = "8277"'),
    ("payment_max = 100_000", "payment_max = 3_000"),
    ("basis_points = 100\n", "basis_points = 1_000\n"),
)


def copied(folder: Path, *changes: tuple[str, str], name: str = "mitsuke") -> Path:
    """A copy of Nagaoka's profile, changed."""
    text = (towns_folder() / "nagaoka.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    file = folder / f"{name}.toml"
    file.write_text(text, encoding="utf-8")
    return file


async def test_a6_a_copied_profile_is_a_town_beside_the_others(
    nagaoka: Nagaoka, visit: Visit, pool: Pool, clock: Clock, tmp_path: Path
) -> None:
    """Loaded while Nagaoka pays: the same process serves both, each by its own rules, and the same
    phone has a wallet in each.
    """
    hanako = await nagaoka.registers("長岡 花子")
    maruya = await nagaoka.opens("八百屋 まるや")
    await maruya.takes_cash(await hanako.shows_top_up_code(10_000), 10_000)

    file = copied(tmp_path, *CHANGES)
    assert towns.check([towns_folder() / "nagaoka.toml", file])[:2] == [
        "nagaoka.toml: right",
        "mitsuke.toml: right",
    ]
    said = await towns.load(pool, file, None, clock.now)
    assert said == ["mitsuke: these rules hold from 2026-04-01 12:00:00+09:00 on"]

    mitsuke = await visit("mitsuke")
    assert mitsuke.url == nagaoka.url, "one gateway"
    info = await mitsuke.get("/town", api.TownInfo)
    assert (info.name["ja"], info.payment_max) == ("見附市", 3_000)
    taro = await mitsuke.registers("見附 太郎")
    itoya = await mitsuke.opens("いとや")
    topped_up = await itoya.takes_cash(await taro.shows_top_up_code(5_000), 5_000)
    assert [(grant.instrument, grant.amount) for grant in topped_up.granted] == [("point", 500)]
    code = await taro.shows_code(1_200)
    assert code.code.startswith("8277")
    paid = await itoya.charges(code)
    assert (await taro.hears()).kind == "top_up"
    heard = await taro.hears()
    assert (heard.kind, heard.sound, heard.receipt.id) == ("payment", "paid", paid.id)
    _, too_much = await taro.tries_to_pay(itoya.shop, 3_001)
    assert too_much == "over_limit"

    assert isinstance(await hanako.pays(maruya.shop, 3_001), Receipt), "Nagaoka's own limit"
    assert (await nagaoka.get("/town", api.TownInfo)).name["ja"] == "長岡市"
    assert (await hanako.holds())["coin"] == 10_000 - (3_001 - 100)
    assert (await taro.holds())["coin"] == 5_000 - (1_200 - 500)


async def test_a6_changed_rules_hold_from_their_instant_on(
    nagaoka: Nagaoka, pool: Pool, clock: Clock, tmp_path: Path
) -> None:
    """Loaded at noon for ten past: until then everything stays, from then on the running gateway
    decides by them and tells the screens; what was paid keeps its rule.
    """
    hanako = await nagaoka.registers("長岡 花子")
    maruya = await nagaoka.opens("八百屋 まるや")
    await maruya.takes_cash(await hanako.shows_top_up_code(20_000), 20_000)
    file = copied(tmp_path, ("payment_max = 100_000", "payment_max = 3_000"), name="nagaoka")
    said = await towns.load(pool, file, "2026-04-01T12:10", clock.now)
    assert said == ["nagaoka: these rules hold from 2026-04-01 12:10:00+09:00 on"]

    before = await hanako.pays(maruya.shop, 4_000)
    assert (await nagaoka.get("/town", api.TownInfo)).payment_max == 100_000
    clock.advance(minutes=10)
    _, refused = await hanako.tries_to_pay(maruya.shop, 4_000)
    assert refused == "over_limit"
    async with asyncio.timeout(10):
        while (await nagaoka.get("/town", api.TownInfo)).payment_max != 3_000:
            await asyncio.sleep(0.05)
    cancelled = await maruya.cancels(before.id, "返品")
    assert cancelled.amount == 4_000


async def test_a6_a_copy_left_unchanged_is_refused(
    nagaoka: Nagaoka, pool: Pool, clock: Clock, tmp_path: Path
) -> None:
    """All that is in Nagaoka's way is said at once, and nothing is loaded; nor do rules change in
    the past, nor what people's value is.
    """
    half = copied(tmp_path, ('code = "nagaoka"', 'code = "mitsuke"'))
    with pytest.raises(ProfileError) as caught:
        await towns.load(pool, half, None, clock.now)
    assert [line.partition(" found")[0] for line in caught.value.lines] == [
        "mitsuke.toml: town.number:",
        "mitsuke.toml: payments.code_prefix:",
    ]
    late = copied(tmp_path, name="nagaoka")
    with pytest.raises(towns.TownFault, match="has passed"):
        await towns.load(pool, late, "2026-04-01T11:59", clock.now)
    names = [f'{key} = "coin"' for key in ("code", "of", "instrument")]
    renamed = [(name, name.replace("coin", "gold")) for name in names]
    recoined = copied(tmp_path, *renamed, ('["coin"]', '["gold"]'), name="nagaoka")
    with pytest.raises(ProfileError, match="as number 1 has been"):
        await towns.load(pool, recoined, None, clock.now)
    assert len(await towns.towns(pool, clock.now)) == 1
