"""What a statement calls things, in Japanese."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from config.profile import Profile
from gateway.statements.figures import FeeLine
from ledger.settlement.lines import Line
from ledger.statements import Destination

KINDS = {
    "payment": "お支払いの受入れ",
    "top_up": "チャージ（現金のお預かり）",
    "issue": "ポイントの発行",
}
FEES = {
    "payment": "換金手数料",
    "top_up": "チャージ手数料",
    "issue": "ポイント発行手数料",
    "transfer": "振込手数料",
}
STATES = {
    "made": "未確定（確認中）",
    "carried": "次回の精算に繰り越します",
    "released": "お手続き前",
    "in_file": "お手続き中",
    "paid": "お振込み済み",
    "collected": "お引落し済み",
    "failed": "お手続きができませんでした。次回の精算に繰り越します",
}
ACCOUNT_TYPES = {1: "普通", 2: "当座", 4: "貯蓄", 9: "その他"}


def yen(amount: int) -> str:
    """An amount, such as 12,345円; below zero with a minus."""
    return f"{'−' if amount < 0 else ''}{abs(amount):,}円"


def day(found: date) -> str:
    """Such as 2026年4月1日."""
    return f"{found.year}年{found.month}月{found.day}日"


def short_day(found: date) -> str:
    """Such as 4/1（水）."""
    return f"{found.month}/{found.day}（{'月火水木金土日'[found.weekday()]}）"


def period(from_at: datetime, until_at: datetime, zone: ZoneInfo) -> str:
    """From an instant to before another, as days where they are days of the town's."""
    start, end = from_at.astimezone(zone), until_at.astimezone(zone)
    whole = all((at.hour, at.minute, at.second) == (0, 0, 0) for at in (start, end))
    if whole:
        return f"{day(start.date())} から {day(end.date() - timedelta(days=1))} まで"
    return f"{day(start.date())} {start:%H:%M} から {day(end.date())} {end:%H:%M} まで"


def instrument(profile: Profile, number: int) -> str:
    """A kind of value by its number; what the rules no longer name keeps its number."""
    names = {one.number: one.name["ja"] for one in profile.instruments}
    return names.get(number, f"種別 {number}")


def rate(fee: FeeLine) -> str:
    """Such as 1.5% + 10円/件."""
    share = f"{fee.basis_points / 100:g}%" if fee.basis_points else ""
    each = f"{fee.yen:,}円/件" if fee.yen else ""
    return " + ".join(part for part in (share, each) if part) or "0%"


def percent(basis_points: int) -> str:
    """Such as 10%."""
    return f"{basis_points / 100:g}%"


def headline(line: Line) -> tuple[str, int]:
    """What the statement comes to, and how many yen."""
    if line.carries or line.state == "failed":
        return "次回への繰越額", line.net
    if line.net > 0:
        return "お振込み金額", line.net
    return "お引落し金額", -line.net


def state(line: Line) -> str:
    """What became of it."""
    return f"{STATES[line.state]}（{line.reason}）" if line.reason else STATES[line.state]


def destination(found: Destination) -> str:
    """A bank account of which the end is shown."""
    kind = ACCOUNT_TYPES[found.account_type]
    return f"銀行 {found.bank_code}　支店 {found.branch_code}　{kind}　••••{found.number_tail}"
