"""Both servers on one data folder, started and stopped together."""

import contextlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.embedded.folder import owned
from scripts.embedded.postgres import DEMO, PostgresServer
from scripts.embedded.valkey import ValkeyServer


@dataclass(frozen=True)
class Servers:
    """The running pair."""

    postgres: PostgresServer
    valkey: ValkeyServer

    def environment(self, database: str = "koban", redis_database: int = 0) -> dict[str, str]:
        """The settings that point a gateway at this pair."""
        return {
            "KOBAN_POSTGRES_DSN": self.postgres.dsn(database),
            "KOBAN_REDIS_URL": self.valkey.url(redis_database),
        }


def _quiet(_step: str) -> None:
    return None


@contextlib.contextmanager
def running(
    folder: Path,
    settings: Mapping[str, str] = DEMO,
    progress: Callable[[str], None] = _quiet,
) -> Iterator[Servers]:
    """Runs both servers on ``folder``; ``progress`` is told each step.

    Raises:
        ServerFault: one of them cannot be started; neither runs then.
    """
    with owned(folder), contextlib.ExitStack() as stack:
        postgres, valkey = PostgresServer(folder, settings), ValkeyServer(folder)
        stack.callback(shutil.rmtree, postgres.sockets, ignore_errors=True)
        progress("PostgreSQL" if (postgres.data / "PG_VERSION").exists() else "PostgreSQL (new)")
        stack.callback(postgres.stop)
        postgres.start()
        progress("Valkey")
        stack.callback(valkey.stop)
        valkey.start()
        yield Servers(postgres, valkey)
