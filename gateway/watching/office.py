"""``koban alerts``: what is amiss, and whether the person in charge would hear of it.

    list [--json]        what is the case now, since when, and when somebody was told last
    try                  sends a trial by every way that the settings name (KOBAN_ALERT_*,
                         KOBAN_SMTP_*), and says which ways took it

Set up by the same ``KOBAN_*`` as the gateway. Ends with 0, or with 1 and one sentence why not, and
with 3 where the database or the settings are not to be had.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from config.settings import Settings, load
from gateway.office import DONE, OfficeFault, ended, taught
from gateway.watching.kinds import KINDS
from gateway.watching.messenger import Messenger, Telling
from gateway.watching.rule import Word, is_over
from ledger import alerts
from ledger.alerts import Trouble
from ledger.database import open_pool
from ledger.profiles import stored_profiles


async def listed(settings: Settings, now: datetime, *, as_json: bool) -> str:
    """What is the case now."""
    pool = await open_pool(settings.postgres_dsn, 1)
    try:
        codes = {one.town: one.code for one in await stored_profiles(pool)}
        found = [each for each in await alerts.touch(pool, ()) if not is_over(each, now)]
    finally:
        await pool.close()
    lines = [
        {
            "kind": each.kind,
            "town": codes.get(each.town),
            "began_at": each.began_at.isoformat(),
            "told_at": each.told_at.isoformat() if each.told_at else None,
            "text": KINDS[each.kind].en,
        }
        for each in found
        if each.kind in KINDS
    ]
    if as_json:
        return json.dumps(lines, ensure_ascii=False)
    said = [
        f"{line['kind']:16} {line['town'] or 'the whole service':20} since {line['began_at']}  "
        f"{'told ' + line['told_at'] if line['told_at'] else 'not told'}  {line['text']}"
        for line in lines
    ]
    return "\n".join(said) or "nothing is amiss, as far as the gateways see"


async def trial(settings: Settings, now: datetime) -> str:
    """Sends a trial.

    Raises:
        OfficeFault: there is no way to send it by, or one has not taken it.
    """
    messenger = Messenger(settings.alerts)
    if not messenger.ways:
        raise OfficeFault("no way is set up: set KOBAN_ALERT_MAIL and KOBAN_SMTP_*, or _ALERT_URL")
    try:
        if not await messenger.tell(Telling(Trouble(0, "trial", now, now), Word.BEGAN, None, now)):
            raise OfficeFault("not every way has taken it; the line above says why")
    finally:
        await messenger.close()
    return f"a trial is on its way by {' and '.join(messenger.ways)}"


def main(words: Sequence[str] | None = None) -> int:
    """The command; its exit status."""
    parser = taught("alerts", __doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    one = acts.add_parser("list", help="what is the case now")
    one.add_argument("--json", action="store_true", help="for programs")
    acts.add_parser("try", help="sends a trial")
    options = parser.parse_args(words)

    def act_now() -> int:
        print(asyncio.run(_run(options)))
        return DONE

    return ended("koban alerts", act_now)


async def _run(options: argparse.Namespace) -> str:
    settings, now = load(), datetime.now(UTC)
    if options.act == "list":
        return await listed(settings, now, as_json=options.json)
    return await trial(settings, now)


if __name__ == "__main__":
    sys.exit(main())
