"""Circulars at the console: written, given pictures, withdrawn; and their pictures for everybody
(N8, R8).
"""

from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct
from starlette.responses import Response

from config.profile import Profile
from gateway.http.acts import acting
from gateway.http.call import Call
from gateway.http.campaign_terms import instant
from gateway.http.queries import Number, Page
from gateway.jobs.notices import publish
from gateway.pictures import drawn_anew
from gateway.protocol import api_voices as api
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger.audit import Facts
from ledger.database import Connection, Executor
from ledger.questions import Wrong, check_words
from ledger.voices import circulars, pictures
from ledger.voices.circulars import Circular, NewCircular, Picture

IMMUTABLE = "public, max-age=31536000, immutable"
# A picture that is opened by itself runs nothing and fetches nothing, whatever it were.
PICTURE_POLICY = "default-src 'none'; sandbox"


class CircularPath(Struct, frozen=True):
    circular: Number


class PicturePath(Struct, frozen=True):
    picture: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of its bytes.")]


class CircularsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``before``: only circulars before this one; without it, the newest."""

    before: Number | None = None
    limit: Page = 50


async def listed(call: Call) -> api.CircularLines:
    """The town's circulars, with how many have read them."""
    query = call.query_as(CircularsQuery)
    found = await circulars.circulars(
        call.context.pool, call.town.number, query.limit, query.before
    )
    after = found[-1].circular if len(found) == query.limit else None
    return api.CircularLines([line(call.town.profile, each, call.now) for each in found], after)


async def make(call: Call) -> api.CircularLine:
    """Writes a circular; it is published when its time comes."""
    body, profile = call.body_as(api.NewCircular), call.town.profile
    async with acting(call) as act:
        made = await written(act.connection, profile, body, call.session.name, call.now)
        await act.record("circular.made", f"circular:{made.circular}", after=facts(body, made))
    return line(profile, made, call.now)


async def written(
    connection: Connection, profile: Profile, body: api.NewCircular, by: str, now: datetime
) -> Circular:
    """Writes a circular, in the caller's transaction.

    Raises:
        Refused: ``invalid``, with the field.
    """
    town, zone = profile.town.number, ZoneInfo(profile.town.time_zone)
    check_texts(body, profile)
    begins = max(instant(body.shown_from, zone, "shown_from") if body.shown_from else now, now)
    ends = begins + timedelta(days=profile.keeping.notices_days)
    if body.shown_until is not None:
        ends = instant(body.shown_until, zone, "shown_until")
    if ends <= begins:
        text = "shown_until: a notice ends after it begins, and in the future."
        raise Refused("invalid", text, field="shown_until")
    new = NewCircular(
        audience="wallet" if body.audience == "wallets" else "shop",
        title=body.title,
        text=body.text,
        shown_from=begins,
        shown_until=ends,
        pictures=await _pictures(connection, town, body),
        instrument=_instrument(body, profile),
        groups=_groups(body, profile),
        accounts=await _accounts(connection, town, body),
    )
    number = await circulars.add(connection, town, new, by, now)
    if begins <= now:
        await publish.defer(connection, town, circular=number)
    return await _known(connection, town, number)


def facts(body: api.NewCircular, made: Circular) -> Facts:
    """What the audit says of a new circular: whom it is for and when, not its words."""
    return {
        "audience": body.audience,
        "instrument": body.instrument,
        "groups": made.groups,
        "accounts": len(made.accounts) if made.accounts else None,
        "languages": sorted(made.title),
        "pictures": len(made.pictures),
        "shown_from": made.shown_from.isoformat(),
        "shown_until": made.shown_until.isoformat(),
    }


async def withdraw(call: Call) -> api.CircularLine:
    """From now on nobody is shown it; who has read it stays counted."""
    number, town = call.path_as(CircularPath).circular, call.town.number
    async with acting(call) as act:
        before = await _known(act.connection, town, number)
        if not await circulars.withdraw(act.connection, town, number, call.now):
            raise Refused("circular_over", field="circular")
        read = {"readers": before.readers}
        await act.record("circular.withdrawn", f"circular:{number}", before=read)
        found = await _known(act.connection, town, number)
    return line(call.town.profile, found, call.now)


async def add_picture(call: Call) -> api.PictureKept:
    """Keeps a picture, drawn anew; it is seen when a circular shows it."""
    drawn = await drawn_anew(call.raw_body)
    async with acting(call) as act:
        name = await pictures.save(act.connection, call.town.number, drawn, call.now)
        kept = {"media": drawn.media, "bytes": len(drawn.content)}
        await act.record("picture.kept", f"picture:{name}", after=kept)
    return api.PictureKept(name, drawn.media, drawn.width, drawn.height, len(drawn.content))


