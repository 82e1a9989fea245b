"""What everybody is shown of the town's value (資金決済法 13), and the notice of a refund (20)."""

from datetime import date

from config.profile import Expiry, Instrument, LawSection, Profile
from gateway.protocol.api_law import LawDisplay, LawValue, RefundNotice
from gateway.refused import Refused
from ledger.prepaid import CLAIM_DAYS_MIN, claims_until

# Where a payment's part passes through the wallet within that payment, nobody holds any.
NEVER_HELD = "coupon"


def section(profile: Profile) -> LawSection:
    """What the town says of the law.

    Raises:
        Refused: ``not_found``, where its profile says nothing.
    """
    if profile.law is None:
        raise Refused("not_found", "The town's profile has no table [law]; add it and load it.")
    return profile.law


def display(profile: Profile) -> LawDisplay:
    """The display, made of the profile alone.

    Raises:
        Refused: ``not_found``, where it has no table for it.
    """
    law, town = section(profile), profile.town
    groups = {group.code: group.name["ja"] for group in profile.groups}
    bought = {way.instrument for way in profile.ways if way.funder in law.paid_by}
    return LawDisplay(
        issuer=town.issuer,
        address=law.address,
        complaints=law.complaints,
        currency=town.currency["ja"],
        payment_max=profile.limits.payment_max,
        balance_cap=profile.limits.balance_cap,
        values=[
            LawValue(
                one.code,
                one.name["ja"],
                one.code in bought,
                period(one.expires),
                [groups[code] for code in one.shops],
            )
            for one in profile.instruments
            if one.kind != NEVER_HELD
        ],
        where=law.where,
        balance=law.balance,
        terms=law.terms,
        cautions=law.cautions,
        deposit=law.deposit,
        compensation=law.compensation,
    )


def period(expires: Expiry) -> str:
    """How long value can be used, in Japanese."""
    if expires.date is not None:
        return f"{japanese(expires.date)}まで"
    if expires.idle_days is not None:
        return f"最後に使った日から{expires.idle_days}日間"
    if expires.months is None and expires.days is None:
        return "期限はありません"
    months = f"{expires.months}か月" if expires.months else ""
    days = f"{expires.days}日" if expires.days else ""
    both = f"{months}と{days}" if months and days else months or days
    if expires.at == "month_end":
        return f"受け取った日から{both}後の月の末日まで" if both else "受け取った月の末日まで"
    if not both:
        return "受け取った日のうち"
    return f"受け取った日から{both}後の{'同じ時刻' if expires.at == 'instant' else '日'}まで"


def notice(profile: Profile, instrument: Instrument, begins: date, days: int) -> RefundNotice:
    """The public notice of a refund procedure that is published on a day (20 (2), 前払府令 41).

    Raises:
        Refused: ``not_found``, where the profile says nothing of the law; ``invalid``, for fewer
            days than the law's.
    """
    law, town = section(profile), profile.town
    if days < CLAIM_DAYS_MIN:
        raise Refused(
            "invalid",
            f"Claims are taken for {CLAIM_DAYS_MIN} days or more (資金決済法 20 (2)).",
            field="days",
        )
    last = claims_until(begins, days)
    name = f"{town.currency['ja']}（{instrument.name['ja']}）"
    text = "\n".join(
        (
            "資金決済に関する法律第20条第1項に基づく払戻しのお知らせ",
            "",
            f"{town.issuer}は、{name}の発行の業務を終えるため、次のとおり未使用の残高を払い戻します。",
            "",
            f"1 払戻しをする発行者　{town.issuer}",
            f"2 払戻しの対象　{name}の未使用の残高のうち、代金をいただいた分",
            f"3 申出の期間　{japanese(begins)}から{japanese(last)}まで",
            "4 期間のうちに申出がない場合　この払戻しの手続から除かれます（同条第2項）。",
            f"5 申出の先　{law.address}　{town.issuer}",
            f"6 お問い合わせ　{law.complaints}",
            "",
            japanese(begins),
        )
    )
    return RefundNotice(instrument.code, instrument.name["ja"], begins, last, days, text)


def japanese(day: date) -> str:
    """A day as it is written: 2029年2月28日."""
    return f"{day.year}年{day.month}月{day.day}日"
