"""Campaigns from the command line: ``koban campaigns``.

    list TOWN                     every campaign, what it gave and what is left of its budget
    preview TOWN FILE [--month]   what a campaign would have given in a month (2026-03; the last)
    replay TOWN CODE [--url URL]  throws a campaign's dice again and compares every face

FILE is what ``POST /console/campaigns`` is sent, in JSON. Nothing here changes anything, so there
is no dry run. With ``--url``, the address of any gateway (https://koban.example), ``replay`` reads
what is public and needs no database: anybody can do it. Without it ``KOBAN_POSTGRES_DSN`` names the
database. Answers are JSON. Ends with 0, or with 1 and what was wrong.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import httpx
import msgspec
from msgspec import Struct

from config.profile import Profile, stored_profile
from config.settings import postgres_dsn
from gateway.http.bodies import decode_body
from gateway.http.campaign_costs import reckon
from gateway.http.campaign_views import line
from gateway.office import DONE, NOT_DONE, OfficeFault, ended, taught
from gateway.protocol.api_campaigns import (
    CampaignCost,
    CampaignLines,
    DiceThrows,
    NewCampaign,
    PreviewCampaign,
)
from ledger import campaigns, dice
from ledger.database import Pool, open_pool
from ledger.dice import Throw
from ledger.profiles import stored_source, versions_in_force
from ledger.towns import town_number

THROWS_MAX = 2_000  # Throws that are looked at together.
URL_TIMEOUT_S = 30

Body = TypeVar("Body", bound=Struct)


class CampaignFault(OfficeFault):
    """It was not done; the message says why and what to do."""


class Replay(Struct, frozen=True):
    """Dice thrown again. ``wrong``: a line for each face that is not what the seed says."""

    campaign: str
    seed: str
    commitment: str
    throws: int
    wrong: list[str]


class Replaying:
    """A replay under way: throws are added as they are read."""

    def __init__(self, code: str, seed: bytes, commitment: bytes, weights: Sequence[int]) -> None:
        self._code = code
        self._seed = seed
        self._commitment = commitment
        self._weights = weights
        self._throws = 0
        self._wrong: list[str] = []
        if dice.commitment(seed) != commitment:
            self._wrong.append("the seed is not the one that was committed to")

    def add(self, throws: Sequence[Throw]) -> None:
        """Throws again for these."""
        self._throws += len(throws)
        self._wrong += dice.wrong_throws(self._seed, self._weights, throws)

    def result(self) -> Replay:
        """What came of it."""
        return Replay(
            self._code, self._seed.hex(), self._commitment.hex(), self._throws, self._wrong
        )


async def replay(pool: Pool, town: int, code: str, now: datetime) -> Replay:
    """Throws a campaign's dice again, from the database.

    Raises:
        CampaignFault: there is no such campaign, it has no dice, or its seed is secret still.
    """
    found = await campaigns.campaign(pool, town, code, now)
    if found is None:
        raise CampaignFault(f"there is no campaign {code!r}; list them: koban campaigns list TOWN")
    if found.commitment is None:
        raise CampaignFault(f"the campaign {code!r} has no dice")
    if found.seed is None:
        raise CampaignFault(
            f"the seed of {code!r} is published a minute after the campaign, which is over at "
            f"{found.over_at.isoformat()}"
        )
    weights = [face.weight for face in found.terms.faces]
    replaying = Replaying(code, found.seed, found.commitment, weights)
    after = 0
    while throws := await dice.throws(pool, town, found.campaign, after, THROWS_MAX):
        replaying.add(throws)
        after = throws[-1].entry
    return replaying.result()


async def replay_public(client: httpx.AsyncClient, town: str, code: str) -> Replay:
    """The same from what a gateway tells everybody.

    Raises:
        CampaignFault: it cannot be read, for example because the campaign is not over.
    """
    path, after = f"/api/{town}/campaigns/{code}/throws", 0
    replaying: Replaying | None = None
    while True:
        try:
            answer = await client.get(path, params={"after": after, "limit": THROWS_MAX})
        except httpx.HTTPError as error:
            raise CampaignFault(f"{client.base_url} does not answer: {error}") from error
        if answer.status_code != httpx.codes.OK:
            raise CampaignFault(f"{path}: {answer.status_code} {answer.text}")
        told = msgspec.json.decode(answer.content, type=DiceThrows)
        if replaying is None:
            seed, commitment = bytes.fromhex(told.seed), bytes.fromhex(told.commitment)
            weights = [face.weight for face in told.dice]
            replaying = Replaying(code, seed, commitment, weights)
        replaying.add([Throw(each.entry, each.id, each.face) for each in told.throws])
        if told.next is None:
            return replaying.result()
        after = told.next


async def preview(
    pool: Pool, profile: Profile, file: Path, month: str | None, now: datetime
) -> CampaignCost:
    """What a campaign in a file would have given.

    Raises:
        Refused: the file or the month is wrong.
        OSError: the file cannot be read.
    """
    data = await asyncio.to_thread(file.read_bytes)
    body = decode_body(data, "application/json", NewCampaign)
    assert isinstance(body, NewCampaign)
    return await reckon(pool, profile, PreviewCampaign(body, month), now)


async def listed(pool: Pool, profile: Profile, now: datetime) -> CampaignLines:
    """Every campaign of a town, the newest first."""
    town = profile.town.number
    found = await campaigns.added_up(pool, town, await campaigns.campaigns(pool, town, now))
    return CampaignLines([await line(pool, profile, each, now) for each in found], None)


async def _profile(pool: Pool, code: str, now: datetime) -> Profile:
    """The rules in force in a town."""
    town = await town_number(pool, code)
    version = (await versions_in_force(pool, now)).get(town or 0)
    if town is None or version is None:
        raise CampaignFault(f"no town {code!r} has rules now; see them: koban towns list")
    return stored_profile(await stored_source(pool, town, version))


async def run(options: argparse.Namespace) -> Struct:
    """Does what the command line says; what to print.

    Raises:
        CampaignFault, Refused, LedgerError, SettingsError, ProfileError, OSError: not done.
    """
    if options.act == "replay" and options.url:
        async with httpx.AsyncClient(base_url=options.url, timeout=URL_TIMEOUT_S) as client:
            return await replay_public(client, options.town, options.code)
    now = datetime.now(UTC)
    pool = await open_pool(postgres_dsn(), 1)
    try:
        profile = await _profile(pool, options.town, now)
        if options.act == "replay":
            return await replay(pool, profile.town.number, options.code, now)
        if options.act == "preview":
            return await preview(pool, profile, options.file, options.month, now)
        return await listed(pool, profile, now)
    finally:
        await pool.close()


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, read."""
    parser = taught("campaigns", __doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    act = acts.add_parser("list", help="every campaign")
    act.add_argument("town", metavar="TOWN")
    act = acts.add_parser("preview", help="what a campaign would have given")
    act.add_argument("town", metavar="TOWN")
    act.add_argument("file", type=Path, metavar="FILE")
    act.add_argument("--month", metavar="MONTH", help="such as 2026-03; without it, the last")
    act = acts.add_parser("replay", help="throw a campaign's dice again")
    act.add_argument("town", metavar="TOWN")
    act.add_argument("code", metavar="CODE")
    act.add_argument("--url", metavar="URL", help="a gateway's address; needs no database")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """The command; its exit status."""
    options = arguments(words)

    def act() -> int:
        try:
            said = asyncio.run(run(options))
        except OSError as error:
            raise CampaignFault(str(error)) from error
        print(msgspec.json.format(msgspec.json.encode(said), indent=2).decode())
        return NOT_DONE if isinstance(said, Replay) and said.wrong else DONE

    return ended("campaigns", act)


if __name__ == "__main__":
    sys.exit(main())
