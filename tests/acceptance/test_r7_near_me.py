"""R7: somebody stands in the street and finds the shops around, nearest first."""

from gateway.protocol.api_shops import ShopChoices
from tests.acceptance.conftest import Visit
from tests.acceptance.shop_search import finds, names, opens


async def test_r7_shops_are_found_from_where_i_stand(visit: Visit) -> None:
    """Nearest first, as far as I care to walk; a shop that has not told its place is found by its
    name all the same; a shop that left is found no more.
    """
    ring = await visit("region-ring")
    for number, metres in enumerate((900, 100, 400)):
        place = {"latitude": 35.6812 + metres / 111_195, "longitude": 139.7671}
        await opens(ring, f"店 {number}", "food", "駅前", place=place)
    hidden = await opens(ring, "どこかの店", "food", "港")
    here = {"near": "35.6812,139.7671"}
    found = await finds(ring, **here)
    assert [(shop.name, shop.metres) for shop in found] == [
        ("店 1", 100),
        ("店 2", 400),
        ("店 0", 900),
    ]
    assert await names(ring, **here, within_m=500) == ["店 1", "店 2"]
    assert await names(ring, text="どこか") == ["どこかの店"]
    choices = await ring.get("/search/choices", ShopChoices)
    assert [(each.code, each.shops) for each in choices.areas] == [("駅前", 3), ("港", 1)]
    assert hidden.shop not in [shop.shop for shop in found]
