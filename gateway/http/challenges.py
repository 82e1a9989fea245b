"""Challenge projects (H8): everybody sees how far the town has come; operators make them."""

from datetime import timedelta

from msgspec.structs import asdict

from config.profile import Profile
from gateway.http.acts import acting
from gateway.http.call import Call
from gateway.http.campaign_terms import instant
from gateway.http.campaign_views import GONE
from gateway.http.campaigns import CampaignPath
from gateway.protocol import api_challenges as api
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger import challenges
from ledger.challenge_counts import ACTIVITY, BY_KIND, CHOICES, Goal
from ledger.challenges import Activity, Challenge, NewChallenge
from ledger.database import Executor

# Bonuses are granted within minutes; a day leaves time to grant again what was refused.
BONUS_TIME = timedelta(days=1)


async def public(call: Call) -> api.ChallengeProjects:
    """How far the town has come."""
    found = await call.context.challenges.look(call.context.pool, call.town.number, call.now)
    return api.ChallengeProjects([shown(call, each) for each in found])


async def own(call: Call) -> api.OwnChallenges:
    """What this wallet took part in."""
    pool, town = call.context.pool, call.town.number
    found = await call.context.challenges.look(pool, town, call.now)
    numbers = [each.challenge for each in found]
    parts = await challenges.parts_of_wallet(pool, town, numbers, call.session.account)
    words = {None: "waiting", "done": "granted"}
    return api.OwnChallenges(
        [
            api.OwnChallenge(each.code, words.get(parts[each.challenge], "refused"))
            for each in found
            if each.challenge in parts
        ]
    )


async def listed(call: Call) -> api.ChallengeLines:
    """All challenges, with what stands in the way of bonuses."""
    pool, town = call.context.pool, call.town.number
    lines = []
    for each in await challenges.challenges(pool, town):
        refused = await challenges.refusals(pool, town, each.challenge) if each.refused else {}
        activity = await _activity(pool, town, each.bonus_activity, "bonus_activity")
        lines.append(
            api.ChallengeLine(
                shown(call, each),
                each.bonus_activity,
                each.reached_entry,
                activity.left,
                {outcome.value: wallets for outcome, wallets in refused.items()},
            )
        )
    return api.ChallengeLines(lines)


async def make(call: Call) -> api.ChallengeProject:
    """Makes a challenge that is to come."""
    town, new = call.town.number, call.body_as(api.NewChallenge)
    wanted = NewChallenge(new.code, new.name, _goal(call, new), new.bonus, new.bonus_activity)
    async with acting(call) as act:
        connection = act.connection
        if wanted.goal.activity is not None:
            await _activity(connection, town, wanted.goal.activity, "activity")
        await _check_bonus(call, connection, wanted)
        if not await challenges.add(connection, town, wanted):
            text = f"There is or was a challenge {new.code!r}; take another code."
            raise Refused("code_taken", text, field="code")
        made = await _found(call, connection, new.code)
        told = shown(call, made)
        kept = asdict(told) | {"bonus_activity": new.bonus_activity}
        await act.record("challenge.made", f"challenge:{new.code}", after=kept)
    call.context.challenges.forget(town)
    return told


async def stop(call: Call) -> api.ChallengeProject:
    """Calls a challenge off that was not reached yet; nobody gets a bonus."""
    town, code = call.town.number, call.path_as(CampaignPath).code
    async with acting(call) as act:
        await _found(call, act.connection, code)
        if not await challenges.stop(act.connection, town, code):
            raise Refused("challenge_ended")
        told = shown(call, await _found(call, act.connection, code))
        await act.record(
            "challenge.stopped", f"challenge:{code}", after={"progress": told.progress}
        )
    call.context.challenges.forget(town)
    return told


