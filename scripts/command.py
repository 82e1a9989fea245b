"""The command ``koban`` on this machine: on the demo's database where no other one is named."""

import os
import sys

from gateway.command import SUBJECTS
from gateway.command import main as koban
from gateway.office import UNAVAILABLE
from scripts.embedded import ServerFault
from scripts.verification import database

WITHOUT_DATABASE = (
    ["towns", "check"],
    ["draws", "replay"],
    ["bank", "check"],
    ["bank", "name"],
    ["bank-files", "read"],
)


def main() -> int:
    """The command; its exit status. 3: there is no database."""
    words = sys.argv[1:]
    asks_only = not words or words[0] not in SUBJECTS or bool({"-h", "--help"} & set(words))
    if asks_only or words[:2] in WITHOUT_DATABASE:
        return koban(words)
    try:
        with database(os.environ.get("KOBAN_POSTGRES_DSN", "").strip()) as dsn:
            os.environ["KOBAN_POSTGRES_DSN"] = dsn
            return koban(words)
    except ServerFault as fault:
        print(f"koban: {fault}", file=sys.stderr)
        return UNAVAILABLE


if __name__ == "__main__":
    sys.exit(main())
