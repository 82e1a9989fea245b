"""Notices (お知らせ, N8), as wallets and shops' tablets read them."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from gateway.http.call import Call
from gateway.http.queries import Number, Page
from gateway.protocol import api_notices as api
from gateway.signin import milliseconds
from ledger import notices
from ledger.notices import Notice
from ledger.voices import proposals, shop_requests
from ledger.voices.circulars import Picture

# As browsers name languages (BCP 47).
Language = Annotated[str, Meta(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", max_length=35)]


class NoticesQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``before``: only notices before this one; without it, the newest. ``language``: the reader's;
    without it, the town's first.
    """

    before: Number | None = None
    limit: Page = 50
    language: Language | None = None


class _Circular(Struct, frozen=True, tag_field="kind", tag="circular"):
    title: dict[str, str]
    text: dict[str, str]
    pictures: list[Picture]


class _Answer(Struct, frozen=True, tag_field="kind", tag="answer"):
    about: str
    number: int


_Kept = api.ExpiryWarning | _Circular | _Answer
_read_body = msgspec.json.Decoder(_Kept).decode


async def newest(call: Call) -> api.Notices:
    """A page of the notices of the session's account, wallet or shop."""
    query, pool, town = call.query_as(NoticesQuery), call.context.pool, call.town.number
    account = call.session.account
    found = await notices.newest(pool, town, account, query.before, query.limit, call.now)
    return api.Notices(
        await _lines(call, found, query.language),
        next=found[-1].notice if len(found) == query.limit else None,
        unread=await notices.unread(pool, town, account, call.now),
    )


async def mark_read(call: Call) -> api.UnreadNotices:
    """The account's notices up to one of them are read, on all of its screens."""
    pool, town, account = call.context.pool, call.town.number, call.session.account
    await notices.mark_read(pool, town, account, call.body_as(api.ReadNotices).up_to, call.now)
    return api.UnreadNotices(await notices.unread(pool, town, account, call.now))


async def _lines(call: Call, found: Sequence[Notice], language: str | None) -> list[api.NoticeLine]:
    kept = [(each, _read_body(each.body)) for each in found]
    answers = await _answers(call, [body for _, body in kept if isinstance(body, _Answer)])
    languages = [*filter(None, [language]), *call.town.profile.town.languages]
    lines = []
    for each, body in kept:
        told: api.ExpiryWarning | api.Circular | api.Answer | None
        if isinstance(body, _Circular):
            told = _circular(body, languages)
        elif isinstance(body, _Answer):
            told = answers.get((body.about, body.number))
        else:
            told = body
        if told is not None:  # What an answer was to may have been swept.
            at, read = milliseconds(each.created_at), each.read_at is not None
            lines.append(api.NoticeLine(each.notice, at, read, told))
    return lines


def in_language(words: Mapping[str, str], languages: Sequence[str]) -> str:
    """The first of ``languages`` that the words are in; any, where the town has changed its own."""
    return next((language for language in languages if language in words), next(iter(words)))


def _circular(kept: _Circular, languages: Sequence[str]) -> api.Circular:
    language = in_language(kept.title, languages)
    return api.Circular(
        language,
        kept.title[language],
        kept.text[in_language(kept.text, languages)],
        [
            api.NoticePicture(
                f"pictures/{each.picture}",
                each.width,
                each.height,
                each.alt[in_language(each.alt, languages)],
            )
            for each in kept.pictures
        ],
    )


async def _answers(call: Call, wanted: Sequence[_Answer]) -> dict[tuple[str, int], api.Answer]:
    """The operator's answers, by what they are to."""
    if not wanted:
        return {}
    pool, town, vault = call.context.pool, call.town.number, call.context.auth.vault
    to_proposals = [each.number for each in wanted if each.about == "proposal"]
    to_requests = [each.number for each in wanted if each.about == "shop_request"]
    found = await proposals.answers(pool, vault, town, to_proposals)
    requests = await shop_requests.answers(pool, vault, town, to_requests)
    return {
        **{("proposal", n): api.Answer("proposal", n, *texts) for n, texts in found.items()},
        **{
            ("shop_request", n): api.Answer("shop_request", n, *texts)
            for n, texts in requests.items()
        },
    }
