"""The mission's rows and their stories belong together, and no town is known to the code."""

import ast
import re
from pathlib import Path

import pytest

from config.profile import towns_folder
from scripts.stories import STORIES, Row, State, faults, read_rows, row_of, states

ROOT = STORIES.parents[1]
ROWS = {row: one for group in read_rows().values() for row, one in group.items()}
TOWNS = {path.stem for path in towns_folder().glob("*.toml")}


def _stories() -> list[tuple[Path, str]]:
    return [
        (path, node.name)
        for path in sorted(STORIES.glob("test_*.py"))
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef) and node.name[:5] == "test_"
    ]


def test_every_row_of_the_mission_is_there() -> None:
    """Five systems, 59 rows, under the names of their profiles."""
    lengths = {"N": 20, "R": 10, "H": 12, "C": 10, "A": 7}
    assert set(ROWS) == {
        f"{letter}{number}" for letter, last in lengths.items() for number in range(1, last + 1)
    }
    assert set(read_rows()) == TOWNS


def test_a_done_row_has_a_story() -> None:
    """What is said to be done is shown."""
    told = {row_of(name) for _, name in _stories()}
    assert [row for row, one in ROWS.items() if one.done and row not in told] == []


def test_no_story_lacks_a_row() -> None:
    """A story's name begins with its row's id."""
    assert [f"{path.name}: {name}" for path, name in _stories() if row_of(name) not in ROWS] == []


@pytest.mark.parametrize(
    ("done", "results", "state", "wrong"),
    [
        (True, [("test_n1_a", True), ("test_n1_b[x]", True)], State.PASS, []),
        (False, [("test_n1_a", True)], State.PASS, []),
        (True, [("test_n1_a", True), ("test_n1_b", False)], State.FAIL, ["N1"]),
        (True, [("test_n1_b", False), ("test_n1_a", True)], State.FAIL, ["N1"]),
        (False, [("test_n1_a", False)], State.FAIL, ["N1"]),
        (True, [("test_n10_a", True)], State.NOT_YET, ["N1"]),
        (False, [], State.NOT_YET, []),
    ],
)
def test_the_verdict(
    done: bool, results: list[tuple[str, bool]], state: State, wrong: list[str]
) -> None:
    """A failing story, or none where one was promised, is a fault; N10's stories are not N1's."""
    rows = {"N1": Row(done, "")}
    shown = states(rows, results)
    assert shown == {"N1": state}
    assert faults(rows, shown) == wrong


def _named(path: Path) -> list[str]:
    """Where a town's code stands in code: as a string, and not in words to a reader."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return [
            f"{path}:{node.lineno}"
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Constant) and node.value in TOWNS
        ]
    quoted = re.compile(rf"""["'](?:{"|".join(TOWNS)})["']""")
    return [
        f"{path}:{number}"
        for number, line in enumerate(text.splitlines(), 1)
        if quoted.search(line)
    ]


def _code() -> list[Path]:
    """What runs: not the towns themselves, nor tests, documents and scripts."""
    return [
        path
        for room in ("config", "ledger", "notifier", "gateway", "terminal", "loadtest")
        for path in (ROOT / room).rglob("*")
        if path.suffix in {".py", ".sql", ".ts", ".tsx", ".html"}
        and not {"node_modules", "dist", "tests"} & set(path.parts)
    ]


def test_no_towns_name_is_in_code() -> None:
    """A town is data: the same code runs all of them, and the next one."""
    assert [place for path in _code() for place in _named(path)] == []


def test_a_towns_name_in_code_would_be_found(tmp_path: Path) -> None:
    """The search finds a planted one in either language, and leaves an example in words alone."""
    code = min(TOWNS)
    python, script = tmp_path / "x.py", tmp_path / "x.ts"
    python.write_text(f'"""Such as {code}."""\nif town == "{code}":\n    pass\n', encoding="utf-8")
    script.write_text(f"const town = '{code}';\n", encoding="utf-8")
    assert [len(_named(path)) for path in (python, script)] == [1, 1]
