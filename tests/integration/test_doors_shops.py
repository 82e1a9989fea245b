"""Shops at the doors: bad input as tables, who may tell what of a shop, and joining."""

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.support.doors import Doors
from tests.support.offices import open_office

API = "/api/nagaoka"

WRONG_SEARCHES: tuple[tuple[dict[str, str], str], ...] = (
    ({"text": ""}, "text"),
    ({"text": "・ 。"}, "text"),
    ({"text": "長" * 101}, "text"),
    ({"text": "a\x00b"}, "text"),
    ({"kind": ""}, "kind"),
    ({"accepts": "gold"}, "accepts"),
    ({"near": "Nagaoka"}, "near"),
    ({"near": "37.4"}, "near"),
    ({"near": "37.4,138.8,1"}, "near"),
    ({"near": "91,138.8"}, "near"),
    ({"near": "37.4,181"}, "near"),
    ({"near": "nan,138.8"}, "near"),
    ({"near": "37.4,138.8", "within_m": "0"}, "within_m"),
    ({"near": "37.4,138.8", "within_m": "100001"}, "within_m"),
    ({"within_m": "500"}, "within_m"),
    ({"box": "37.4,138.8"}, "box"),
    ({"box": "37.5,138.8,37.4,138.9"}, "box"),
    ({"box": "37.4,138.9,37.5,138.8"}, "box"),
    ({"open_now": "perhaps"}, "open_now"),
    ({"after": "behind"}, "after"),
    ({"limit": "0"}, "limit"),
    ({"limit": "201"}, "limit"),
    ({"colour": "red"}, "colour"),
)

WRONG_LISTINGS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"kana": "漢字"}, "kana"),
    ({"address": "長" * 201}, "address"),
    ({"about": "\u202egnorw"}, "about"),
    ({"telephone": "call me"}, "telephone"),
    ({"place": {"latitude": 91, "longitude": 0}}, "place.latitude"),
    ({"place": {"latitude": 37}}, "place.longitude"),
    ({"hours": [{"day": 0, "opens": "09:00", "closes": "10:00"}]}, "hours[0].day"),
    ({"hours": [{"day": 1, "opens": "9:00", "closes": "10:00"}]}, "hours[0].opens"),
    ({"hours": [{"day": 1, "opens": "25:00", "closes": "26:00"}]}, "hours[0]"),
    ({"hours": [{"day": 1, "opens": "18:00", "closes": "02:00"}]}, "hours[0]"),
    ({"hours": [{"day": 1, "opens": "18:00", "closes": "30:30"}]}, "hours[0].closes"),
    ({"closed_on": ["new year"]}, "closed_on[0]"),
    ({"languages": ["Japanese"]}, "languages[0]"),
    ({"name": "another"}, "name"),
)


async def test_a_wrong_search_names_the_field(doors: Doors) -> None:
    """What, where and what to do instead; nobody has to sign in to be told."""
    visitor, wrong = doors.visitor(), list[str]()
    for query, field in WRONG_SEARCHES:
        answer = await visitor.get(f"{API}/search/shops?{urlencode(query)}")
        found = (answer.status_code, answer.json().get("code"), answer.json().get("field"))
        if found != (422, "invalid", field):
            wrong.append(f"{query}: {found}")
    assert not wrong, "\n".join(wrong)


async def test_a_wrong_listing_names_the_field_and_changes_nothing(doors: Doors) -> None:
    """At the console; the shop tells what it told before."""
    shop, operator = await doors.shop(), await doors.operator()
    path, wrong = f"{API}/console/shops/{shop.account}/listing", list[str]()
    told = await operator.put(path, json={"address": "殿町 1-2"})
    for body, field in WRONG_LISTINGS:
        answer = await operator.put(path, json=body)
        found = (answer.status_code, answer.json().get("code"), answer.json().get("field"))
        if found != (422, "invalid", field):
            wrong.append(f"{body}: {found}")
    assert not wrong, "\n".join(wrong)
    assert (await operator.get(path)).json() == told.json()


async def test_a_manager_tells_of_the_own_shop_only(doors: Doors) -> None:
    """Managers change it, clerks read it, nobody sees another shop's by this door."""
    office = await open_office(doors)
    near, far = office.near.account, office.far.account
    manager = await office.staff("shop", shop=near)
    clerk = await office.staff("clerk", shop=near)
    ops = await doors.operator("見る人", role="ops")
    body = {"address": "殿町 1-2", "languages": ["ja", "zh-Hant"]}
    for who, site, shop, status in (
        (manager, "staff", near, 200),
        (manager, "staff", far, 404),
        (clerk, "staff", near, 403),
        (ops, "console", near, 403),
        (doors.visitor(), "staff", near, 401),
        (office.operator, "console", 999_999, 404),
    ):
        answer = await who.put(f"{API}/{site}/shops/{shop}/listing", json=body)
        assert answer.status_code == status, (site, shop, answer.text)
    shown = await clerk.get(f"{API}/staff/shops/{near}/listing")
    assert shown.json()["address"] == "殿町 1-2"
    assert (await clerk.get(f"{API}/staff/shops/{far}/listing")).status_code == 404
    found = await doors.visitor().get(f"{API}/search/shops?text=殿町1-2")
    assert [shop["shop"] for shop in found.json()["shops"]] == [near]
    assert found.headers["cache-control"] == "public, max-age=20"
    lines = await office.lines(act="shop.listing_changed")
    assert [(line["actor"], line["after"]["address"]) for line in lines] == [("staff", "殿町 1-2")]


@pytest.mark.parametrize("typed", ["ﾏﾙﾔ", "まるや", "八百屋"])
async def test_a_shop_is_found_by_its_name_from_the_start(doors: Doors, typed: str) -> None:
    """Before it has told anything of itself."""
    shop = await doors.shop("八百屋 まるや")
    found = await doors.visitor().get(f"{API}/search/shops", params={"text": typed})
    assert [each["shop"] for each in found.json()["shops"]] == [shop.account]
