"""The public page's data (H8, H12): made once a minute for all who look, and the town's events."""

import msgspec
from starlette.responses import Response

from gateway.http import challenges
from gateway.http.answers import FRESH
from gateway.http.call import Call
from gateway.http.campaign_views import GONE
from gateway.http.figures_board import FRESH as FIGURES_FRESH
from gateway.protocol import api_figures as api
from gateway.signin import milliseconds
from ledger import campaigns, public_figures
from ledger.public_figures import PEOPLE_LEAST, Event

EVENTS_MAX = 200


async def figures(call: Call) -> Response:
    """The town's figures."""

    async def made() -> bytes:
        return msgspec.json.encode(await _figures(call))

    body = await call.context.figures.look(call.town.number, call.now, made)
    headers = {"Cache-Control": f"public, max-age={FIGURES_FRESH.seconds}"}
    return Response(body, media_type="application/json", headers=headers)


async def events(call: Call) -> Response:
    """What is on in town, and to come."""
    town, answers = call.town.number, call.context.public_answers
    kept = answers.find(town, "events", call.now)
    if kept is None:
        kept = msgspec.json.encode(api.EventsOfTown(await _events(call)))
        answers.keep(town, "events", kept, call.now)
    headers = {"Cache-Control": f"public, max-age={FRESH.seconds}"}
    return Response(kept, media_type="application/json", headers=headers)


async def _figures(call: Call) -> api.TownFigures:
    pool, town, now = call.context.pool, call.town.number, call.now
    found = await public_figures.public_figures(pool, town, now)
    return api.TownFigures(
        at=milliseconds(found.at),
        amount=found.amount,
        people=found.people,
        wallets=found.wallets,
        shops=found.shops,
        circulation=[
            api.CirculatingValue(_code(call, each.instrument), each.amount, each.people)
            for each in found.holdings
        ],
        challenges=await _challenges(call),
        groups=[
            api.FigureOfGroup(each.account, each.name, each.amount, each.entries)
            for each in await call.context.gifts.accounts(pool, town)
        ],
        events=await _events(call),
        campaigns=await _campaigns(call),
    )


async def _challenges(call: Call) -> list[api.FigureOfChallenge]:
    found = await call.context.challenges.look(call.context.pool, call.town.number, call.now)
    lines = []
    for each in found:
        shown = challenges.shown(call, each)
        few = 0 < shown.people < PEOPLE_LEAST
        lines.append(
            api.FigureOfChallenge(
                code=shown.code,
                name=shown.name,
                kind=shown.kind,
                goal=shown.goal,
                progress=None if few else shown.progress,
                people=None if few else shown.people,
                state=shown.state,
                ends_at=shown.ends_at,
            )
        )
    return lines


async def _events(call: Call) -> list[api.EventInfo]:
    found = await public_figures.events(call.context.pool, call.town.number, call.now, EVENTS_MAX)
    return [_event(call, each) for each in found]


def _event(call: Call, event: Event) -> api.EventInfo:
    return api.EventInfo(
        code=event.code,
        name=event.name,
        department=event.department,
        programme=event.programme,
        instrument=_code(call, event.instrument),
        amount=event.amount,
        amount_max=event.amount_max,
        starts_at=milliseconds(event.starts_at),
        ends_at=milliseconds(event.ends_at),
    )


async def _campaigns(call: Call) -> list[api.FigureOfCampaign]:
    now = call.now
    found = await campaigns.campaigns(call.context.pool, call.town.number, now, over_after=now)
    return [
        api.FigureOfCampaign(
            code=each.terms.code,
            name=each.terms.name,
            state="running" if each.running(now) else "to_come",
            starts_at=milliseconds(each.terms.starts_at),
            ends_at=milliseconds(each.over_at),
        )
        for each in found
    ]


def _code(call: Call, number: int) -> str:
    kinds = call.town.profile.instruments
    return next((kind.code for kind in kinds if kind.number == number), GONE)
