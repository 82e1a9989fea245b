"""One command starts the whole house, says what is in its way, and leaves nothing behind."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from scripts.embedded.folder import Account, sockets_folder
from tests.support.gateways import free_port
from tests.support.stores import ROOT

START_MAX_S = 120
STOP_MAX_S = 40


@pytest.fixture
def data() -> Iterator[Path]:
    """A data folder for one house."""
    parent = ROOT / ".data"
    parent.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=parent))
    yield folder
    shutil.rmtree(sockets_folder(folder, Account.choose()), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


class House:
    """``scripts/run`` as a person starts it."""

    def __init__(self, data: Path, port: int, **settings: str) -> None:
        self.port = port
        environ = {name: text for name, text in os.environ.items() if not name.startswith("KOBAN_")}
        self.process = subprocess.Popen(
            [str(ROOT / "scripts" / "run"), "--port", str(port), "--data", str(data)],
            env=environ | settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(self.process.stdout)

    @property
    def said(self) -> str:
        """All that was printed until now."""
        return "".join(self.lines)

    def wait_until_open(self) -> None:
        """Returns when the welcome is printed."""
        self.wait_for("Ctrl-C ends it")

    def wait_for(self, text: str) -> None:
        """Returns when ``text`` is printed."""
        until = time.monotonic() + START_MAX_S
        while text not in self.said:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < until, self.said
            time.sleep(0.05)

    def get(self, path: str) -> bytes:
        """A page of the house."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            content: bytes = answer.read()
            return content

    def end(self, how: signal.Signals | None = signal.SIGINT) -> int:
        """Presses Ctrl-C (or only waits) and returns the exit status."""
        if how is not None:
            self.process.send_signal(how)
        try:
            status = self.process.wait(STOP_MAX_S)
        finally:
            if self.process.poll() is None:
                self.process.kill()
            self._reader.join()
            assert self.process.stdout is not None
            self.process.stdout.close()
        return status


def _living(data: Path) -> list[list[str]]:
    """Programs that name this house's data folder on their command line."""
    return [
        process.info["cmdline"]
        for process in psutil.process_iter(["cmdline"])
        if any(str(data) in part for part in process.info["cmdline"] or [])
    ]


def _listens(port: int) -> bool:
    """Whether anybody answers at the port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_house_opens_closes_and_opens_again(data: Path) -> None:
    """A first start builds everything, Ctrl-C stops it cleanly, the next finds the data again."""
    port = free_port()
    house = House(data, port)
    try:
        house.wait_until_open()
        assert house.get("/readyz")
        assert b"<html" in house.get("/demo")
        shops = json.loads(house.get("/api/nagaoka/shops"))
    finally:
        status = house.end()
    assert status == 0, house.said
    assert "stopped; the data stays" in house.said
    assert "Traceback" not in house.said
    assert _living(data) == []
    assert not _listens(port)
    assert shops["shops"], "the demo has shops"

    began = time.monotonic()
    house = House(data, port)
    try:
        house.wait_until_open()
        again_s = time.monotonic() - began
        assert json.loads(house.get("/api/nagaoka/shops")) == shops
    finally:
        status = house.end(signal.SIGTERM)
    assert status == 0, house.said
    assert again_s < 30
    assert _living(data) == []


def test_ctrl_c_while_starting_leaves_nothing_behind(data: Path) -> None:
    """Whoever changes their mind half-way finds no server left over."""
    house = House(data, free_port())
    try:
        house.wait_for("schema")
    finally:
        status = house.end()
    assert status == 0, house.said
    assert "Traceback" not in house.said
    assert _living(data) == []


def test_given_servers_are_used_and_none_is_started(data: Path, dsn: str, redis_url: str) -> None:
    """With outside servers named, the same house runs on them."""
    house = House(data, free_port(), KOBAN_POSTGRES_DSN=dsn, KOBAN_REDIS_URL=redis_url)
    try:
        house.wait_until_open()
        ready = json.loads(house.get("/readyz"))
    finally:
        status = house.end()
    assert status == 0, house.said
    assert ready["postgres"] is True
    assert ready["redis"] is True
    assert not (data / "postgres").exists()


def test_a_taken_port_is_one_sentence(data: Path) -> None:
    """Somebody listens there already: the port is named, and another one is offered."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        house = House(data, port)
        assert house.end(None) == 1
    assert f"port {port} of 127.0.0.1 is taken" in house.said
    assert f"--port {port + 1}" in house.said
    assert "Traceback" not in house.said


def test_a_dead_gateway_closes_the_house(data: Path) -> None:
    """When the gateway is killed, the end of its log is shown and everything else is stopped."""
    house = House(data, free_port())
    try:
        house.wait_until_open()
        gateways = [
            process
            for process in psutil.Process(house.process.pid).children(recursive=True)
            if process.cmdline()[1:] == ["-m", "gateway"]
        ]
        assert len(gateways) == 1
        gateways[0].kill()
    finally:
        status = house.end(None)
    assert status == 1
    assert "the gateway ended by itself" in house.said
    assert _living(data) == []


def test_an_environment_with_nothing_new_costs_nothing() -> None:
    """Making the environment again takes a moment only."""
    command = [sys.executable, str(ROOT / "scripts" / "environment.py"), "runtime", "embedded"]
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert time.monotonic() - began < 5


def test_an_unknown_group_is_one_sentence() -> None:
    """A lock file that is not there is named."""
    command = [sys.executable, str(ROOT / "scripts" / "environment.py"), "nobody"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "there is no lock file" in done.stderr
    assert "Traceback" not in done.stderr
