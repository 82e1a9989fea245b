"""What a city's shops are, from a seed; the same seed makes the same city. Pure."""

from random import Random

from config.profile import Profile
from ledger.cities import City, CityShop
from ledger.shops.hours import Hours
from ledger.shops.listings import Listing, Place

# A kind and what shops of it are called.
KINDS = (
    ("grocer", "青果", "セイカ"),
    ("bakery", "ベーカリー", "ベーカリー"),
    ("cafe", "珈琲店", "コーヒーテン"),
    ("restaurant", "食堂", "ショクドウ"),
    ("pharmacy", "薬局", "ヤッキョク"),
    ("books", "書房", "ショボウ"),
    ("clothes", "洋品店", "ヨウヒンテン"),
    ("barber", "理容室", "リヨウシツ"),
    ("bicycles", "サイクル", "サイクル"),
    ("flowers", "生花店", "セイカテン"),
)
OWNERS = (
    *(("山本", "ヤマモト"), ("田中", "タナカ"), ("佐藤", "サトウ"), ("鈴木", "スズキ")),
    *(("高橋", "タカハシ"), ("中村", "ナカムラ"), ("まるや", "マルヤ"), ("ひまわり", "ヒマワリ")),
    *(("すずらん", "スズラン"), ("かもめ", "カモメ"), ("さくら", "サクラ"), ("大和", "ヤマト")),
)
# Areas, and how far from the town's middle: degrees of latitude and longitude.
AREAS = (
    *(("駅前", 0.0, 0.0), ("本町", 0.006, 0.004), ("中央", -0.004, 0.007)),
    *(("東町", 0.003, 0.020), ("西町", 0.002, -0.022), ("南町", -0.020, 0.003)),
    *(("北町", 0.021, -0.002), ("緑が丘", 0.017, 0.018)),
)
SPREAD = 0.004  # Degrees around an area's own middle: some 400 m.


def shops_of(profile: Profile, city: City, middle: Place | None) -> list[CityShop]:
    """The shops around the town's middle, with tablets spread over them evenly and in turn; without
    a middle none has its place on the map.
    """
    chance = Random(city.seed)  # noqa: S311 - the same city each time, and nobody's secret.
    groups = [group.code for group in profile.groups]
    shops = []
    for place in range(city.shops):
        tablets = city.tablets // city.shops + (place < city.tablets % city.shops)
        shops.append(_shop(middle, place, tablets, groups, chance))
    return shops


def _shop(
    middle: Place | None, number: int, tablets: int, groups: list[str], chance: Random
) -> CityShop:
    kind, word, reading = KINDS[number % len(KINDS)]
    owner, owner_reading = chance.choice(OWNERS)
    area, north, east = chance.choice(AREAS)
    branch = number // len(KINDS) + 1
    place = None
    if middle is not None:
        latitude = middle.latitude + north + chance.uniform(-SPREAD, SPREAD)
        longitude = middle.longitude + east + chance.uniform(-SPREAD, SPREAD)
        place = Place(round(latitude, 6), round(longitude, 6))
    opens, closes = chance.choice(((540, 1_140), (600, 1_200), (660, 1_320), (1_020, 1_500)))
    rest = chance.randint(1, 7)
    listing = Listing(
        kana=f"{owner_reading} {reading}",
        address=f"{area}{chance.randint(1, 5)}丁目{chance.randint(1, 30)}-{chance.randint(1, 20)}",
        place=place,
        hours=[Hours(day, opens, closes) for day in range(1, 8) if day != rest],
        languages=["ja"],
    )
    labels = [f"レジ {tablet + 1}" for tablet in range(tablets)]
    belongs = [group for group in groups if chance.random() < 0.5]
    return CityShop(f"{owner}{word} {branch}", kind, area, belongs, listing, labels)
