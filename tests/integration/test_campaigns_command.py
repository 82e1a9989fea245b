"""``koban campaigns``: the command line looks at campaigns, and throws dice again."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from config.profile import read_profile
from gateway import campaigns as command
from gateway.campaigns import CampaignFault
from gateway.refused import Refused
from ledger import campaign_costs, campaigns
from ledger.campaigns import Face, Terms
from tests.support.ledger import Bench

DICE = (Face(1, 1), Face(1, 3))


async def made(bench: Bench, code: str, **other: Any) -> int:
    """A campaign of a week that has begun: a tenth of each payment in points."""
    now = bench.clock.now
    terms = Terms(
        code=code,
        name="サイコロ",
        trigger="payment",
        source=None,
        instrument=2,
        basis_points=1_000,
        rounding="down",
        fund=None,
        entry_max=None,
        person_max=None,
        priority=100,
        starts_at=now,
        ends_at=now + timedelta(days=7),
        weekdays=(),
        month_days=(),
        from_minute=None,
        to_minute=None,
        shop_groups=(),
        shops=(),
        terminal_groups=(),
        faces=DICE,
    )
    async with bench.pool.acquire() as connection:
        fund = await campaigns.own_fund(connection, bench.town, code, 10_000, now)
        terms = msgspec.structs.replace(terms, fund=fund, **other)
        number = await campaigns.add(connection, bench.town, terms)
    assert number is not None
    return number


async def test_dice_are_thrown_again_and_a_changed_face_is_found(bench: Bench) -> None:
    """Thirty payments, all as the seed says; one row changed behind everybody's back is named."""
    number = await made(bench, "dice")
    wallet = await bench.wallet(30_000)
    for _ in range(30):
        bench.clock.advance(minutes=5)
        assert (await bench.one(bench.pay(wallet, 100))).outcome == "done"
    bench.clock.advance(days=7, minutes=1)
    now = bench.clock.now
    right = await command.replay(bench.pool, bench.town, "dice", now)
    assert (right.throws, right.wrong) == (30, [])

    await bench.pool.execute(
        "ALTER TABLE koban.campaign_grant DISABLE TRIGGER append_only;"
        "UPDATE koban.campaign_grant SET face = 3 - face WHERE entry = 7;"
        "ALTER TABLE koban.campaign_grant ENABLE TRIGGER append_only"
    )
    wrong = await command.replay(bench.pool, bench.town, "dice", now)
    assert [line.split(",")[0] for line in wrong.wrong] == ["entry 7"]
    await bench.pool.execute(
        "UPDATE koban.campaign SET seed = sha256(seed) WHERE campaign = $1", number
    )
    other = await command.replay(bench.pool, bench.town, "dice", now)
    assert other.commitment != right.commitment, "another seed has another commitment"


@pytest.mark.parametrize(
    ("code", "said"),
    [("none", "there is no campaign"), ("plain", "has no dice"), ("dice", "a minute after")],
)
async def test_what_cannot_be_thrown_again(bench: Bench, code: str, said: str) -> None:
    """No such campaign, no dice, and a seed that is secret still."""
    await made(bench, "dice")
    await made(bench, "plain", faces=())
    with pytest.raises(CampaignFault, match=said):
        await command.replay(bench.pool, bench.town, code, bench.clock.now)


async def test_a_file_is_reckoned(bench: Bench, tmp_path: Path) -> None:
    """What last month's payments would have brought; a wrong file says where it is wrong."""
    wallet = await bench.wallet(30_000)
    for yen in (1_000, 2_555):
        await bench.one(bench.pay(wallet, yen))
    bench.clock.advance(days=30)
    body: dict[str, Any] = {
        "code": "may",
        "name": "五月",
        "trigger": "payment",
        "instrument": "point",
        "basis_points": 100,
        "budget": 20,
        "starts_at": "2026-06-01T00:00",
        "ends_at": "2026-07-01T00:00",
    }
    file, profile, now = tmp_path / "may.json", read_profile("nagaoka"), bench.clock.now
    file.write_text(json.dumps(body), encoding="utf-8")
    cost = await command.preview(bench.pool, profile, file, None, now)
    assert (cost.month, cost.acts, cost.amount, cost.budget) == ("2026-04", 2, 35, 20)
    assert cost.used_up_at is not None
    march = await command.preview(bench.pool, profile, file, "2026-03", now)
    assert (march.acts, march.amount, march.shops, march.used_up_at) == (0, 0, [], None)
    for text, said in (
        (json.dumps(body | {"basis_points": -1}), "basis_points"),
        (json.dumps(body | {"instrument": "gold"}), "allowed is coin, point"),
        ("{", "JSON"),
        ("", "JSON"),
    ):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(Refused) as refused:
            await command.preview(bench.pool, profile, file, None, now)
        assert said in refused.value.body.message, text


async def test_the_list_tells_what_was_given_and_is_left(bench: Bench) -> None:
    """Newest first, with sums."""
    await made(bench, "first", faces=())
    await made(bench, "second", faces=(), basis_points=100)
    wallet = await bench.wallet(30_000)
    await bench.one(bench.pay(wallet, 1_000))
    lines = await command.listed(bench.pool, read_profile("nagaoka"), bench.clock.now)
    assert [
        (line.campaign.code, line.grants, line.granted, line.budget_left)
        for line in lines.campaigns
    ] == [("second", 1, 10, 9_990), ("first", 1, 100, 9_900)]


def test_the_command_says_what_is_wrong(
    dsn: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On its own line, and ends with 1."""
    monkeypatch.setenv("KOBAN_POSTGRES_DSN", dsn)
    assert command.main(["list", "atlantis"]) == 1
    assert "no town 'atlantis' has rules now" in capsys.readouterr().err
    assert command.main(["replay", "nagaoka", "dice", "--url", "http://127.0.0.1:9"]) == 1
    assert "does not answer" in capsys.readouterr().err


async def test_one_look_at_the_past_at_a_time_and_not_for_long(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second one is told to wait, and one that takes too long is given up: both say so."""
    wallet = await bench.wallet(30_000)
    await bench.one(bench.pay(wallet, 1_000))
    bench.clock.advance(days=30)
    file, profile, now = tmp_path / "may.json", read_profile("nagaoka"), bench.clock.now
    file.write_text(
        '{"code":"may","name":"五月","trigger":"payment","instrument":"point","basis_points":100,'
        '"budget":20,"starts_at":"2026-06-01T00:00","ends_at":"2026-07-01T00:00"}',
        encoding="utf-8",
    )
    async with bench.pool.acquire() as connection, connection.transaction():
        await connection.fetchval(campaign_costs.SQL["bound"], "1s", bench.town)
        with pytest.raises(Refused) as refused:
            await command.preview(bench.pool, profile, file, None, now)
        assert refused.value.body.code == "busy"
    monkeypatch.setattr(campaign_costs, "TIME_MAX_S", 0.001)
    async with bench.pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE koban.entry IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(Refused) as refused:
            await command.preview(bench.pool, profile, file, None, now)
    assert refused.value.body.code == "unavailable"
    assert "given up" in refused.value.body.message
    monkeypatch.undo()
    assert (await command.preview(bench.pool, profile, file, None, now)).acts == 1
