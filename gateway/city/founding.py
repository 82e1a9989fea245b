"""A city founded whole, or gone on with where it was stopped."""

from collections.abc import Callable

from msgspec import Struct

from config.profile import Profile
from gateway.city import value
from gateway.city.plan import shops_of
from ledger import cities
from ledger.cities import City, CityRefused
from ledger.database import Pool
from ledger.shops.listings import Place
from ledger.vault import Vault


class Founded(Struct, frozen=True):
    """What there is now. ``resumed``: how many wallets still waited for their value."""

    city: City
    yen: int
    resumed: int | None


async def found(
    pool: Pool,
    vault: Vault,
    profile: Profile,
    wanted: City,
    amount: int | None,
    clock: value.Clock,
    progress: Callable[[str, int, int], None],
    *,
    middle: Place | None = None,
) -> Founded:
    """Fills an empty town, or goes on with one that was not finished; ``progress`` is told what is
    done, how much of it, and of how much. ``amount``: yen for each wallet; None: by chance.
    ``middle``: around which the shops are; None: they do not say where they are.

    Raises:
        CityRefused: the town is not empty, is finished, or was begun with other sizes.
        OfficeFault: the ledger refused value to somebody.
    """
    town = profile.town.number
    there = await check(pool, town, wanted)
    if there is None:
        issuer = profile.cards.issuers[0] if profile.cards else None
        total = wanted.wallets + wanted.shops
        await cities.found(
            pool,
            vault,
            town,
            wanted,
            shops_of(profile, wanted, middle),
            issuer,
            lambda done: progress("shops, wallets and cards", done, total),
        )
    waiting = await cities.without_value(pool, town)
    if waiting:
        await value.give(
            pool,
            profile,
            waiting,
            wanted.seed,
            amount,
            clock,
            lambda done: progress("value in the wallets", done, len(waiting)),
        )
    yen = await cities.finish(pool, town, clock())
    found = await cities.city(pool, town)
    assert found is not None
    return Founded(found, yen, None if there is None else len(waiting))


async def check(pool: Pool, town: int, wanted: City) -> City | None:
    """The city that is to be gone on with; None: the town is empty.

    Raises:
        CityRefused: neither.
    """
    there = await cities.city(pool, town)
    if there is None:
        if await cities.somebody(pool, town):
            raise CityRefused("somebody takes part in this town already; fill an empty one")
        return None
    if there.finished_at is not None:
        raise CityRefused(f"this town was filled at {there.finished_at:%Y-%m-%dT%H:%MZ} already")
    sizes = (there.wallets, there.shops, there.tablets, there.seed)
    if sizes != (wanted.wallets, wanted.shops, wanted.tablets, wanted.seed):
        raise CityRefused(
            "this town was begun with other sizes: go on with "
            f"--wallets {there.wallets} --shops {there.shops} --tablets {there.tablets} "
            f"--seed {there.seed}"
        )
    return there
