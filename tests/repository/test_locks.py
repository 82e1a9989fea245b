"""The lock files are fresh, whole and hashed, and name no place."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.lock import GROUPS, fingerprint, requirements
from tests.support.stores import ROOT

LOCKS = [ROOT / "locks" / f"{group}.txt" for group in ("uv", *GROUPS)]


def _pins(path: Path) -> dict[str, str]:
    found = re.findall(r"^([\w.-]+)==([^ \\;]+)", path.read_text(), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in found}


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_a_lock_was_made_from_the_present_requirements(path: Path) -> None:
    """The requirements' hash in the lock file is that of pyproject.toml; else run scripts/lock."""
    assert f"scripts/lock ({fingerprint(path.stem)})" in path.read_text()


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_a_lock_pins_what_is_asked_for(path: Path) -> None:
    """Every requirement of the group is pinned, at a version that it allows."""
    pins = _pins(path)
    for line in requirements(path.stem):
        wanted = Requirement(line)
        assert wanted.specifier.contains(pins[canonicalize_name(wanted.name)])


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
def test_every_pin_has_hashes(path: Path) -> None:
    """Nothing is installed whose content was not known when it was locked."""
    blocks = re.split(r"^(?=[\w.-]+==)", path.read_text(), flags=re.MULTILINE)[1:]
    assert blocks
    assert [block for block in blocks if "--hash=sha256:" not in block] == []


def test_locks_agree_with_each_other() -> None:
    """All groups fit into one environment: no package is pinned twice at different versions."""
    known: dict[str, str] = {}
    for path in LOCKS:
        for name, version in _pins(path).items():
            assert known.setdefault(name, version) == version, name


def test_the_screens_lock_is_whole() -> None:
    """Every package of the screens has its hash, and none says where it comes from."""
    lock = json.loads((ROOT / "terminal" / "web" / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    optional = {
        f"node_modules/{name}"
        for entry in packages.values()
        for name in entry.get("optionalDependencies", {})
    }
    assert optional - packages.keys() == set()


def test_the_oldest_python_is_the_same_everywhere() -> None:
    """pyproject.toml, ruff, mypy and the bootstrap mean the same oldest Python."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    bootstrap = re.search(
        r"^OLDEST = \((\d+), (\d+)\)",
        (ROOT / "scripts" / "environment.py").read_text(),
        re.MULTILINE,
    )
    assert bootstrap is not None
    oldest = ".".join(bootstrap.groups())
    assert project["project"]["requires-python"] == f">={oldest}"
    assert project["tool"]["mypy"]["python_version"] == oldest
    assert project["tool"]["ruff"]["target-version"] == f"py{oldest.replace('.', '')}"
