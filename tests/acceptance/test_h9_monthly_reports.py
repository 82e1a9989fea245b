"""H9: monthly reports by programme, event and attribute, of active people, as CSV at any time."""

from tests.acceptance.conftest import Visit
from tests.acceptance.granting import is_set_for, opens_activity, opens_programme
from tests.acceptance.nagaoka import Holder, Nagaoka
from tests.acceptance.reports import keeps, lines, numbers, reads, rows

HIDDEN = dict.fromkeys(("people", "count", "amount", "payments", "paid"))
# Five in their forties, one of eighty-five: a report's year is 2026.
PEOPLE = {
    **{("枚方 " + name, "ヒラカタ " + kana): f"198{n}-11-02" for n, (name, kana) in enumerate(
        [("一郎", "イチロウ"), ("次郎", "ジロウ"), ("三郎", "サブロウ"), ("四郎", "シロウ"),
         ("五郎", "ゴロウ")]
    )},
    ("五十嵐 ヨシ", "イガラシ ヨシ"): "1941-03-09",
}  # fmt: skip


async def six_people(town: Nagaoka) -> list[Holder]:
    """They register with their names and birth dates, as this town asks."""
    return [
        await town.registers_as(
            {"name": name, "kana": kana, "birth_date": birth_date}, f"0901234567{n}"
        )
        for n, ((name, kana), birth_date) in enumerate(PEOPLE.items())
    ]


async def test_h9_a_month_of_a_programme(visit: Visit) -> None:
    """Six people walk in April and one walks again in May; two read. The department reads what each
    event gave and to how many, who came for the first time, and how old they are, but never of so
    few that one could guess who. April's figures stand still afterwards.
    """
    town = await visit("hirakata")
    for programme, activity, name, amount in (
        ("health", "walk", "ひらかた歩こう会", 400),
        ("reading", "books", "読み聞かせの会", 250),
    ):
        await opens_programme(town, programme, "health", 10_000)
        await opens_activity(
            town, programme, activity, name, amount, amount_max=amount, per_person="always"
        )
    people = await six_people(town)
    *forties, yoshi = people
    gym, library = await town.opens("総合体育館"), await town.opens("中央図書館", area="楠葉")
    await is_set_for(town, gym, "walk")
    await is_set_for(town, library, "books")
    for person in forties:
        await gym.grants(await person.shows_code(None))
    for person in (forties[0], yoshi):
        await library.grants(await person.shows_code(None))
    await forties[0].pays(library.shop, 150)

    april = await reads(town, "issue?month=2026-04")
    assert [
        (line["programme"], line["activity_name"], line["count"], line["amount"], line["people"])
        for line in rows(april, "activities")
    ] == [("health", "ひらかた歩こう会", 5, 2_000, 5), ("reading", "読み聞かせの会", 2, 500, 2)]
    assert [
        (line["direction"], line["what"], line["instrument"], line["net"])
        for line in rows(april, "moves")
    ] == [("in", "grant", "health", 2_500), ("out", "payment", "health", 150)]
    # With Yoshi's row hidden alone the total would give her away: so the other is hidden too.
    assert rows(april, "ages") == [HIDDEN | {"group": "40"}, HIDDEN | {"group": "80"}]

    await town.days_pass(days=31)
    await gym.grants(await forties[1].shows_code(None))
    users = await reads(town, "users?since=2026-04-01&until=2026-05-31")
    assert [tuple(line.values()) for line in rows(users, "months")] == [
        ("2026-04", 6, 6, 0, 6), ("2026-05", 1, 0, 1, 0),
    ]  # fmt: skip
    assert (await reads(town, "issue?month=2026-04")).tables == april.tables
    (may,) = rows(await reads(town, "issue?month=2026-05"), "activities")
    assert (may["activity"], may["net"]) == ("walk", 400)

    file = await keeps(town, "reports/issue/csv?month=2026-04&table=activities")
    assert [(line["活動・イベント"], line["差引"]) for line in lines(file.content)] == [
        ("ひらかた歩こう会", "2000"), ("読み聞かせの会", "500"),
    ]  # fmt: skip
    file = await keeps(town, "reports/issue/csv?month=2026-04&table=ages&encoding=shift_jis")
    assert [line["人数"] for line in lines(file.content, "cp932")] == ["x", "x"]
    book = await keeps(town, "reports/issue/xlsx?month=2026-04")
    heading, walk, read = numbers(book.content, 2)
    assert heading == {}
    assert (walk["F"], walk["G"], walk["J"], walk["K"]) == (5, 2_000, 2_000, 5)
    assert (read["F"], read["G"]) == (2, 500)
