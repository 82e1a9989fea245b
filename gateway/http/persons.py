"""What operators decide about people: whether two are one person, and that one is forgotten.

Only operators who may change things see names here, and each look at a pair is in the log.
"""

import structlog

from gateway.http.acts import acting
from gateway.http.call import Call
from gateway.http.queries import ReviewPath, ReviewsQuery, WalletPath
from gateway.protocol import api_people as api
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger import links, persons, reviews
from ledger.persons import Person
from ledger.reviews import Review

log = structlog.get_logger(__name__)


async def list_reviews(call: Call) -> api.Reviews:
    """Pairs that wait for a decision, or all."""
    query = call.query_as(ReviewsQuery)
    found = await reviews.reviews(
        call.context.pool,
        call.town.number,
        decided=query.decided,
        before=query.before,
        limit=query.limit,
    )
    log.info("reviews.read", town=call.town.code, by=call.session.operator, count=len(found))
    last = found[-1].review if len(found) == query.limit else None
    return api.Reviews([await _told(call, review) for review in found], last)


async def decide_review(call: Call) -> api.Review:
    """The same person, or two. A decision can be taken back."""
    number, same_person = call.path_as(ReviewPath).review, call.body_as(api.Decide).same_person
    async with acting(call) as act:
        before = await reviews.lock_review(act.connection, call.town.number, number)
        if before is None:
            raise Refused("not_found", "There is no review with this number.", field="review")
        if before.same_person is same_person:
            return await _told(call, before)
        changed = await reviews.decide(
            act.connection,
            call.town.number,
            before,
            same_person=same_person,
            by=call.session.name,
            now=call.now,
        )
        after = await reviews.lock_review(act.connection, call.town.number, number)
        assert after is not None
        await act.record(
            "review.decided",
            f"wallet:{before.wallet}",
            before={"same_person": before.same_person},
            after={
                "review": number,
                "same_person": same_person,
                "other": before.other,
                "state_changed": changed,
            },
        )
    return await _told(call, after)


async def erase(call: Call) -> api.Erased:
    """Forgets a person. The wallet stays, with all that is in it and all that happened."""
    wallet, body = call.path_as(WalletPath).wallet, call.body_as(api.Erase)
    if body.wallet != wallet:
        raise Refused("invalid", "The body names another wallet than the path.", field="wallet")
    town, auth = call.town.number, call.context.auth
    async with acting(call) as act:
        person = await persons.person_by_wallet(act.connection, auth.vault, town, wallet)
        if person is None:
            raise Refused("not_found", "Nobody holds a wallet with this number.", field="wallet")
        await links.end_all(act.connection, town, wallet, call.now)
        ended = await persons.forget(act.connection, auth.vault, town, person)
        await act.record(
            "person.erased",
            f"wallet:{wallet}",
            before={"person": True},
            after={"person": False, "sessions": len(ended), "reason": body.reason},
        )
    await auth.doors.forget_guesses(town, person.phone)
    await auth.sessions.told_ended(town, ended, "revoked")
    return api.Erased(wallet, len(ended))


async def _told(call: Call, review: Review) -> api.Review:
    pool, vault, town = call.context.pool, call.context.auth.vault, call.town.number
    person = await persons.person_by_wallet(pool, vault, town, review.wallet)
    other = await persons.person_by_wallet(pool, vault, town, review.other)
    return api.Review(
        review=review.review,
        wallet=review.wallet,
        other=review.other,
        likeness=review.likeness.value,
        person=_seen(person),
        other_person=_seen(other),
        opened_at=milliseconds(review.opened_at),
        decided_at=None if review.decided_at is None else milliseconds(review.decided_at),
        decided_by=review.decided_by,
        same_person=review.same_person,
    )


def _seen(person: Person | None) -> api.PersonSeen | None:
    if person is None:
        return None
    born = person.birth_date.isoformat() if person.birth_date else None
    return api.PersonSeen(person.wallet, person.name, person.kana, born, person.phone[-4:])
