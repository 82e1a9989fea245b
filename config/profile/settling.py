"""How a town settles with its shops."""

from typing import Literal

from msgspec import Struct

from config.profile.amounts import SomeYen


class SettlementSection(Struct, frozen=True, forbid_unknown_fields=True):
    """What is too little to move through a bank goes on to the shop's next settlement: less than
    ``payout_min`` yen to pay, or less than ``collection_min`` yen to collect.

    ``fee_rounding``: what happens to a fraction of a yen of a shop's fees, once a settlement and
    rate. The rates themselves are set at the console (`koban fees`), because they change.
    """

    payout_min: SomeYen = 1_000
    collection_min: SomeYen = 1_000
    fee_rounding: Literal["down", "up", "half_up"] = "down"
