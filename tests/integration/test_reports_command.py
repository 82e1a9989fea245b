"""``koban reports``: looking, files in every form, and what was asked wrongly."""

import json
from pathlib import Path

import pytest

from gateway.office import Office, OfficeFault
from gateway.reports.command import act, arguments
from ledger.reports.snapshot import ReportRoom
from ledger.vault import Vault
from tests.support.ledger import Bench

# Words behind the town, and what is told.
WRONG = [
    (("show", "shop"), "--shop: The report shop needs a shop"),
    (("show", "shop", "--shop", "5"), "--shop: there is no shop '5'; it is the sticker's 7 digits"),
    (("export", "--csv", "--out", "x.csv", "--shop", "1001"), "--shop: there is no shop '1001'"),
    (("show", "users", "--campaign", "spring"), "--campaign: The report users takes no campaign"),
    (("show", "campaign", "--campaign", "spring"), "no campaign with this code"),
    (("show", "issue", "--csv", "months"), "--table: A CSV file is one table; allowed is moves"),
    (("show", "issue", "--since", "2026-04-01"), "--until: Give the first day and the last"),
    (("show", "users", "--xlsx"), "--out FILE is needed"),
    (("show", "users", "--csv", "months", "--encoding", "shift_jis"), "needs --out FILE"),
    (("export", "--csv"), "--out FILE is needed"),
]


async def test_a_report_in_every_form(bench: Bench, tmp_path: Path) -> None:
    """For people, for programs, for a spreadsheet in two encodings, and as a workbook; the journal
    as files; years of birth of people who have none.
    """
    wallet = await bench.wallet(10_000)
    for amount in (300, 700):
        assert (await bench.one(bench.pay(wallet, amount))).outcome == "done"
    room = ReportRoom.beside(bench.pool)
    office = Office(bench.pool, Vault({0: b"a secret of tests"}), bench.profile, bench.clock.now)

    async def types(words: str) -> str:
        first, *rest = words.split()
        return await act(office, arguments([first, "nagaoka", *rest]), room)

    month = "--month 2026-04"
    assert "issue" in await types("list")
    assert {each["report"] for each in json.loads(await types("list --json"))} >= {"shops", "shop"}
    assert "2026-04\t1\t1\t0\t1" in await types(f"show users {month}")
    shops = await types(f"show shops {month} --language en")
    assert '八百屋 "まるや"' in shops
    assert "\t1,000\t1\t10,000\t" in shops
    code = await bench.pool.fetchval("SELECT code FROM koban.shop WHERE shop = $1", bench.shop)
    found = json.loads(await types(f"show shop --shop {code} {month} --json"))
    assert found["tables"][0]["rows"][0][:3] == ["2026-04", 2, 1_000]
    assert (await types(f"show users {month} --csv months")).splitlines() == [
        "月,利用者数,新規利用者数,継続利用者数,新規開設数", "2026-04,1,1,0,1",
    ]  # fmt: skip
    file, book = tmp_path / "file.csv", tmp_path / "book.xlsx"
    await types(f"show shops {month} --csv shops --encoding shift_jis --out {file}")
    assert "まるや" in file.read_bytes().decode("cp932")
    assert await types(f"show shops {month} --xlsx --out {book}") == f"{book} has 1 tables"
    assert book.read_bytes().startswith(b"PK")
    assert await types(f"export --csv --out {file}") == f"{file} has 3 transactions"
    assert len(file.read_text("utf-8-sig").splitlines()) == 4
    assert (await types(f"export --xlsx --kind payment --out {book}")).endswith("2 transactions")
    assert (await types("attributes --dry-run")).startswith("0 people")
    assert (await types("attributes")).startswith("0 people")
    for words, told in WRONG:
        with pytest.raises(OfficeFault) as fault:
            await types(" ".join(words))
        assert told in str(fault.value), words


@pytest.mark.parametrize(
    "words", ["show nagaoka nothing", "show nagaoka users --month 2026-13", "export nagaoka",
              "show nagaoka users --since today", "show nagaoka users --json --xlsx"],
)  # fmt: skip
def test_wrong_words(words: str) -> None:
    """They end with 2, before anything is opened."""
    with pytest.raises(SystemExit) as ended:
        arguments(words.split())
    assert ended.value.code == 2
