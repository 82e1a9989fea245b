"""``koban notices``, ``koban surveys`` and ``koban proposals``: an office's day with its voices."""

import asyncio
import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from msgspec.structs import replace
from PIL import Image

from gateway import command
from ledger import accounts, surveys
from ledger.questions import NumberQuestion, Question, TextQuestion
from ledger.surveys import Audience, NewSurvey
from ledger.vault import Vault
from ledger.voices import proposals, shop_requests
from ledger.voices.proposals import NewProposal
from tests.support.doors import SETTINGS
from tests.support.gateways import SECRET

VAULT = Vault.of(replace(SETTINGS, secret=SECRET.encode()))
Koban = Callable[..., tuple[int, bytes, str]]


@pytest.fixture
def koban(
    dsn: str, town: int, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Koban:
    """The command, in this process: its exit status, and what it said."""
    assert town
    for name, text in (("POSTGRES_DSN", dsn), ("REDIS_URL", "redis://x"), ("SECRET", SECRET)):
        monkeypatch.setenv(f"KOBAN_{name}", text)

    def run(*words: str) -> tuple[int, bytes, str]:
        status = command.main(words)
        printed = capfdbinary.readouterr()
        return status, printed.out, printed.err.decode()

    return run


async def said(koban: Koban, *words: str) -> Any:
    """What a command printed, read."""
    status, out, error = await asyncio.to_thread(koban, *words)
    assert status == 0, error
    return json.loads(out)


async def test_an_office_writes_asks_and_answers(
    pool: asyncpg.Pool, town: int, koban: Koban, tmp_path: Path
) -> None:
    """A notice with a picture is written and withdrawn; a survey's answers are exported in both
    encodings, harmless to Excel; a proposal and a shop request are answered.
    """
    now = datetime.now(UTC)
    wallet = await accounts.open_wallet(pool, town, now)
    photo, text = tmp_path / "photo.png", tmp_path / "text.txt"
    Image.new("RGB", (40, 30)).save(photo)
    text.write_text("八月二日\n三日", encoding="utf-8")
    write = ("notices", "write", "nagaoka", "--to", "wallets", "--text", f"ja=@{text}")
    made = await said(
        koban, *write, "--title", "ja=花火", "--picture", str(photo), "ja=夜空", "--json"
    )
    assert (made["title"], made["text"]) == ({"ja": "花火"}, {"ja": "八月二日\n三日"})
    assert made["pictures"][0]["alt"] == {"ja": "夜空"}
    number = str(made["circular"])
    gone = await said(koban, "notices", "withdraw", "nagaoka", number, "--json")
    assert gone["state"] == "withdrawn"
    [listed] = await said(koban, "notices", "list", "nagaoka", "--json")
    assert listed["circular"] == made["circular"]
    table: list[tuple[tuple[str, ...], str]] = [
        (("notices", "withdraw", "nagaoka", number), "is over or was withdrawn"),
        (("notices", "withdraw", "nagaoka", "99"), "there is no notice 99"),
        ((*write, "--title", "花火"), "allowed is such as ja="),
        ((*write, "--title", "en=Fireworks"), "the words in ja are missing"),
        ((*write, "--title", "ja=花火", "--picture", str(text), "ja=絵"), "no whole JPEG"),
        ((*write, "--title", "ja=花火", "--picture", "none.png", "ja=絵"), "No such file"),
        ((*write, "--title", "ja=花火", "--accounts", "1"), "none of the town's wallets"),
        (("surveys", "results", "nagaoka", "train"), "there is no survey 'train'"),
        (("proposals", "answer", "nagaoka", "9", "--text", "x"), "nothing that is open"),
        (("proposals", "answer", "nagaoka", "9", "--text", " "), "1 to 2,000"),
        (("proposals", "merge-shops", "nagaoka", "8", "--into", "9"), "not two open"),
    ]
    for words, why in table:
        status, _, error = await asyncio.to_thread(koban, *words)
        assert status == 1, words
        assert why in error, error

    given: dict[str, Any] = {"age": 40, "wish": "=1+1\n夜も"}
    questions: list[Question] = [
        NumberQuestion(code="age", text={"ja": "年齢"}),
        TextQuestion(code="wish", text={"ja": "望み"}),
    ]
    for code, anonymous in (("bus", False), ("taxi", True)):
        new = NewSurvey(
            code,
            {"ja": "足"},
            Audience.WALLETS,
            questions,
            now,
            now + timedelta(days=1),
            anonymous,
        )
        key = await surveys.add(pool, town, new)
        assert key is not None
        survey = await surveys.survey(pool, town, key)
        assert survey is not None
        assert await surveys.answer(pool, VAULT, town, survey, wallet, given, now)
    for code, headings in (("bus", ["account", "answered_at"]), ("taxi", [])):
        for encoding, codec in (("utf-8", "utf-8-sig"), ("shift_jis", "cp932")):
            words = ("surveys", "export", "nagaoka", code, "--encoding", encoding)
            status, out, error = await asyncio.to_thread(koban, *words)
            assert status == 0, error
            [first, line] = csv.reader(io.StringIO(out.decode(codec).rstrip("\n"), newline=""))
            assert first == [*headings, "age", "wish"]
            assert line[-2:] == ["40", "'=1+1\n夜も"]
        named = await said(koban, "surveys", "export", "nagaoka", code, "--format", "json")
        assert (named["account"] == wallet) is (code == "bus")
        assert (named["at"] is None) is (code == "taxi")
        assert named["answers"] == given
    file = tmp_path / "bus.csv"
    status, out, _ = await asyncio.to_thread(
        koban, "surveys", "export", "nagaoka", "bus", "--file", str(file)
    )
    assert (status, "1 answers" in out.decode()) == (0, True)
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    results = await said(koban, "surveys", "results", "nagaoka", "taxi", "--json")
    assert results["counts"] == {"age": {"40": 1}}
    assert [each["code"] for each in await said(koban, "surveys", "list", "nagaoka", "--json")] == [
        *("taxi", "bus"),
    ]

    new_proposal = NewProposal(UUID(int=1), "proposal", "ベンチを", None)
    await proposals.send(pool, VAULT, town, wallet, new_proposal, now)
    asked = await shop_requests.ask(pool, VAULT, town, wallet, "本屋", "殿町", now)
    [line] = await said(koban, "proposals", "list", "nagaoka", "--open", "--json")
    answer = ("proposals", "answer", "nagaoka", str(line["proposal"]), "--text", "置きました")
    assert (await asyncio.to_thread(koban, *answer))[0] == 0
    shop = ("proposals", "answer-shop", "nagaoka", str(asked.request), "--text", "入りました")
    assert (await asyncio.to_thread(koban, *shop))[0] == 0
    assert await said(koban, "proposals", "list", "nagaoka", "--open", "--json") == []
    assert await said(koban, "proposals", "shops", "nagaoka", "--open", "--json") == []
    assert await pool.fetchval("SELECT count(*) FROM koban.notice WHERE kind = 'answer'") == 2
