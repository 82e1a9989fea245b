"""Statements at the doors and at the command line: whose they are, when, and in which form."""

import asyncio
import csv
import io
from pathlib import Path
from typing import Any

import pypdfium2

from ledger.accounts import Shop
from ledger.database import transaction
from ledger.grants import By
from ledger.settlement import settlements
from ledger.settlement.settlements import NewSettlement, Terms
from tests.integration.test_giving_commands import Koban, Said, koban
from tests.support.doors import Doors
from tests.support.offices import Office, open_office

__all__ = ["koban"]

API = "/api/nagaoka"


async def settled(office: Office, *, release: bool) -> int:
    """A settlement of all shops until now."""
    doors = office.doors
    doors.clock.advance(minutes=3)
    terms = Terms(payout_min=1, collection_min=1, fee_rounding="down")
    new = NewSettlement(doors.clock.now.replace(second=0, microsecond=0), terms)
    doors.clock.advance(minutes=3)
    async with transaction(doors.pool) as connection:
        maker = By(None, "小林")
        number = await settlements.make(connection, doors.town, new, maker, doors.clock.now)
        if release:
            by = By(None, "渡辺")
            await settlements.release(connection, doors.town, number, by, doors.clock.now)
    return number


def at(site: str, shop: Shop, number: int, form: str) -> str:
    """Where a statement lies."""
    return f"{API}/{site}/shops/{shop.account}/statements/{number}/{form}"


def text(data: bytes) -> str:
    """The first page of a PDF."""
    return str(pypdfium2.PdfDocument(data)[0].get_textpage().get_text_range())


async def test_a_manager_fetches_their_own_and_the_console_any(doors: Doors) -> None:
    """A clerk none at all; a manager nobody else's, and none before it is released; what is asked
    in the wrong words is refused, each with its field.
    """
    office = await open_office(doors)
    wallet = await office.wallet(60_000)
    await office.payment(wallet, office.near, 1_200)
    await office.payment(wallet, office.far, 3_400)
    number = await settled(office, release=True)
    await office.payment(wallet, office.near, 700)
    draft = await settled(office, release=False)

    manager = await office.staff("shop", shop=office.near.account)
    clerk = await office.staff("clerk", shop=office.near.account)
    headquarters = await office.staff("headquarters", chain=office.chain)
    near, far = office.near, office.far

    listed = (await manager.get(f"{API}/staff/shops/{near.account}/statements")).json()
    assert [(each["settlement"], each["net"]) for each in listed["lines"]] == [(number, 1_200)]
    answer = await manager.get(at("staff", near, number, "pdf"))
    assert answer.headers["content-type"] == "application/pdf"
    name = f"nagaoka-statement-{number}-{near.code}"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}.pdf"'
    assert "1,200円" in text(answer.content)
    again = await headquarters.get(at("staff", near, number, "pdf"))
    assert again.content == answer.content
    assert "3,400円" in text((await headquarters.get(at("staff", far, number, "pdf"))).content)
    seen = await doors.operator("会計")
    assert (await seen.get(at("console", near, number, "pdf"))).content == answer.content
    assert "未確定" in text((await seen.get(at("console", near, draft, "pdf"))).content)

    sheet = await manager.get(at("staff", near, number, "csv"), params={"encoding": "shift_jis"})
    rows = list(csv.DictReader(io.StringIO(sheet.content.decode("cp932"), newline="")))
    assert [row["amount"] for row in rows if row["what"] == "net"] == ["1200"]

    table: list[tuple[Any, str, dict[str, str], int, str, str | None]] = [
        (clerk, at("staff", near, number, "pdf"), {}, 403, "not_allowed", None),
        (clerk, f"{API}/staff/shops/{near.account}/statements", {}, 403, "not_allowed", None),
        (manager, at("staff", far, number, "pdf"), {}, 404, "not_found", "shop"),
        (manager, at("staff", near, draft, "pdf"), {}, 404, "not_found", "settlement"),
        (manager, at("staff", near, draft, "csv"), {}, 404, "not_found", "settlement"),
        (manager, at("staff", near, 999, "csv"), {}, 404, "not_found", "settlement"),
        (manager, at("staff", near, 0, "pdf"), {}, 422, "invalid", "settlement"),
        (manager, at("staff", near, number, "csv"), {"encoding": "x"}, 422, "invalid", "encoding"),
        (manager, at("console", near, number, "pdf"), {}, 401, "signed_out", None),
        (seen, at("console", office.next_door, number, "pdf"), {}, 404, "not_found", "settlement"),
    ]
    wrong = []
    for visitor, path, query, status, code, field in table:
        refused = await visitor.get(path, params=query)
        told = refused.json()
        if (refused.status_code, told["code"], told.get("field")) != (status, code, field):
            wrong.append(f"{path} {query}: {refused.status_code} {refused.text}")
    assert not wrong, "\n".join(wrong)


async def test_a_folder_of_statements(doors: Doors, koban: Koban, tmp_path: Path) -> None:
    """A settlement to print, a file a shop; and what is said where there is none."""
    office = await open_office(doors)
    wallet = await office.wallet(60_000)
    await office.payment(wallet, office.near, 1_200)
    number = str(await settled(office, release=True))

    async def write(*words: str) -> Said:
        return await asyncio.to_thread(koban, "statements", "write", "nagaoka", *words)

    folder = tmp_path / "april"
    assert (await write(number, str(folder))).out.endswith(f"2 statements are in {folder}.")
    assert (await write(number, str(folder), "--csv", "--shop", office.near.code)).status == 0
    written = sorted(path.name for path in folder.iterdir())
    stem = f"nagaoka-statement-{number}-"
    both = [f"{stem}{shop.code}.pdf" for shop in (office.near, office.alone)]
    assert written == sorted([*both, f"{stem}{office.near.code}.csv"])
    assert "1,200円" in text((folder / both[0]).read_bytes())
    for words, said in (
        (("99", str(folder)), "there is no settlement 99"),
        ((number, str(folder), "--shop", "0000000"), "no shop with it is in"),
        ((number, str(folder / both[0])), "File exists"),
    ):
        refused = await write(*words)
        assert (refused.status, said in refused.error) == (1, True), refused.error