async def again(call: Call) -> api.AskedAgain:
    """Lets bonuses that were refused be granted after all: the budget was raised, a wallet is open
    again.
    """
    town, code = call.town.number, call.path_as(CampaignPath).code
    async with acting(call) as act:
        found = await _found(call, act.connection, code)
        bonuses = await challenges.ask_again(act.connection, town, found.challenge)
        await act.record("challenge.asked_again", f"challenge:{code}", after={"bonuses": bonuses})
    return api.AskedAgain(bonuses)


async def _found(call: Call, executor: Executor, code: str) -> Challenge:
    found = await challenges.challenge(executor, call.town.number, code)
    if found is None:
        raise Refused("not_found", "There is no such challenge.", field="code")
    return found


def _goal(call: Call, new: api.NewChallenge) -> Goal:
    starts_at = instant(new.starts_at, call.town.zone, "starts_at")
    ends_at = instant(new.ends_at, call.town.zone, "ends_at")
    if starts_at < call.now:
        raise _invalid("starts_at", new.starts_at, "an instant to come")
    if ends_at <= starts_at:
        raise _invalid("ends_at", new.ends_at, f"an instant after {new.starts_at}")
    if (new.activity is None) == (new.kind == ACTIVITY):
        allowed = "the code of an activity" if new.activity is None else f"nothing of {new.kind}"
        raise _invalid("activity", f"{new.activity}", allowed)
    takes_part = BY_KIND.get(new.kind, tuple(sorted(set(new.takes_part))))
    if new.kind in BY_KIND and new.takes_part:
        found, allowed = ", ".join(new.takes_part), f"nothing of {new.kind}, which says it"
        raise _invalid("takes_part", found, allowed)
    if not takes_part:
        raise _invalid("takes_part", "nothing", f"one or more of {', '.join(CHOICES)}")
    return Goal(new.kind, new.goal, new.activity, takes_part, starts_at, ends_at)


async def _activity(executor: Executor, town: int, code: str, field: str) -> Activity:
    found = await challenges.activity(executor, town, code)
    if found is None:
        raise _invalid(field, code, "the code of one of the town's activities")
    return found


async def _check_bonus(call: Call, executor: Executor, new: NewChallenge) -> None:
    """The bonus is one that its activity can grant, at any moment at which the goal can be
    reached.
    """
    activity = await _activity(executor, call.town.number, new.bonus_activity, "bonus_activity")
    if activity.amount is not None and new.bonus != activity.amount:
        raise _invalid("bonus", f"{new.bonus}", f"{activity.amount}, which the activity gives")
    if new.bonus > activity.amount_max:
        raise _invalid("bonus", f"{new.bonus}", f"at most {activity.amount_max}")
    if activity.starts_at > new.goal.starts_at or activity.ends_at < new.goal.ends_at + BONUS_TIME:
        allowed = "an activity that goes on from the challenge's start to a day after its end"
        raise _invalid("bonus_activity", new.bonus_activity, allowed)


def shown(call: Call, challenge: Challenge) -> api.ChallengeProject:
    """A challenge as everybody may see it."""
    goal = challenge.goal
    state = challenge.state
    if state == "open":
        state = "to_come" if call.now < goal.starts_at else "running"
    reached = challenge.reached_at
    return api.ChallengeProject(
        code=challenge.code,
        name=challenge.name,
        kind=goal.kind,
        activity=goal.activity,
        takes_part=list(goal.takes_part),
        goal=goal.goal,
        progress=challenge.progress,
        people=challenge.people,
        starts_at=milliseconds(goal.starts_at),
        ends_at=milliseconds(goal.ends_at),
        state=state,
        reached_at=None if reached is None else milliseconds(reached),
        bonus=challenge.bonus,
        instrument=_code(call.town.profile, challenge.instrument),
        granted=challenge.granted,
    )


def _code(profile: Profile, number: int) -> str:
    return next((one.code for one in profile.instruments if one.number == number), GONE)


def _invalid(field: str, found: str, allowed: str) -> Refused:
    return Refused("invalid", f"{field}: found {found!r}; allowed is {allowed}.", field=field)
