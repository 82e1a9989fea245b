"""What is made for production, as far as it can be checked without a Docker engine."""

import ast
import fnmatch
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent


def _copied() -> list[str]:
    """What the Dockerfile takes from the repository."""
    found = []
    for line in DOCKERFILE.splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            *sources, _ = line.split()[1:]
            found += sources
    return found


def _run(
    *command: str | Path, cwd: Path = ROOT, **environ: str
) -> subprocess.CompletedProcess[str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("KOBAN_")}
    return subprocess.run(
        command,
        cwd=cwd,
        env={**kept, "PYTHONDONTWRITEBYTECODE": "1", **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_dockerfile_follows_the_rules() -> None:
    """The linter (hadolint) has nothing to say."""
    done = _run(BIN / "hadolint", "Dockerfile")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_compose_file_is_one() -> None:
    """By the Compose specification's own schema."""
    done = _run(BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_compose_file_hands_on_every_setting_of_the_readme() -> None:
    """What an operator sets is what the gateways and workers get."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = "".join(re.findall(r"^\| (`KOBAN_.*?) \|", text, re.MULTILINE))
    compose = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    named = re.findall(r"`(KOBAN_[A-Z_]+)`", rows)
    assert named
    assert [name for name in named if f"    {name}: " not in compose] == []


def test_what_is_copied_is_there_and_not_ignored() -> None:
    """Each source of a COPY exists, and .dockerignore lets it into the build."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = [line.removeprefix("!") for line in lines if line.startswith("!")]
    for source in _copied():
        assert (ROOT / source).exists(), source
        assert any(
            source == one or source.startswith(f"{one}/") or fnmatch.fnmatch(source, one)
            for one in allowed
        ), source


def test_the_image_runs_as_nobody_in_particular() -> None:
    """The last USER is a number and not root's, so that a cluster can tell."""
    users = re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)
    assert users
    assert users[-1].isdecimal()
    assert int(users[-1]) > 0


def test_what_the_image_holds_is_enough_to_run(tmp_path: Path) -> None:
    """With only the copied folders, gateway and migration start, and miss their settings."""
    for source in _copied():
        if (ROOT / source).is_dir() and not source.startswith("terminal"):
            shutil.copytree(
                ROOT / source, tmp_path / source, ignore=shutil.ignore_patterns("__pycache__")
            )
    gateway = _run(sys.executable, "-m", "gateway", cwd=tmp_path)
    assert gateway.returncode == 2, gateway.stderr
    assert "KOBAN_SECRET" in gateway.stderr
    migration = _run(sys.executable, "-m", "ledger.migrate", cwd=tmp_path)
    assert migration.returncode != 0
    assert "KOBAN_POSTGRES_DSN" in migration.stderr


def _imported(package: str) -> set[str]:
    """The top-level names that a package of ours imports."""
    found: set[str] = set()
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found


def test_the_locked_packages_are_enough_to_run() -> None:
    """Whatever the image's packages import is in the lock file that the image installs."""
    ours = {"config", "ledger", "notifier", "gateway"}
    locked = {
        _normal(name)
        for name in re.findall(
            r"^([A-Za-z0-9._-]+)==", (ROOT / "locks/runtime.txt").read_text(), re.MULTILINE
        )
    }
    providers = importlib.metadata.packages_distributions()
    for name in set().union(*map(_imported, ours)) - ours - set(sys.stdlib_module_names):
        assert {_normal(one) for one in providers[name]} & locked, name


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
