"""``koban notices``: what the office writes to wallets and shops.

    write TOWN --to wallets|shops --title ja=… [en=…] --text ja=… [en=…] [--instrument I]
        [--groups G …] [--accounts N …] [--picture FILE ja=… [en=…]] [--from T] [--until T]
    withdraw TOWN NOTICE        shows it to nobody any more
    list TOWN [--json]          the newest, for how many each is, and how many have read it

``--title`` and ``--text`` are given in each language, always in the town's first; ``ja=@FILE``
takes the words from a file. Without more it goes to all wallets or all shops; ``--instrument``
narrows it to wallets that hold this kind of value, ``--groups`` to groups of shops, ``--accounts``
to these alone. ``--picture`` may be given four times, each with words for those who cannot see it.
``--from`` and ``--until`` are on the town's clocks (2027-04-01T09:00). Ends with 0, or with 1 and
one sentence why not.
"""

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from gateway import pictures
from gateway.http.circulars import facts, line, written
from gateway.office import Office, OfficeFault, as_json, done, number, taught
from gateway.protocol import api_voices as api
from gateway.refused import Refused
from ledger.database import transaction
from ledger.voices import circulars
from ledger.voices import pictures as kept
from ledger.voices.circulars import Circular
from ledger.voices.pictures import Drawn

LISTED_MAX = 20
PICTURES_MAX = 4


async def act(office: Office, options: argparse.Namespace) -> str:
    """Does what the command line says; what to print.

    Raises:
        OfficeFault, LedgerError: it was not done.
    """
    match options.act:
        case "write":
            found = [await write(office, options)]
        case "withdraw":
            found = [await withdraw(office, options.notice)]
        case _:
            found = await circulars.circulars(office.pool, office.town, LISTED_MAX)
    if options.json:
        shown = [line(office.profile, each, office.now) for each in found]
        return as_json(shown if options.act == "list" else shown[0])
    return "\n".join(_line(office, each) for each in found) or "Nothing was written."


async def write(office: Office, options: argparse.Namespace) -> Circular:
    """Writes a notice, with the pictures that are named."""
    given = {
        "audience": options.to,
        "title": words(options.title, "--title"),
        "text": words(options.text, "--text"),
        "instrument": options.instrument,
        "groups": options.groups,
        "accounts": options.accounts,
        "shown_from": _clock(office, options.begins, "--from"),
        "shown_until": _clock(office, options.ends, "--until"),
    }
    if len(options.picture or ()) > PICTURES_MAX:
        raise OfficeFault(f"--picture: allowed are {PICTURES_MAX}")
    drawn = [await _drawn(Path(file)) for file, *_ in options.picture or ()]
    try:
        body = msgspec.convert(given, api.NewCircular)
        async with transaction(office.pool) as connection:
            names = [await kept.save(connection, office.town, each, office.now) for each in drawn]
            shown = [
                api.ShownPicture(name, words(told, "--picture"))
                for name, (_, *told) in zip(names, options.picture or (), strict=True)
            ]
            body = msgspec.structs.replace(body, pictures=shown)
            made = await written(connection, office.profile, body, office.by.name, office.now)
            subject = f"circular:{made.circular}"
            await office.note(connection, "circular.made", subject, after=facts(body, made))
    except msgspec.ValidationError as error:
        raise OfficeFault(str(error)) from None
    except Refused as refused:
        raise OfficeFault(refused.body.message) from None
    return made


def _clock(office: Office, text: str | None, option: str) -> str | None:
    """An instant as the office's clocks show it."""
    if text is None:
        return None
    zone = ZoneInfo(office.profile.town.time_zone)
    return office.instant(text, option).astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S")


async def withdraw(office: Office, number: int) -> Circular:
    """Shows a notice to nobody any more."""
    async with transaction(office.pool) as connection:
        before = await circulars.circular(connection, office.town, number)
        if before is None:
            raise OfficeFault(f"there is no notice {number}; see: koban notices list")
        if not await circulars.withdraw(connection, office.town, number, office.now):
            raise OfficeFault(f"notice {number} is over or was withdrawn; nothing was changed")
        read = {"readers": before.readers}
        await office.note(connection, "circular.withdrawn", f"circular:{number}", before=read)
        found = await circulars.circular(connection, office.town, number)
    assert found is not None
    return found


def words(given: Sequence[str], option: str) -> dict[str, str]:
    """Words by language, of ``ja=…`` or ``ja=@FILE`` each.

    Raises:
        OfficeFault: one is of another form, or its file cannot be read.
    """
    found: dict[str, str] = {}
    for each in given:
        language, sign, text = each.partition("=")
        if not sign or not language:
            raise OfficeFault(f"{option}: found {each!r}; allowed is such as ja=…")
        if text.startswith("@"):
            try:
                text = Path(text[1:]).read_text(encoding="utf-8-sig").strip()
            except OSError as error:
                raise OfficeFault(f"{option}: {text[1:]}: {error.strerror}") from None
            except UnicodeDecodeError:
                raise OfficeFault(f"{option}: {text[1:]} is not in UTF-8") from None
        found[language] = text
    return found


async def _drawn(file: Path) -> Drawn:
    try:
        data = await asyncio.to_thread(file.read_bytes)
        return await asyncio.to_thread(pictures.draw, data)
    except OSError as error:
        raise OfficeFault(f"--picture: {file}: {error.strerror}") from None
    except pictures.PictureWrong as error:
        raise OfficeFault(f"--picture: {file}: {error}") from None


def _line(office: Office, one: Circular) -> str:
    first = office.profile.town.languages[0]
    title = one.title.get(first, next(iter(one.title.values())))
    read = f"{one.readers} of {'?' if one.recipients is None else one.recipients} read"
    return (
        f"notice {one.circular:<5} {one.state_at(office.now):9} to {one.audience}s, {read}: {title}"
    )


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, read."""
    parser = taught("notices", __doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    found = {name: acts.add_parser(name) for name in ("write", "withdraw", "list")}
    for each in found.values():
        each.add_argument("town")
        each.add_argument("--json", action="store_true")
    found["withdraw"].add_argument("notice", type=number)
    write = found["write"]
    write.add_argument("--to", choices=("wallets", "shops"), required=True)
    for name in ("--title", "--text"):
        write.add_argument(name, nargs="+", required=True, metavar="LANGUAGE=WORDS")
    write.add_argument("--instrument")
    write.add_argument("--groups", nargs="+")
    write.add_argument("--accounts", nargs="+", type=number)
    write.add_argument("--picture", nargs="+", action="append", metavar="FILE LANGUAGE=WORDS")
    write.add_argument("--from", dest="begins", metavar="TIME")
    write.add_argument("--until", dest="ends", metavar="TIME")
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> int:
    """The command; its exit status."""
    options = arguments(given)
    return done("notices", options.town, lambda office: act(office, options))
