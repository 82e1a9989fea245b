"""Rules of the repository itself: what a reader may rely on in every file of it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.stores import ROOT

TEXT_MAX_BYTES = 1_000_000
LINES_MAX = 550  # The aim is half of it; what comes near is a list, not machinery.


def _files() -> list[Path]:
    """Every file that is, or would be, part of the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


FILES = _files()


def _text(path: Path) -> str:
    """The file's text; empty for pictures and other binary files, and for what was just removed."""
    try:
        content = path.read_bytes()[:TEXT_MAX_BYTES]
    except FileNotFoundError:
        return ""
    return "" if b"\0" in content else content.decode("utf-8", errors="replace")


def _found(pattern: str, *, apart_from: tuple[str, ...] = ()) -> list[str]:
    """Where the pattern stands in a file's text, apart from the files that may have it."""
    expression = re.compile(pattern, re.IGNORECASE)
    return [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in FILES
        if str(path.relative_to(ROOT)) not in apart_from
        and (found := expression.search(_text(path)))
    ]


def test_no_registry_is_named() -> None:
    """Locks name packages and hashes; where those come from is each machine's own choice."""
    hosts = "|".join(
        re.escape(".".join(parts))
        for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"))
    )
    assert _found(hosts) == []


def test_no_machine_is_named() -> None:
    """No path of the machine that somebody happened to work on."""
    folders = "|".join(("/ro" + "ot/", "/ho" + r"me/[a-z]", "/Us" + "ers/[a-z]", "/wo" + "rk/"))
    assert _found(rf"(?<![\w.$}}]){folders}") == []


def test_no_work_is_left_for_later() -> None:
    """What is not done is written down elsewhere, never in the code."""
    marks = "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X:", "HA" + "CK:"))
    assert _found(rf"(?-i:\b({marks})\b)") == []


def test_text_ends_with_one_newline() -> None:
    """Every text file ends with exactly one newline, and none has Windows line ends."""
    wrong = [
        str(path.relative_to(ROOT))
        for path in FILES
        if (text := _text(path))
        and (not text.endswith("\n") or text.endswith("\n\n") or "\r\n" in text)
        and len(text) < TEXT_MAX_BYTES
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "script",
    [path for path in FILES if path.parent == ROOT / "scripts" and not path.suffix]
    + [ROOT / ".ci" / "run"],
    ids=lambda path: path.name,
)
def test_scripts_are_one_word_and_say_what_they_do(script: Path) -> None:
    """A script is executable, is named by one word, starts a shell, and says what it is for."""
    lines = _text(script).splitlines()
    assert os.access(script, os.X_OK)
    assert re.fullmatch(r"[a-z]+", script.name)
    assert lines[0] in {"#!/bin/sh", "#!/usr/bin/env python3"}
    assert lines[1].startswith(("# ", '"""'))


def test_modules_stay_readable() -> None:
    """No module grows beyond what one sitting takes in."""
    long = {
        str(path.relative_to(ROOT)): lines
        for path in FILES
        if path.suffix == ".py"
        and "tests" not in path.relative_to(ROOT).parts
        and (lines := _text(path).count("\n")) > LINES_MAX
    }
    assert long == {}


@pytest.mark.parametrize(
    "package", ["config", "ledger", "notifier", "gateway", "terminal", "loadtest", "scripts"]
)
def test_every_package_has_its_chapter(package: str) -> None:
    """A package's docstring tells its purpose; a reader begins there."""
    text = _text(ROOT / package / "__init__.py")
    assert text.startswith('"""')
    assert len(text.split('"""')[1]) >= 40


def test_documents_in_both_languages_have_the_same_shape() -> None:
    """README.ja.md has the headings of README.md, level by level, so that neither falls behind."""
    levels = [
        [len(line.split(" ")[0]) for line in _headings(ROOT / name)]
        for name in ("README.md", "README.ja.md")
    ]
    assert levels[0] == levels[1]
    assert len(levels[0]) > 2


def _headings(path: Path) -> list[str]:
    """A Markdown file's headings, without what looks like one in a block of code."""
    prose = re.sub(r"^```.*?^```", "", _text(path), flags=re.MULTILINE | re.DOTALL)
    return [line for line in prose.splitlines() if re.match(r"#{1,6} ", line)]


def test_links_of_the_documents_lead_somewhere() -> None:
    """Every relative link and picture of a document is in the repository."""
    dead = [
        f"{path.relative_to(ROOT)}: {target}"
        for path in FILES
        if path.suffix == ".md"
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", _text(path))
        if "://" not in target and not (path.parent / target).exists()
    ]
    assert dead == []


@pytest.mark.skipif(not shutil.which("sh"), reason="there is no shell to ask")
def test_scripts_are_proper_shell() -> None:
    """The shell reads every script without complaint."""
    for path in FILES:
        if _text(path).startswith("#!/bin/sh"):
            read = subprocess.run(["sh", "-n", str(path)], capture_output=True, check=False)
            assert read.returncode == 0, f"{path.name}: {read.stderr.decode()}"
