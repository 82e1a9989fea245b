"""The command ``koban``: its first word says what it is about.

``koban`` alone lists the subjects, ``koban SUBJECT --help`` teaches one. Answers go to stdout, as
JSON with ``--json``; bars and what went wrong go to stderr. ``--dry-run`` says what would be done
wherever money would move. It ends with 0 when it was done, 1 when it was not (one sentence says
why, and nothing has changed), 2 when the words were wrong, and 3 when the database or the settings
were not to be had. Stopped by Ctrl-C it ends with 130.
"""

import importlib
import os
import sys
from collections.abc import Mapping, Sequence

from msgspec import Struct

STOPPED = 130  # As shells say it of what Ctrl-C ended.


class Subject(Struct, frozen=True):
    """What a first word is about. ``module`` has ``main(words)``, and is loaded when asked."""

    module: str
    about: str


SUBJECTS: Mapping[str, Subject] = {
    "acquirers": Subject("gateway.acquirers.office", "companies and systems that sign requests"),
    "activities": Subject("gateway.giving.activities", "what taking part is worth, and its codes"),
    "alerts": Subject("gateway.watching.office", "what the person in charge is told, and a trial"),
    "bank": Subject("gateway.banking.lookup", "banks and branches, and where shops are paid"),
    "bank-files": Subject("gateway.banking.office", "files for the bank, and what it answered"),
    "campaigns": Subject("gateway.campaigns", "rates and dice: what they cost, thrown again"),
    "city": Subject("gateway.city.office", "a town filled to measure it by: 200,000 wallets"),
    "clients": Subject("gateway.civic.office", "outside platforms that citizens can link"),
    "coupons": Subject("gateway.coupons", "coupons and their rounds"),
    "draws": Subject("gateway.draws", "lotteries: opened, drawn, published, replayed"),
    "expiry": Subject("gateway.expiry", "what a midnight carries away"),
    "fees": Subject("gateway.settlement.fees", "what shops pay for what was moved"),
    "grants": Subject("gateway.giving.grants", "grants by list: checked, applied, undone"),
    "jobs": Subject("gateway.jobs.command", "what is done apart from any request, and what failed"),
    "law": Subject("gateway.law.command", "資金決済法: reference dates, refunds, what is shown"),
    "notices": Subject("gateway.voices.notices", "what the office writes to wallets and shops"),
    "personal": Subject("gateway.personal", "personal data: encrypted anew, erased"),
    "programmes": Subject("gateway.giving.programmes", "departments' programmes and their budgets"),
    "proposals": Subject("gateway.voices.proposals", "what people tell the office, and ask for"),
    "reports": Subject("gateway.reports.command", "what the town did: tables, CSV, workbooks"),
    "settlements": Subject("gateway.settlement.office", "what town and shops owe each other"),
    "shops": Subject("gateway.shops", "shops: found, and who wants to join"),
    "statements": Subject("gateway.statements.command", "shops' statements, as PDF and CSV"),
    "stops": Subject("gateway.stop_office", "planned stops: announced, moved, called off"),
    "surveys": Subject("gateway.voices.surveys", "what was asked and answered, exported"),
    "towns": Subject("gateway.towns", "profiles: checked, loaded, listed"),
    "webhooks": Subject("gateway.civic.dead_letters", "what platforms are told, and sent again"),
}


def overview() -> str:
    """What there is, a line a subject."""
    lines = [f"  {name:12} {subject.about}" for name, subject in SUBJECTS.items()]
    return "\n".join(("koban SUBJECT …", "", *lines, "", "How one works: koban SUBJECT --help"))


def main(words: Sequence[str] | None = None) -> int:
    """The command; its exit status: 2 where there is no such subject."""
    name, *rest = (sys.argv[1:] if words is None else list(words)) or ["--help"]
    if name in ("-h", "--help"):
        print(overview())
        return 0
    subject = SUBJECTS.get(name)
    if subject is None:
        print(f"koban: found {name!r}; allowed is {', '.join(SUBJECTS)}", file=sys.stderr)
        return 2
    try:
        status: int = importlib.import_module(subject.module).main(rest)
        sys.stdout.flush()
    except BrokenPipeError:  # Whoever reads has read enough (`| head`); what was done is done.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print(f"koban {name}: stopped", file=sys.stderr)
        return STOPPED
    return status


if __name__ == "__main__":
    sys.exit(main())
