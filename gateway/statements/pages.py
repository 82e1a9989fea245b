"""What is on the pages of a statement, and where."""

from datetime import UTC
from zoneinfo import ZoneInfo

from fpdf.enums import Align

from config.profile import Profile
from gateway.statements import words
from gateway.statements.figures import day_lines, fee_lines, tax, value_lines
from gateway.statements.sheet import INK, MARGIN, SHADE, SOFT, WIDTH, Column, Sheet
from ledger.statements import Statement


def pdf(profile: Profile, statement: Statement) -> bytes:
    """A statement's pages. The document's date is the settlement's, so the same statement has the
    same bytes.
    """
    line, zone = statement.line, ZoneInfo(profile.town.time_zone)
    made = statement.settlement.released_at or statement.settlement.made_at
    name = f"精算書 {statement.settlement.settlement}-{line.shop_code}"
    sheet = Sheet(_rgb(profile.town.colour), f"{profile.town.issuer}　{name}")
    sheet.set_title(name)
    sheet.set_author(profile.town.issuer)
    sheet.set_creation_date(made.astimezone(UTC))
    sheet.add_page()
    _top(sheet, profile, statement, zone)
    _sum(sheet, statement)
    _fees(sheet, profile, statement)
    _values(sheet, profile, statement)
    _days(sheet, profile, statement)
    return bytes(sheet.output())


def _rgb(colour: str) -> tuple[int, int, int]:
    """A profile's colour, such as #a4262c."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


def _top(sheet: Sheet, profile: Profile, statement: Statement, zone: ZoneInfo) -> None:
    """Who writes to whom, about when, and what it comes to."""
    line, settled, half = statement.line, statement.settlement, WIDTH / 2
    sheet.set_fill_color(*sheet.colour)
    sheet.rect(0, 0, 210, 3.2, style="F")
    sheet.type(22, strong=True)
    sheet.put(MARGIN, 15, half, "精算書")
    sheet.type(8, SOFT)
    sheet.put(MARGIN, 26, half, f"{profile.town.currency['ja']}　No. {settled.settlement}")
    sheet.type(9.5)
    issuer = [profile.town.issuer]
    if profile.law is not None:
        issuer += [profile.law.address, profile.law.complaints]
    if profile.invoice is not None:
        issuer.append(f"登録番号 {profile.invoice.number}")
    made = settled.released_at or settled.made_at
    issuer.append(f"発行日 {words.day(made.astimezone(zone).date())}")
    for place, text in enumerate(issuer):
        sheet.type(9.5 if place == 0 else 7.5, INK if place == 0 else SOFT)
        sheet.put(MARGIN + half, 15.5 + place * 4.6, half, text, Align.R)
    name = f"{line.shop_name}　御中"
    sheet.type(14, strong=True)
    long = sheet.get_string_width(name) > WIDTH
    if long:
        sheet.type(10.5, strong=True)
    sheet.put(MARGIN, 39.8 if long else 38, WIDTH, name)
    sheet.rule(46, INK, 0.3)
    sheet.type(8, SOFT)
    sheet.put(MARGIN, 47, half, f"加盟店番号 {line.shop_code[:3]} {line.shop_code[3:]}")

    sheet.set_fill_color(*SHADE)
    sheet.rect(MARGIN, 56, WIDTH, 28, style="F")
    title, amount = words.headline(line)
    sheet.type(9, SOFT)
    sheet.put(MARGIN + 6, 60, half - 12, title)
    sheet.type(25, sheet.colour, strong=True)
    sheet.put(MARGIN + 6, 66.5, half - 12, words.yen(amount))
    facts = [("対象期間", words.period(settled.from_at, settled.until_at, zone))]
    if statement.moves_on is not None and line.state != "failed":
        kind = "お振込日" if line.net > 0 else "お引落し日"
        facts.append((kind, words.day(statement.moves_on)))
    if statement.destination is not None and not line.carries:
        facts.append(("口座", words.destination(statement.destination)))
    facts.append(("状態", words.state(line)))
    for place, (name, text) in enumerate(facts):
        y = 59.5 + place * 5.6
        sheet.type(7.5, SOFT)
        sheet.put(MARGIN + half, y, 17, name)
        sheet.type(8.5)
        sheet.put(MARGIN + half + 17, y - 0.3, half - 21, text)
    sheet.set_y(86)


def _sum(sheet: Sheet, statement: Statement) -> None:
    """How the amount comes about, as the settlement's book has it."""
    line = statement.line
    sheet.heading("精算の内訳")
    columns = (Column("項目", 84), Column("内容", 50), Column("金額", WIDTH - 134, Align.R))
    rows = [
        ("お支払いの受入れ", "お客さまが使われた額", words.yen(line.accepted)),
        ("チャージでお預かりの現金", "差し引きます", words.yen(-line.topped_up)),
        ("発行されたポイント", "差し引きます", words.yen(-line.issued)),
        ("手数料", "差し引きます", words.yen(-line.fees)),
        ("前回からの繰越", "", words.yen(line.carried_in)),
    ]
    sheet.grid(columns, rows)
    y = sheet.get_y() + 1.4
    sheet.type(11, strong=True)
    sheet.put(MARGIN + 1.2, y, 80, "差引の精算額")
    sheet.put(MARGIN + 84, y, WIDTH - 85.2, words.yen(line.net), Align.R)
    sheet.set_y(y + 7)


