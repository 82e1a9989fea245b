"""``koban stops``: planned stops (計画停止), which every open screen is told of within seconds.

    plan TOWN --from T --until T --words TEXT [--in LANGUAGE TEXT ...]
                                 announces a stop; T is such as 2027-04-01T01:00, by the town's
                                 clocks; --words is what people read in Japanese
    move TOWN STOP --from T --until T [--words TEXT] [--in LANGUAGE TEXT ...]
                                 puts it off or forward; without --words the old ones stay
    cancel TOWN STOP             calls it off, or says that it is over before its time
    list TOWN [--json]           each with its number, times and phase

Screens show a stop from when it is announced, again ten minutes before it begins, and while it
lasts. It refuses no payment: stop the servers yourself when its time has come.
Set up by the same ``KOBAN_*`` as the gateway. Ends with 0, or with 1 and one sentence why not.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from gateway.http.days import local_time
from gateway.http.stops import facts
from gateway.office import Office, OfficeFault, done, number, taught
from ledger import stops
from ledger.database import Connection, transaction
from ledger.questions import Wrong, check_words
from ledger.stops import Phase, Stop, StopTimes, WrongTimes

STOPS_MAX = 200
WORDS_CHARACTERS_MAX = 200


async def act(office: Office, options: argparse.Namespace) -> str:
    """Does what the command line says; what to print.

    Raises:
        OfficeFault, LedgerError: it was not done.
    """
    if options.act == "list":
        return await listed(office, as_json=options.json)
    async with transaction(office.pool) as connection:
        if options.act == "plan":
            times = _times(office, options, {})
            number = await stops.plan(connection, office.town, times, office.by.name, office.now)
            await office.note(connection, "stop.planned", f"stop:{number}", after=facts(times))
            return f"stop {number} is announced {_when(office, times)}"
        known = await _known(office, connection, options.stop)
        before = facts(known.times)
        if options.act == "move":
            times = _times(office, options, dict(known.times.words))
            await stops.move(connection, office.town, known.stop, times)
            await office.note(
                connection, "stop.moved", f"stop:{known.stop}", before=before, after=facts(times)
            )
            return f"stop {known.stop} is now {_when(office, times)}"
        await stops.end(connection, office.town, known.stop, office.now)
        await office.note(connection, "stop.cancelled", f"stop:{known.stop}", before=before)
        return f"stop {known.stop} is called off"


async def listed(office: Office, *, as_json: bool) -> str:
    """The town's stops, the latest first."""
    found = await stops.stops(office.pool, office.town, STOPS_MAX)
    if as_json:
        return json.dumps(
            [
                {"stop": each.stop, "phase": each.phase(office.now).value, **facts(each.times)}
                for each in found
            ],
            ensure_ascii=False,
        )
    lines = [
        f"{each.stop:6} {each.phase(office.now).value:10} {_when(office, each.times)}  "
        f"{each.times.words.get('ja', '')}"
        for each in found
    ]
    return "\n".join(lines) or "no stop was ever planned"


async def _known(office: Office, connection: Connection, number: int) -> Stop:
    known = await stops.lock_stop(connection, office.town, number)
    if known is None:
        raise OfficeFault(f"there is no stop {number}; koban stops list names them")
    if known.phase(office.now) is Phase.OVER:
        raise OfficeFault(f"stop {number} is over or was called off; plan another one")
    return known


def _times(office: Office, options: argparse.Namespace, words: dict[str, str]) -> StopTimes:
    words = words | ({"ja": options.words} if options.words else {}) | dict(options.other)
    from_at = office.instant(options.from_at, "--from")
    until_at = office.instant(options.until_at, "--until")
    if too_long := [text for text in words.values() if len(text) > WORDS_CHARACTERS_MAX]:
        raise OfficeFault(
            f"--words: found {len(too_long[0])} characters; allowed are {WORDS_CHARACTERS_MAX}"
        )
    try:
        check_words("--words", words, office.profile.town.languages)
        stops.check_times(from_at, until_at, office.now)
    except (Wrong, WrongTimes) as wrong:
        raise OfficeFault(str(wrong)) from wrong
    return StopTimes(from_at, until_at, words)


def _when(office: Office, times: StopTimes) -> str:
    zone = ZoneInfo(office.profile.town.time_zone)
    return f"from {local_time(times.from_at, zone)} until {local_time(times.until_at, zone)}"


def _parser() -> argparse.ArgumentParser:
    parser = taught("stops", __doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    for name, about in (("plan", "announces a stop"), ("move", "puts it at another time")):
        one = acts.add_parser(name, help=about)
        one.add_argument("town")
        if name == "move":
            one.add_argument("stop", type=number)
        one.add_argument("--from", dest="from_at", required=True, metavar="T")
        one.add_argument("--until", dest="until_at", required=True, metavar="T")
        one.add_argument("--words", required=name == "plan", metavar="TEXT")
        one.add_argument(
            "--in", dest="other", nargs=2, action="append", default=[], metavar=("LANGUAGE", "TEXT")
        )
    one = acts.add_parser("cancel", help="calls it off, or says that it is over")
    one.add_argument("town")
    one.add_argument("stop", type=number)
    one = acts.add_parser("list", help="each with its times and phase")
    one.add_argument("town")
    one.add_argument("--json", action="store_true", help="for programs")
    return parser


def main(words: Sequence[str] | None = None) -> int:
    """The command; its exit status."""
    options = _parser().parse_args(words)
    return done("stops", options.town, lambda office: act(office, options))


if __name__ == "__main__":
    sys.exit(main())
