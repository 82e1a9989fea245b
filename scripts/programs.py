"""Prints where the wheel's PostgreSQL programs are, for scripts that are no Python."""

import sys

from scripts.embedded import ServerFault
from scripts.embedded.postgres import programs


def main() -> int:
    """Returns 0, or 1 where there are none."""
    try:
        print(programs())
    except ServerFault as fault:
        print(f"koban: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
