"""The command that lets operators in, as its own process."""

import asyncio
import getpass
import os
import socket
import sys

from config.profile import towns_folder
from ledger import audit
from tests.support.doors import PASSWORD, SETTINGS, Doors
from tests.support.stores import ROOT

SIGN_IN = "/api/nagaoka/console/sign-in"


async def run(
    dsn: str, *words: str, password: str = PASSWORD, module: str = "gateway.operators"
) -> tuple[int, str]:
    """The command's exit status and what it printed."""
    environ = os.environ | {
        "KOBAN_POSTGRES_DSN": dsn,
        "KOBAN_REDIS_URL": "redis://127.0.0.1:1/0",
        "KOBAN_SECRET": SETTINGS.secret.decode(),
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *words),
        cwd=ROOT,
        env=environ,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate(f"{password}\n".encode())
    assert process.returncode is not None
    return process.returncode, printed.decode()


async def test_the_first_operator_comes_from_the_command_line(doors: Doors, dsn: str) -> None:
    """Then signs in at the console; the name is taken, and a new password ends what was open."""
    status, printed = await run(dsn, "add", "nagaoka", "市役所")
    assert (status, "/nagaoka/console" in printed) == (0, True), printed
    visitor = doors.visitor()
    body = {"name": "市役所", "password": PASSWORD}
    assert (await visitor.post(SIGN_IN, json=body)).status_code == 200
    assert (await visitor.get("/api/nagaoka/console/me")).json()["role"] == "operator"
    status, printed = await run(dsn, "add", "nagaoka", "市役所")
    assert (status, "already" in printed) == (1, True), printed
    status, printed = await run(dsn, "password", "nagaoka", "市役所", password="a new passphrase")
    assert status == 0, printed
    doors.clock.advance(seconds=1)
    assert (await visitor.get("/api/nagaoka/console/me")).status_code == 401
    assert (await visitor.post(SIGN_IN, json=body)).json()["code"] == "sign_in_wrong"
    body["password"] = "a new passphrase"
    assert (await visitor.post(SIGN_IN, json=body)).status_code == 200


async def test_every_command_leaves_its_line(doors: Doors, dsn: str) -> None:
    """Who ran it on which machine; one that was refused leaves none, nor one without effect."""
    file = str(towns_folder() / "nagaoka.toml")
    for command, expected in (
        (("gateway.operators", "add", "nagaoka", "市役所"), 0),
        (("gateway.operators", "add", "nagaoka", "市役所"), 1),
        (("gateway.operators", "password", "nagaoka", "市役所"), 0),
        (("gateway.operators", "password", "nagaoka", "だれか"), 1),
        (("gateway.towns", "load", file), 0),  # Nothing has changed.
    ):
        module, *words = command
        status, printed = await run(dsn, *words, module=module)
        assert status == expected, printed
    lines = await audit.lines(doors.pool, doors.town, audit.Filter(), None, 10)
    assert [line.act for line in lines] == ["operator.password_changed", "operator.added"]
    for line in lines:
        assert (line.actor, line.who) == ("command", None)
        assert (line.name, line.origin) == (getpass.getuser(), socket.gethostname())
        assert line.subject.startswith("operator:")
        assert "市役所" not in str(line)


async def test_what_cannot_be_done_is_said_in_one_sentence(dsn: str) -> None:
    """An unknown town, an unknown name, a password too short to be one."""
    for words, password, said in (
        (("add", "atlantis", "係"), PASSWORD, "no town"),
        (("password", "nagaoka", "だれか"), PASSWORD, "no operator"),
        (("add", "nagaoka", "係"), "short", "length >= 8"),
    ):
        status, printed = await run(dsn, *words, password=password)
        assert status == 1
        assert said in printed
        assert len(printed.splitlines()) == 1
        assert password not in printed
