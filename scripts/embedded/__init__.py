"""PostgreSQL 18 and Valkey from wheels: the servers of the demo, the tests and the bench.

Purpose: one machine with nothing but Python gets real servers, not stand-ins. They listen on unix
sockets in a folder of their own, so no port can be taken and nobody else on the machine gets in.

Lifecycle: `running` takes a data folder, starts both servers and stops them in reverse order.
A folder has one owner at a time (a file lock, which dies with its process). Servers that outlived
a killed owner are stopped first. Money survives: the data folder is PostgreSQL's own, and Valkey
keeps nothing that matters on disk.

Faults are `ServerFault`: one sentence on what is wrong and what to do.
"""

from scripts.embedded.folder import ServerFault
from scripts.embedded.postgres import BENCH, DEMO, TEST, PostgresServer
from scripts.embedded.servers import Servers, running
from scripts.embedded.valkey import ValkeyServer

__all__ = [
    "BENCH",
    "DEMO",
    "TEST",
    "PostgresServer",
    "ServerFault",
    "Servers",
    "ValkeyServer",
    "running",
]
