"""The mission, row by row: runs the stories in ``tests/acceptance`` and says which rows they show.

A row is what people can do (``tests/acceptance/rows.toml``); its stories are the tests whose names
begin with its id. A row passes when it has stories and all of them pass. Ends with 0; with 1 when a
row that is said to be done does not pass, or any story fails; with 2 when they could not be run.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from xml.etree import ElementTree as ET

from msgspec import Struct, convert

from scripts.environment import ROOT

STORIES = ROOT / "tests" / "acceptance"
RAN = {0, 1}  # What pytest ends with when the tests were run, whatever came of them.

_STORY = re.compile(r"test_([a-z][0-9]+)_\w+")


class StoriesFault(Exception):
    """The stories could not be run; the message says why."""


class Row(Struct, frozen=True, forbid_unknown_fields=True):
    """One row of the mission. ``done``: said to be done."""

    done: bool
    text: str


class State(StrEnum):
    """What the stories show of a row."""

    PASS = "pass"  # noqa: S105 - a verdict.
    FAIL = "fail"
    NOT_YET = "not yet"


def read_rows(file: Path = STORIES / "rows.toml") -> dict[str, dict[str, Row]]:
    """The mission's rows by town, then by id."""
    return convert(tomllib.loads(file.read_text(encoding="utf-8")), dict[str, dict[str, Row]])


def row_of(story: str) -> str | None:
    """The id of the row that a test's name begins with; None where it begins with none."""
    found = _STORY.match(story)
    return found[1].upper() if found else None


def states(ids: Iterable[str], results: Iterable[tuple[str, bool]]) -> dict[str, State]:
    """What became of each row, from the names of the tests that ran and whether they passed."""
    found = dict.fromkeys(ids, State.NOT_YET)
    for story, passed in results:
        row = row_of(story)
        if row in found:
            failed = not passed or found[row] is State.FAIL
            found[row] = State.FAIL if failed else State.PASS
    return found


def faults(rows: Mapping[str, Row], shown: Mapping[str, State]) -> list[str]:
    """Rows that are said to be done and are not shown, and rows with a story that fails."""
    return [
        row
        for row, state in shown.items()
        if state is State.FAIL or (rows[row].done and state is not State.PASS)
    ]


def run_stories(ids: Sequence[str]) -> list[tuple[str, bool]]:
    """Runs the stories of these rows (none: all); their names, and whether they passed.

    Raises:
        StoriesFault: pytest could not run them.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        words = [sys.executable, "-m", "pytest", "-q", str(STORIES), f"--junit-xml={report}"]
        if ids:
            words += ["-k", " or ".join(f"test_{row.lower()}_" for row in ids)]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode not in RAN:
            raise StoriesFault(f"pytest could not run the stories:\n{done.stdout}{done.stderr}")
        if done.returncode:
            print(done.stdout, file=sys.stderr)
        cases = ET.parse(report).iter("testcase")  # noqa: S314 - written a moment ago by pytest.
        # A story that was skipped shows nothing, so it is no pass.
        return [(case.get("name", ""), len(case) == 0 or _only_said(case)) for case in cases]


def _only_said(case: ET.Element) -> bool:
    return all(part.tag in {"system-out", "system-err", "properties"} for part in case)


def _line(row: str, one: Row, state: State) -> str:
    hint = "  (not said to be done)" if state is State.PASS and not one.done else ""
    return f"  {row:4} {state:8} {one.text}{hint}"


def main() -> int:
    """Prints the rows; the exit status."""
    towns = read_rows()
    rows = {row: one for group in towns.values() for row, one in group.items()}
    parser = argparse.ArgumentParser(prog="./scripts/stories", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", type=str.upper, help="such as N1")
    ids: list[str] = parser.parse_args().rows
    if unknown := [row for row in ids if row not in rows]:
        print(f"koban: there is no row {', '.join(unknown)}", file=sys.stderr)
        return 2
    try:
        shown = states(ids or rows, run_stories(ids))
    except StoriesFault as fault:
        print(f"koban: {fault}", file=sys.stderr)
        return 2
    for town, group in towns.items():
        lines = [_line(row, one, shown[row]) for row, one in group.items() if row in shown]
        if lines:
            print("\n".join([town, *lines]))
    passed = sum(state is State.PASS for state in shown.values())
    wrong = faults(rows, shown)
    print(f"\n{passed} of {len(shown)} rows pass.")
    if wrong:
        print(f"Not as said: {', '.join(wrong)}.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