async def picture(call: Call) -> Response:
    """A picture of a circular."""
    name = call.path_as(PicturePath).picture
    found = await call.context.gallery.picture(call.context.pool, call.town.number, name)
    if found is None:
        raise Refused("not_found", "There is no such picture.", field="picture")
    return shown(*found, name, IMMUTABLE)


def shown(media: str, content: bytes, name: str, cache: str) -> Response:
    """A picture as a browser may have it: as what it is, under its name, and as nothing else."""
    ending = "jpg" if media == "image/jpeg" else "png"
    return Response(
        content,
        media_type=media,
        headers={
            "Cache-Control": cache,
            "Content-Disposition": f'inline; filename="{name}.{ending}"',
            "Content-Security-Policy": PICTURE_POLICY,
        },
    )


# -- what is written -------------------------------------------------------------------------------


def check_texts(body: api.NewCircular, profile: Profile) -> None:
    """Title and text are in the same languages, and each picture is told in the town's first.

    Raises:
        Refused: ``invalid``, with the field.
    """
    languages = profile.town.languages
    told = [("title", body.title), ("text", body.text)]
    told += [(f"pictures[{place}].alt", each.alt) for place, each in enumerate(body.pictures)]
    for field, words in told:
        try:
            check_words(field, words, languages)
        except Wrong as wrong:
            raise Refused("invalid", f"{wrong}.", field=field) from wrong
    if any("\n" in title for title in body.title.values()):
        raise Refused("invalid", "title: a title is one line.", field="title")
    if body.title.keys() != body.text.keys():
        text = "text: title and text have to be in the same languages."
        raise Refused("invalid", text, field="text")
    if sum(given is not None for given in (body.instrument, body.groups, body.accounts)) > 1:
        text = "instrument, groups, accounts: give one of them at most."
        raise Refused("invalid", text, field="accounts")


def _instrument(body: api.NewCircular, profile: Profile) -> int | None:
    if body.instrument is None:
        return None
    if body.audience != "wallets":
        text = "instrument: shops hold none; leave it out, or write to wallets."
        raise Refused("invalid", text, field="instrument")
    for each in profile.instruments:
        if each.code == body.instrument:
            return each.number
    known = ", ".join(each.code for each in profile.instruments)
    text = f"instrument: found {body.instrument!r}; the town has {known}."
    raise Refused("invalid", text, field="instrument")


def _groups(body: api.NewCircular, profile: Profile) -> list[str] | None:
    if body.groups is None:
        return None
    if body.audience != "shops":
        text = "groups: these are groups of shops; leave them out, or write to shops."
        raise Refused("invalid", text, field="groups")
    known = [each.code for each in profile.groups]
    if unknown := [group for group in body.groups if group not in known]:
        text = f"groups: found {unknown[0]!r}; the town has {', '.join(known) or 'none'}."
        raise Refused("invalid", text, field="groups")
    return sorted(set(body.groups))


async def _accounts(pool: Executor, town: int, body: api.NewCircular) -> list[int] | None:
    if body.accounts is None:
        return None
    audience, accounts = body.audience, sorted(set(body.accounts))
    kind: circulars.Audience = "wallet" if audience == "wallets" else "shop"
    if unknown := await circulars.unknown_accounts(pool, town, kind, accounts):
        text = f"accounts: {unknown[0]} is none of the town's {audience}."
        raise Refused("invalid", text, field="accounts")
    return accounts


async def _pictures(pool: Executor, town: int, body: api.NewCircular) -> list[Picture]:
    sizes = await pictures.sizes(pool, town, [each.picture for each in body.pictures])
    for place, each in enumerate(body.pictures):
        if each.picture not in sizes:
            field = f"pictures[{place}].picture"
            raise Refused("invalid", f"{field}: send the picture itself first.", field=field)
    return [Picture(each.picture, each.alt, *sizes[each.picture]) for each in body.pictures]


async def _known(pool: Executor, town: int, number: int) -> Circular:
    found = await circulars.circular(pool, town, number)
    if found is None:
        raise Refused("not_found", "There is no circular with this number.", field="circular")
    return found


def line(profile: Profile, one: Circular, now: datetime) -> api.CircularLine:
    """A circular as the console shows it."""
    codes = {each.number: each.code for each in profile.instruments}
    return api.CircularLine(
        one.circular,
        f"{one.audience}s",
        one.title,
        one.text,
        [api.ShownPicture(each.picture, each.alt) for each in one.pictures],
        codes.get(one.instrument) if one.instrument is not None else None,
        one.groups,
        one.accounts,
        milliseconds(one.shown_from),
        milliseconds(one.shown_until),
        one.made_by,
        milliseconds(one.made_at),
        one.state_at(now),
        milliseconds(one.published_at) if one.published_at else None,
        one.recipients,
        one.readers,
    )
