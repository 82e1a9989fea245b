"""Groups and recipients at the doors: bad input as a table, and who may do what."""

from typing import Any

import pytest

from tests.support.doors import Doors

API = "/api/nagaoka"
NOBODY = 999_999
LONG = "長" * 500


@pytest.mark.parametrize(
    ("who", "method", "path", "body", "status", "code", "field"),
    [
        ("operator", "PUT", "/console/shops/{shop}/groups", {}, 422, "invalid", "groups"),
        (
            "operator",
            "PUT",
            "/console/shops/{shop}/groups",
            {"groups": "street"},
            422,
            "invalid",
            "groups",
        ),
        (
            "operator",
            "PUT",
            "/console/shops/{shop}/groups",
            {"groups": [1]},
            422,
            "invalid",
            "groups[0]",
        ),
        (
            "operator",
            "PUT",
            "/console/shops/{shop}/groups",
            {"groups": ["roads"]},
            422,
            "invalid",
            "groups",
        ),
        (
            "operator",
            "PUT",
            "/console/shops/{shop}/groups",
            {"groups": ["street"] * 101},
            422,
            "invalid",
            "groups",
        ),
        (
            "operator",
            "PUT",
            "/console/shops/999999/groups",
            {"groups": ["street"]},
            404,
            "not_found",
            "shop",
        ),
        ("operator", "GET", "/console/shops/999999/groups", None, 404, "not_found", "shop"),
        ("operator", "PUT", "/console/shops/x/groups", {"groups": []}, 422, "invalid", "shop"),
        ("ops", "PUT", "/console/shops/{shop}/groups", {"groups": []}, 403, "not_allowed", None),
        ("holder", "PUT", "/console/shops/{shop}/groups", {"groups": []}, 401, "signed_out", None),
        ("operator", "POST", "/console/groups", {"name": ""}, 422, "invalid", "name"),
        ("operator", "POST", "/console/groups", {"name": LONG}, 422, "invalid", "name"),
        (
            "operator",
            "POST",
            "/console/groups",
            {"name": "会", "given": 9},
            422,
            "invalid",
            "given",
        ),
        ("ops", "POST", "/console/groups", {"name": "会"}, 403, "not_allowed", None),
        ("holder", "POST", "/console/groups", {"name": "会"}, 401, "signed_out", None),
        ("holder", "POST", "/wallet/recipients", {}, 422, "invalid", "phone"),
        (
            "holder",
            "POST",
            "/wallet/recipients",
            {"phone": "+819012345678"},
            422,
            "invalid",
            "phone",
        ),
        (
            "holder",
            "POST",
            "/wallet/recipients",
            {"phone": "09099999999"},
            404,
            "recipient_unknown",
            "phone",
        ),
        (
            "operator",
            "POST",
            "/wallet/recipients",
            {"phone": "09012345678"},
            401,
            "signed_out",
            None,
        ),
    ],
)
async def test_bad_input_gets_its_answer(
    doors: Doors,
    who: str,
    method: str,
    path: str,
    body: Any,
    status: int,
    code: str,
    field: str | None,
) -> None:
    """The code, the field, and nothing changed."""
    shop = await doors.shop()
    if who == "holder":
        visitor = await doors.holder()
    else:
        visitor = await doors.operator(role=who)
    answer = await visitor.request(method, f"{API}{path.format(shop=shop.account)}", json=body)
    said = answer.json()
    assert (answer.status_code, said["code"], said.get("field")) == (status, code, field)
    public = await doors.visitor().get(f"{API}/groups")
    assert public.json() == {"groups": []}


async def test_a_shops_groups_are_kept_once_each_and_in_order(doors: Doors) -> None:
    """What was sent twice stands once; an empty list takes the shop out of all."""
    shop, operator = await doors.shop(), await doors.operator()
    path = f"{API}/console/shops/{shop.account}/groups"
    assert (await operator.get(path)).json() == {"groups": []}
    put = await operator.put(path, json={"groups": ["street", "street"]})
    assert put.json() == {"groups": ["street"]}
    assert (await operator.get(path)).json() == {"groups": ["street"]}
    assert (await operator.put(path, json={"groups": []})).json() == {"groups": []}
    assert (await operator.get(path)).json() == {"groups": []}
