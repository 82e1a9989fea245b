"""Checks everything: what ``scripts/test`` runs. With arguments, pytest alone gets them.

All checks are run, and the tests after them whatever they found, so that one go shows all there is
to mend. What the browser tests need of the machine is installed if root asks.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable

from scripts import screens
from scripts.environment import ROOT, VENV, EnvironmentFault, say

BIN = VENV / "bin"


class CheckFault(Exception):
    """A check cannot be made; the message says what is missing and how to get it."""


def _has_japanese_font() -> bool:
    if not shutil.which("fc-list"):
        return False
    found = subprocess.run(["fc-list", ":lang=ja"], capture_output=True, text=True, check=False)
    return bool(found.stdout.strip())


def ensure_browser() -> None:
    """Chromium and a Japanese font: installed by apt for root, asked for otherwise.

    Raises:
        CheckFault: they are missing and cannot be installed from here.
    """
    missing = []
    if not any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        missing.append("chromium")
    if not _has_japanese_font():
        missing += ["fontconfig", "fonts-noto-cjk"]
    if not missing:
        return
    command = f"apt-get install {' '.join(missing)}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise CheckFault(f"the browser tests need {' and '.join(missing)}; run: sudo {command}")
    say(f"installing {', '.join(missing)}")
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", *missing]):
        done = subprocess.run(["apt-get", "--quiet", *arguments], env=environ, check=False)
        if done.returncode != 0:
            raise CheckFault(f"apt-get {arguments[0]} failed (see above); then run: {command}")


def _program(*command: str) -> Callable[[], bool]:
    def check() -> bool:
        return (
            subprocess.run([str(BIN / command[0]), *command[1:]], cwd=ROOT, check=False).returncode
            == 0
        )

    return check


def _screens() -> bool:
    screens.build()
    screens.check()
    return True


CHECKS: tuple[tuple[str, Callable[[], bool]], ...] = (
    ("lint", _program("ruff", "check", ".")),
    ("format", _program("ruff", "format", "--check", ".")),
    ("imports", _program("lint-imports", "--no-logo")),
    ("generated files", _program("python", "-m", "scripts.typescript", "--check")),
    ("types", _program("mypy")),
    ("screens", _screens),
)


def run_checks() -> list[str]:
    """Runs every static check and returns the names of those that found something."""
    failed = []
    for name, check in CHECKS:
        say(f"checking {name}")
        began = time.monotonic()
        try:
            passed = check()
        except (screens.ScreensFault, EnvironmentFault) as fault:
            say(str(fault))
            passed = False
        say(f"{name}: {'fine' if passed else 'NOT FINE'} ({time.monotonic() - began:.0f} s)")
        if not passed:
            failed.append(name)
    return failed


# All tests, in a process for each processor; each process has servers of its own.
EVERYTHING = ["--numprocesses=auto", "--maxprocesses=4", "--dist=worksteal"]


def _pytest(arguments: list[str]) -> int:
    """Runs the tests and returns their exit status; Ctrl-C is theirs, for they stop servers."""
    with subprocess.Popen([str(BIN / "python"), "-m", "pytest", *arguments]) as tests:
        while True:
            try:
                return tests.wait()
            except KeyboardInterrupt:
                continue


def main() -> None:
    """Checks everything, or passes the arguments to pytest."""
    arguments, failed = sys.argv[1:], []
    if not arguments:
        try:
            ensure_browser()
        except CheckFault as fault:
            sys.exit(f"koban: {fault}")
        os.chdir(ROOT)
        failed = run_checks()
        say("running the tests")
    status = _pytest(arguments or EVERYTHING)
    if failed:
        sys.exit(f"koban: not fine: {', '.join(failed)} (see above the tests)")
    sys.exit(status)


if __name__ == "__main__":
    main()
