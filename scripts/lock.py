"""Writes the lock files from ``pyproject.toml``: pinned, hashed, for every platform and Python.

Each group is resolved under the pins of the groups before it, so that all of them fit into one
environment. ``--upgrade`` takes the newest versions; without it present pins stay.
"""

import hashlib
import json
import subprocess
import sys
import tomllib

from scripts.environment import LOCKS, PYTHON, ROOT

GROUPS = ("runtime", "embedded", "loadtest", "dev", "node")
UV = "uv>=0.13"


def requirements(group: str) -> list[str]:
    """What ``group`` asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted: list[str] = {
        "uv": [UV],
        "runtime": project["project"]["dependencies"],
        **project["dependency-groups"],
    }[group]
    return wanted


def fingerprint(group: str) -> str:
    """The hash of a group's and its forerunners' requirements; it stands in the lock file."""
    before = () if group == "uv" else GROUPS[: GROUPS.index(group)]
    source = [requirements(name) for name in (*before, group)]
    return hashlib.sha256(json.dumps(source).encode()).hexdigest()[:16]


def _compile(group: str, source: list[str], before: list[str], text: str, more: list[str]) -> None:
    print(f"locking {group}", flush=True)
    constraints = [part for name in before for part in ("--constraint", f"locks/{name}.txt")]
    subprocess.run(
        [str(PYTHON), "-m", "uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes"]
        + ["--python-version", "3.11", "--no-annotate"]
        + ["--no-emit-index-url", "--no-emit-find-links"]
        + ["--custom-compile-command", f"scripts/lock ({fingerprint(group)})"]
        + ["--output-file", f"locks/{group}.txt", *constraints, *more, *source],
        input=text,
        text=True,
        check=True,
        cwd=ROOT,
    )


def main() -> None:
    """Locks every group in turn."""
    more = sys.argv[1:]
    LOCKS.mkdir(exist_ok=True)
    _compile("uv", ["-"], [], UV, more)
    for at, group in enumerate(GROUPS):
        source = ["pyproject.toml"] if group == "runtime" else ["--group", group]
        _compile(group, source, list(GROUPS[:at]), "", more)


if __name__ == "__main__":
    main()