def _fees(sheet: Sheet, profile: Profile, statement: Statement) -> None:
    """Fees by rate, and the tax in them: the qualified invoice's part of the statement."""
    found = fee_lines(statement)
    if not found:
        return
    sheet.heading("手数料")
    columns = (
        Column("種類", 52),
        Column("料率", 36),
        Column("件数", 20, Align.R),
        Column("対象の額", 33, Align.R),
        Column("手数料", WIDTH - 141, Align.R),
    )
    rows = [
        (
            words.FEES[each.kind],
            words.rate(each),
            f"{each.entries:,}",
            words.yen(each.amount) if each.amount else "",
            words.yen(each.fee),
        )
        for each in found
    ]
    sheet.grid(columns, rows)
    total = f"手数料の合計　{words.yen(statement.line.fees)}"
    if profile.invoice is not None:
        part = tax(statement.line.fees, profile.invoice)
        percent = words.percent(part.basis_points)
        total = (
            f"{percent}対象（税込）　{words.yen(part.fees)}　うち消費税　{words.yen(part.tax)}"
            f"　登録番号 {profile.invoice.number}"
        )
    y = sheet.get_y() + 1
    sheet.type(8.5)
    sheet.put(MARGIN, y, WIDTH - 1.2, total, Align.R)
    sheet.set_y(y + 5)


def _values(sheet: Sheet, profile: Profile, statement: Statement) -> None:
    """What was accepted, by kind of value."""
    found = value_lines(statement.parts)
    if not found:
        return
    sheet.heading("お支払いの受入れ（種別ごと）")
    columns = (
        Column("種別", 72),
        Column("件数", 20, Align.R),
        Column("受入れ", 28, Align.R),
        Column("取消", 26, Align.R),
        Column("計", WIDTH - 146, Align.R),
    )
    rows = [
        (
            words.instrument(profile, each.instrument),
            f"{each.entries:,}",
            words.yen(each.paid),
            words.yen(-each.given_back),
            words.yen(each.accepted),
        )
        for each in found
    ]
    sheet.grid(columns, rows)


def _days(sheet: Sheet, profile: Profile, statement: Statement) -> None:
    """Every day of the period on which there was something."""
    found = day_lines(statement.parts)
    if not found:
        return
    sheet.heading("日ごとの明細")
    columns = (
        Column("日", 20, once=True),
        Column("種類", 52),
        Column("種別", 44),
        Column("件数", 12, Align.R),
        Column("金額", 24, Align.R),
        Column("手数料", WIDTH - 152, Align.R),
    )
    rows = [
        (
            words.short_day(each.day),
            words.KINDS[each.kind] + ("の取消" if each.reversal else ""),
            words.instrument(profile, each.instrument),
            f"{each.entries:,}",
            words.yen(each.amount),
            words.yen(each.fee),
        )
        for each in found
    ]
    sheet.grid(columns, rows)
