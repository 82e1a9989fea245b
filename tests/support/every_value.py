"""A town with every kind of value and every way in and out, for tests that try all of it."""

import datetime as dt
from typing import Literal

from msgspec.structs import replace

from config.profile import (
    Expiry,
    GrantRule,
    Instrument,
    IssuingSection,
    Profile,
    PurposeSection,
    SendingSection,
    Way,
)
from config.profile.checks import broken_rules

WORDS = {"ja": "試し", "en": "Trial"}


def _instrument(number: int, code: str, **changes: object) -> Instrument:
    made = Instrument(
        number=number, code=code, kind="points", name=WORDS, unit=WORDS, spend_order=number
    )
    return replace(made, **changes)


def _way(code: str, kind: str, instrument: str, **changes: object) -> Way:
    made = Way(code, kind, WORDS, instrument, min=500, max=50_000, step=500)  # type: ignore[arg-type]
    return replace(made, **changes)


def _grant(on: Literal["top_up", "payment"], of: str, instrument: str, share: int) -> GrantRule:
    return GrantRule(on, of, instrument, share, "down", "city")


INSTRUMENTS = [
    _instrument(9, "ticket", kind="ticket", unit_yen=500, expires=Expiry(days=60)),
    _instrument(
        3, "street_point", shops=["street"], expires=Expiry(days=30), expired_to="publicity"
    ),
    _instrument(2, "point", spend_order=10, expires=Expiry(days=20, at="instant")),
    _instrument(
        4, "voucher", spend_order=11, kind="voucher", expires=Expiry(date=dt.date(2026, 5, 20))
    ),
    _instrument(5, "alone", spend_order=12, mixes=False, expires=Expiry(months=1, at="month_end")),
    _instrument(1, "coin", spend_order=13, kind="coin", expires=Expiry(days=40)),
    _instrument(6, "idle", spend_order=14, expires=Expiry(idle_days=15), expired_to="forest"),
    _instrument(7, "coupon", spend_order=15, kind="coupon"),
]
WAYS = [
    _way("cash", "shop", "coin"),
    _way("serial", "serial", "coin", max=10_000),
    _way(
        "card", "provider", "coin", provider="card", hold_s=90_000, day_max=30_000,
        month_max=60_000, new_account_days=7, new_account_day_max=20_000,
    ),
    _way("book", "provider", "ticket", provider="book"),
    _way("campaign", "provider", "voucher", provider="campaign", max=20_000, hold_s=600),
    _way("prize", "provider", "alone", provider="prize", funder="streets"),
    _way("miles", "exchange", "idle", provider="miles", min=100, step=100, out=True),
    _way("book_of_coin", "provider", "coin", provider="book_of_coin", needs_right=True),
]  # fmt: skip
GRANTS = [
    _grant("top_up", "coin", "point", 100),
    _grant("payment", "coin", "point", 50),
    _grant("payment", "coin", "point", 20),  # A second rule into the same lot.
    replace(_grant("top_up", "coin", "idle", 300), ways=["card"], rounding="up"),
    replace(_grant("top_up", "voucher", "voucher", 2_500), funder="premium"),
    replace(_grant("payment", "voucher", "street_point", 200), funder="streets"),
    replace(_grant("top_up", "coin", "ticket", 10_000), ways=["serial"], funder="premium"),
]
PURPOSES = [PurposeSection("publicity", WORDS), PurposeSection("forest", WORDS)]
ISSUING = IssuingSection("point", per_yen=100, points=2, purchase_max=50_000, funder="shops")
SENDING = SendingSection(["coin", "idle", "ticket"], 20_000, 25_000, 60_000)


def every_value(
    profile: Profile, spent_grants: Literal["absorb", "block", "debt"] = "absorb"
) -> Profile:
    """The town of ``profile`` with all of it; ``spent_grants`` is its rule for reversals."""
    made = replace(
        profile,
        limits=replace(profile.limits, payment_max=60_000, balance_cap=60_000),
        reversals=replace(
            profile.reversals,
            window_days=40,
            spent_grants=spent_grants,
            expired_lots="extend",
            extend_days=10,
        ),
        instruments=INSTRUMENTS,
        ways=WAYS,
        grants=GRANTS,
        sending=SENDING,
        purposes=PURPOSES,
        issuing=ISSUING,
    )
    assert list(broken_rules(made)) == []
    return made
