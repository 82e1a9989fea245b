"""Shops of a database from before shops were searched: all are found by their names."""

from datetime import date
from pathlib import Path

import pytest

from ledger.database import open_pool
from ledger.migrate import migrate
from ledger.shops import search
from ledger.shops.search import Moment, Wanted
from ledger.shops.words import needles_of
from tests.migration.test_personal import earlier

SEED = """
    INSERT INTO koban.town (town, code, time_zone, epoch) VALUES (1, 'nagaoka', 'Asia/Tokyo', 1);
    INSERT INTO koban.account (town, account, kind, opened_at, title) VALUES
        (1, 1001, 'shop', now(), 'ｶﾌｪ すずらん'), (1, 1002, 'shop', now(), '八百屋　まるや'),
        (1, 1003, 'shop', now(), 'ＡＢＣマート');
    INSERT INTO koban.shop (town, shop, code, kind, area)
        SELECT 1, account, lpad(account::text, 7, '0'), 'shop', '殿町' FROM koban.account;
"""


async def test_shops_from_before_are_found_by_their_names(
    empty_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the name is typed, before anybody has told anything of the shop."""
    await earlier(empty_dsn, tmp_path, monkeypatch, "0026", SEED)
    await migrate(empty_dsn)
    pool = await open_pool(empty_dsn, 1)
    try:
        for typed, shop in (
            ("カフェ", 1001),
            ("スズラン", 1001),
            ("まるや", 1002),
            ("ﾏﾙﾔ 八百屋", 1002),
            ("abcま", 1003),
        ):
            wanted = Wanted(needles=needles_of(typed))
            found = await search.search(pool, 1, wanted, Moment(0, date(2026, 4, 1)), 10)
            assert [each.shop.account for each in found] == [shop], typed
    finally:
        await pool.close()
