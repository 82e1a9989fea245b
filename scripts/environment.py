"""Makes ``.venv`` from the lock files, then runs a module of this project in it.

``python3 scripts/environment.py GROUP... -- MODULE ARGUMENT...`` needs nothing but Python 3.11's
standard library. A group is a file of ``locks/``. What is installed is remembered by the files'
hashes, so a start with nothing new costs milliseconds. Groups once installed stay installed.
"""

# An older Python must be able to read this file, to say that it is too old.
from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STATE = VENV / "koban.json"
LOCKS = ROOT / "locks"
OLDEST = (3, 11)


class EnvironmentFault(Exception):
    """The environment cannot be made; the message says why and what to do."""


def say(text: str) -> None:
    """Shows a step to the person who waits for it."""
    print(f"koban: {text}", file=sys.stderr, flush=True)


def lock_hashes(groups: Sequence[str]) -> dict[str, str]:
    """The hash of each group's lock file."""
    hashes = {}
    for group in groups:
        path = LOCKS / f"{group}.txt"
        if not path.is_file():
            raise EnvironmentFault(f"there is no lock file {path}; the clone is incomplete")
        hashes[group] = hashlib.sha256(path.read_bytes()).hexdigest()
    return hashes


def _remembered() -> dict[str, str]:
    try:
        state = json.loads(STATE.read_text())
    except (OSError, ValueError):
        return {}
    return {str(group): str(digest) for group, digest in state.items()}


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Holds the environment's lock: two scripts started at once do not install at once."""
    folder = ROOT / ".cache"
    folder.mkdir(exist_ok=True)
    with (folder / "environment.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another script is making the environment; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _run(command: Sequence[str], what: str, environ: dict[str, str]) -> None:
    try:
        subprocess.run(command, check=True, cwd=ROOT, env=environ)
    except subprocess.CalledProcessError as fault:
        raise EnvironmentFault(
            f"{what} failed (see above). Check the network to the Python package index and the "
            "free space on the disk, then start again"
        ) from fault


def _make_venv() -> None:
    say(f"making .venv with Python {sys.version.split()[0]}")
    try:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    except subprocess.CalledProcessError as fault:
        shutil.rmtree(VENV, ignore_errors=True)
        raise EnvironmentFault(
            "Python could not make a virtual environment (see above). On Debian and Ubuntu: "
            "apt-get install python3-venv"
        ) from fault


def _install_uv(environ: dict[str, str]) -> None:
    say("installing the pinned uv")
    _run(
        [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        + ["--require-hashes", "-r", str(LOCKS / "uv.txt")],
        "installing uv",
        environ,
    )


def _trusts_certificates() -> bool:
    """Whether the machine has a list of certificates: a proxy's own stands there, not in uv's."""
    paths = ssl.get_default_verify_paths()
    folder = Path(paths.capath) if paths.capath else None
    return bool(paths.cafile) or (folder is not None and any(folder.iterdir()))


def ensure(groups: Sequence[str]) -> Path:
    """Makes the environment hold ``groups`` and returns its Python.

    Raises:
        EnvironmentFault: something is missing or an installation failed.
    """
    if PYTHON.exists() and (remembered := _remembered()):
        wanted = lock_hashes(["uv", *groups])
        if wanted.items() <= remembered.items():
            return PYTHON
    with _alone():
        remembered = _remembered()
        known = [group for group in remembered if (LOCKS / f"{group}.txt").is_file()]
        wanted = lock_hashes(sorted({"uv", *groups, *known}))
        if PYTHON.exists() and wanted == remembered:
            return PYTHON
        began = time.monotonic()
        environ = os.environ | {"VIRTUAL_ENV": str(VENV)}
        if index := os.environ.get("PIP_INDEX_URL"):
            environ.setdefault("UV_DEFAULT_INDEX", index)
        if _trusts_certificates():
            environ.setdefault("UV_SYSTEM_CERTS", "1")
        if not PYTHON.exists():
            _make_venv()
            remembered = {}
        if remembered.get("uv") != wanted["uv"]:
            _install_uv(environ)
        say(f"installing the locked packages: {', '.join(sorted(set(wanted) - {'uv'}))}")
        _run(
            [str(PYTHON), "-m", "uv", "pip", "sync", "--require-hashes"]
            + [str(LOCKS / f"{group}.txt") for group in wanted],
            "installing the locked packages",
            environ,
        )
        STATE.write_text(json.dumps(wanted, indent=1))
        say(f"environment ready in {time.monotonic() - began:.0f} s")
    return PYTHON


def _newer_python() -> str | None:
    for minor in range(14, OLDEST[1] - 1, -1):
        if found := shutil.which(f"python3.{minor}"):
            works = subprocess.run([found, "-c", ""], check=False, capture_output=True)
            if works.returncode == 0:
                return found
    return None


def main(arguments: list[str]) -> None:
    """Makes the environment and becomes the module that was asked for."""
    if sys.version_info[:2] < OLDEST:
        if found := _newer_python():
            os.execv(found, [found, __file__, *arguments])
        sys.exit(f"koban: this is Python {sys.version.split()[0]}; install Python 3.11 or newer")
    groups, _, rest = (list(part) for part in _split(arguments))
    try:
        python = ensure(groups)
    except EnvironmentFault as fault:
        sys.exit(f"koban: {fault}.")
    if rest:
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        os.environ["PYTHONPATH"] = os.pathsep.join(paths)
        os.environ["PYTHONUNBUFFERED"] = "1"
        # -P: the folder that somebody happens to stand in is not searched for modules.
        os.execv(str(python), [str(python), "-P", "-m", *rest])


def _split(arguments: list[str]) -> tuple[list[str], list[str], list[str]]:
    if "--" not in arguments:
        return arguments, [], []
    at = arguments.index("--")
    return arguments[:at], ["--"], arguments[at + 1 :]


if __name__ == "__main__":
    main(sys.argv[1:])
