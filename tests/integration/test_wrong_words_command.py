"""Wrong words at the command line: each is told, and none ends in the driver's own words."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from gateway import command
from tests.support.gateways import SECRET

Told = Callable[..., tuple[int, str, str]]
BEYOND = "9" * 20  # No number of the database's has as many digits.
TOWN = "nagaoka"
PROFILE = f"config/towns/{TOWN}.toml"


@pytest.fixture
def koban(dsn: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Told:
    """The command in this process: its exit status, what it printed, what it said was wrong."""
    for name, text in (("POSTGRES_DSN", dsn), ("REDIS_URL", "redis://x"), ("SECRET", SECRET)):
        monkeypatch.setenv(f"KOBAN_{name}", text)

    def run(*words: str) -> tuple[int, str, str]:
        try:
            status = command.main(words)
        except SystemExit as ended:
            status = int(ended.code or 0)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def test_numbers_days_and_instants_beyond_all_are_told(koban: Told) -> None:
    """With what was found and what is allowed; a wide digit is a digit."""
    notice = ("notices", "write", TOWN, "--to", "wallets", "--title", "ja=a", "--text", "ja=b")
    account = ("bank", "set", TOWN, "0000018", "0140", "020")
    for words, status, told in (
        (("settlements", "show", TOWN, BEYOND), 2, "allowed is a number"),
        (("settlements", "show", TOWN, "-1"), 2, "unrecognized|allowed is a number"),
        (("settlements", "show", TOWN, "１"), 1, "no such settlement"),
        (("settlements", "make", TOWN, "--until", "0001-01-01"), 1, "--until: found"),
        (("settlements", "make", TOWN, "--until", "9999-12-31T23:59-12:00"), 1, "--until: found"),
        (("towns", "load", PROFILE, "--from", "9999-12-31T23:59-12:00"), 1, "--from: found"),
        (("bank-files", "show", TOWN, BEYOND), 2, "allowed is a number"),
        (("bank-files", "make", TOWN, BEYOND, "transfer", "2026-11-30"), 2, "allowed is a number"),
        (("bank-files", "make", TOWN, "1", "transfer", "tomorrow"), 2, "such as 2027-03-31"),
        (("statements", "write", TOWN, BEYOND, "x"), 2, "allowed is a number"),
        (("programmes", "ceiling", TOWN, "p", BEYOND), 2, "allowed is a number"),
        (("programmes", "ceiling", TOWN, "p", "-5"), 2, "found '-5'"),
        (("reports", "export", TOWN, "--csv", "--out", "/nowhere/x"), 1, "/nowhere/x: No such"),
        (("clients", "open", TOWN, "a", "b", "--redirect", "x", "--scope", "who"), 1, "CLIENT"),
        ((*notice, "--from", "tomorrow"), 1, "--from: found 'tomorrow'"),
        ((*notice, "--from", "2027-01-02", "--until", "2027-01-01"), 1, "until"),
        (("grants", "apply", TOWN, BEYOND), 2, "allowed is a number"),
        (("notices", "withdraw", TOWN, BEYOND), 2, "allowed is a number"),
        (("proposals", "answer", TOWN, BEYOND, "--text", "a"), 2, "allowed is a number"),
        (("stops", "cancel", TOWN, BEYOND), 2, "allowed is a number"),
        (("personal", "erase", TOWN, BEYOND, "--reason", "x"), 2, "allowed is a number"),
        (("shops", "find", TOWN, "--near", "1,2", "--within-m", "1" * 12), 2, "1 to 100000"),
        (("law", "refund-notice", TOWN, "coin", "--begins", "2026-12-01", "--days", "9999"), 1,
         "--days"),
        ((*account, "3", "1234567", "アア"), 2, "1, 2, 4, 9"),
        ((*account, "1", "123456", "アア"), 2, "allowed are 7 digits"),
        ((*account, "1", "１２３４５６７", "アア"), 1, "no shop"),
        (("bank", "set", TOWN, "1", "0", "0", "1", "1234567", "ア", "--from", "2026-02-30"), 2,
         "such as 2027-03-31"),
    ):  # fmt: skip
        found = koban(*words)
        assert found[0] == status, (words, found)
        assert any(each in found[2] for each in told.split("|")), (words, found)
        assert found[1] == "", words


def test_a_database_that_is_not_to_be_had_is_status_three(
    koban: Told, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For every subject alike, whether there is none, or nothing was made in it yet."""
    name = dsn.partition("?")[0].rpartition("/")[2]
    for other, told in (("none", '"none" does not exist'), ("template1", "ledger.migrate")):
        monkeypatch.setenv("KOBAN_POSTGRES_DSN", dsn.replace(f"/{name}", f"/{other}", 1))
        for words in (
            ("settlements", "list", TOWN), ("towns", "list"), ("jobs", "list"),
            ("expiry", "list", TOWN), ("coupons", "list", TOWN), ("draws", "show", TOWN, "x"),
            ("campaigns", "list", TOWN), ("acquirers", "list", TOWN), ("alerts", "list"),
        ):  # fmt: skip
            status, printed, said = koban(*words)
            assert (status, printed) == (3, ""), (words, said)
            assert told in said, (words, said)
    monkeypatch.setenv("KOBAN_SECRET", "short")
    for words in (("personal", "encrypt"), ("fees", "list", TOWN)):
        assert koban(*words)[0] == 3, words


def test_a_reader_that_has_read_enough_is_no_fault() -> None:
    """As with ``| head``: no traceback, whatever was done stays done."""
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [sys.executable, "-m", "gateway.command", "bank", "name", "アオキ"],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_lists_for_spreadsheets_say_that_they_are_unicode(koban: Told) -> None:
    """Else Excel spoils every name in a list of refunds."""
    for words in (("law", "refund-list", TOWN, "coin"),
                  ("law", "reference-date", TOWN, "2026-09-30", "--csv")):  # fmt: skip
        status, printed, said = koban(*words)
        assert (status, printed[:1]) == (0, "\ufeff"), said
