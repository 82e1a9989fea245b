"""What the simulators do alike: they listen on this machine only, and answer in JSON."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response

from config.values import is_loopback


class NotStarted(Exception):
    """A simulator cannot begin; the message says why."""


def in_json(value: object, status: int = 200) -> Response:
    """An answer in JSON."""
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def refusal(status: int, text: str) -> Response:
    """Why it was not done."""
    return in_json({"error": text}, status)


def taught(name: str, chapter: str | None, port: int) -> argparse.ArgumentParser:
    """The reader of a simulator's words, which listens on ``port`` unless told otherwise."""
    parser = argparse.ArgumentParser(prog=name, description=chapter)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=port)
    return parser


def named_file(variable: str, wanted: str) -> Path:
    """The file that a variable of the environment names; ``wanted`` says which it should.

    Raises:
        NotStarted: it names none.
    """
    named = os.environ.get(variable, "")
    if not named:
        raise NotStarted(f"{variable} is not set; {wanted}")
    return Path(named)


def serve(options: argparse.Namespace, make: Callable[[], Starlette]) -> int:
    """Runs what ``make`` makes until it is interrupted; the exit status."""
    if not is_loopback(options.host):
        print(f"{options.host} is not this machine; the simulator is for it", file=sys.stderr)
        return 2
    try:
        app = make()
    except NotStarted as problem:
        print(problem, file=sys.stderr)
        return 2
    uvicorn.run(app, host=options.host, port=options.port, log_level="warning", access_log=False)
    return 0
