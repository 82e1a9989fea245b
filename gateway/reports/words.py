"""The names of reports' columns, tables and values, in Japanese and English."""

from collections.abc import Mapping

from msgspec import Struct

from gateway.protocol.api_reports import Unit


class Word(Struct, frozen=True):
    """What a column is called, and what its numbers are."""

    ja: str
    en: str
    unit: Unit = "number"


COLUMNS: Mapping[str, Word] = {
    "active": Word("利用者数", "Active people", "people"),
    "activity": Word("活動コード", "Activity", "text"),
    "activity_name": Word("活動・イベント", "Activity or event", "text"),
    "among": Word("比較の範囲", "Among", "text"),
    "amount": Word("金額・ポイント", "Amount", "yen"),
    "amount_before": Word("実施前の平均額", "Mean amount before", "mean"),
    "amount_mean": Word("実施中の平均額", "Mean amount during", "mean"),
    "area": Word("地域", "Area", "text"),
    "back_amount": Word("取消額", "Amount taken back", "yen"),
    "back_count": Word("取消件数", "Taken back", "number"),
    "campaign": Word("キャンペーンコード", "Campaign", "text"),
    "campaign_name": Word("キャンペーン", "Campaign name", "text"),
    "change": Word("増減率", "Change", "share"),
    "code": Word("店舗コード", "Shop code", "text"),
    "count": Word("件数", "Count"),
    "day": Word("日付", "Day", "text"),
    "days": Word("実施日数", "Days during"),
    "days_before": Word("比較日数", "Days before"),
    "department": Word("担当課", "Department", "text"),
    "direction": Word("入出", "In or out", "text"),
    "first": Word("開始日", "First day", "text"),
    "from_area": Word("移動元の地域", "From area", "text"),
    "gained": Word("増加額（推計）", "Gained (estimate)", "yen"),
    "group": Word("区分", "Group", "text"),
    "home": Word("利用者の地域", "Home area", "text"),
    "inside": Word("店舗の区分", "Shops", "text"),
    "instrument": Word("種別", "Kind of value", "text"),
    "issues": Word("ポイント付与件数", "Points issued, count"),
    "issues_amount": Word("付与ポイント", "Points issued", "yen"),
    "kind": Word("業種", "Kind of shop", "text"),
    "last": Word("終了日", "Last day", "text"),
    "median": Word("中央値", "Median", "yen"),
    "month": Word("月", "Month", "text"),
    "name": Word("名称", "Name", "text"),
    "net": Word("差引", "Net", "yen"),
    "newcomers": Word("新規利用者数", "New people", "people"),
    "opened": Word("新規開設数", "Wallets opened"),
    "paid": Word("支払額", "Paid", "yen"),
    "payments": Word("支払件数", "Payments"),
    "payments_amount": Word("支払額", "Paid", "yen"),
    "payments_before": Word("実施前の平均件数", "Mean payments before", "mean"),
    "payments_mean": Word("実施中の平均件数", "Mean payments during", "mean"),
    "people": Word("人数", "People", "people"),
    "programme": Word("事業コード", "Programme", "text"),
    "programme_name": Word("事業", "Programme name", "text"),
    "rank": Word("順位", "Rank"),
    "rank_in_kind": Word("業種内の順位", "Rank in its kind"),
    "returning": Word("継続利用者数", "Returning people", "people"),
    "reversals": Word("取消件数", "Reversals"),
    "reversals_amount": Word("取消額", "Reversed", "yen"),
    "shop": Word("店舗番号", "Shop", "text"),
    "shop_area": Word("店舗の地域", "Shop's area", "text"),
    "shops": Word("店舗数", "Shops"),
    "slot": Word("時期", "When", "text"),
    "to_area": Word("移動先の地域", "To area", "text"),
    "top_ups": Word("チャージ件数", "Top-ups"),
    "top_ups_amount": Word("チャージ額", "Topped up", "yen"),
    "weekday": Word("曜日", "Weekday", "text"),
    "what": Word("内容", "What", "text"),
}

TABLES: Mapping[str, tuple[str, str]] = {
    "activities": ("事業・活動別", "By programme and activity"),
    "ages": ("年代別", "By age"),
    "campaigns": ("キャンペーン別", "By campaign"),
    "compared": ("曜日別の比較", "Compared by weekday"),
    "days": ("日別", "By day"),
    "effect": ("まとめ", "Summary"),
    "homes": ("居住・チャージ地域別", "By home area"),
    "home_flows": ("利用者の地域から店舗の地域へ", "From home to shop"),
    "hours": ("時間帯別", "By hour"),
    "instruments": ("種別", "By kind of value"),
    "months": ("月別", "By month"),
    "moves": ("発行と利用", "Issued and used"),
    "place": ("位置づけ", "Place"),
    "shop_flows": ("店舗の地域から店舗の地域へ", "From shop to shop"),
    "shops": ("店舗別", "By shop"),
    "weekdays": ("曜日別", "By weekday"),
}

REPORTS: Mapping[str, tuple[str, str]] = {
    "issue": ("発行・利用月報", "Issue and use"),
    "users": ("利用者数", "People"),
    "flows": ("地域間の流れ", "Ways between areas"),
    "campaign": ("キャンペーンの効果", "A campaign's effect"),
    "shops": ("全店舗の実績", "All shops' results"),
    "shop": ("店舗の実績", "A shop's results"),
}

# What a file says instead of a code, by column.
VALUES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "direction": {"in": ("入", "in"), "out": ("出", "out")},
    "what": {
        "top_up": ("チャージ", "top-up"),
        "with_top_up": ("チャージ特典", "given on a top-up"),
        "payment": ("支払い", "payment"),
        "with_payment": ("支払い特典", "given on a payment"),
        "grant": ("付与", "grant"),
        "issue": ("店舗付与", "issued by shops"),
        "with_issue": ("店舗付与の特典", "given on points issued"),
        "gift": ("寄付", "gift"),
        "exchange": ("交換", "exchange"),
        "expiry": ("失効", "expiry"),
    },
    "among": {"kind": ("同業種", "its kind"), "town": ("全店舗", "the town")},
    "inside": {"inside": ("対象店舗", "in the campaign"), "outside": ("対象外の店舗", "others")},
    "weekday": {
        "0": ("全曜日", "all"),
        "1": ("月", "Mon"),
        "2": ("火", "Tue"),
        "3": ("水", "Wed"),
        "4": ("木", "Thu"),
        "5": ("金", "Fri"),
        "6": ("土", "Sat"),
        "7": ("日", "Sun"),
    },
}

UNKNOWN = ("不明", "unknown")  # An age or a home that nobody has said.
HIDDEN = "x"  # 秘匿: a cell of too few people.
