"""The command ``koban``: its first word says what it is about.

`gateway.acquirers.office`: ``koban acquirers open TOWN ACQUIRER NAME``, ``key``, ``map``, ``list``.
`gateway.campaigns`: ``koban campaigns list TOWN``, ``preview TOWN FILE``, ``replay TOWN CODE``.
`gateway.coupons`: ``koban coupons list | add | stop``, ``rounds | open | end``.
`gateway.expiry`: ``koban expiry preview TOWN``, ``run TOWN DAY [--dry-run]``, ``list TOWN``.
`gateway.giving`: ``koban programmes …``, ``koban activities …``, ``koban grants …``.
`gateway.jobs.command`: ``koban jobs list [--failed] [--json]``, ``retry JOB``.
`gateway.draws`: ``koban draws open | close | draw | publish | redraw``, ``replay FILE``.
`gateway.personal`: ``koban personal encrypt``, ``erase TOWN WALLET --reason REASON``.
`gateway.towns`: ``koban towns check FILE...``, ``load FILE [--from INSTANT]``, ``list``.
"""

import sys
from collections.abc import Callable, Mapping, Sequence

from gateway import campaigns, coupons, draws, expiry, personal, towns
from gateway.acquirers import office
from gateway.giving import activities, grants, programmes
from gateway.jobs import command as jobs

SUBJECTS: Mapping[str, Callable[[Sequence[str]], int]] = {
    "acquirers": office.main,
    "activities": activities.main,
    "campaigns": campaigns.main,
    "coupons": coupons.main,
    "expiry": expiry.main,
    "grants": grants.main,
    "draws": draws.main,
    "jobs": jobs.main,
    "personal": personal.main,
    "programmes": programmes.main,
    "towns": towns.main,
}


def main(words: Sequence[str] | None = None) -> int:
    """The command; its exit status: 2 where there is no such subject."""
    subject, *rest = (sys.argv[1:] if words is None else list(words)) or [""]
    act = SUBJECTS.get(subject)
    if act is None:
        print(f"koban: found {subject!r}; allowed is {', '.join(SUBJECTS)}", file=sys.stderr)
        return 2
    return act(rest)


if __name__ == "__main__":
    sys.exit(main())
