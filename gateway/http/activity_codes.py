"""Activity codes: made at the console, shown at a venue, entered in a wallet."""

from functools import partial

from msgspec import Raw, Struct

from gateway.asking import ask
from gateway.counter import Trouble
from gateway.http.acts import acting
from gateway.http.call import Call
from gateway.http.campaign_terms import instant
from gateway.http.programmes import ActivityPath, known_activity
from gateway.http.queries import Number, Page
from gateway.protocol import api_programmes as api
from gateway.protocol.api import Done
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger import activity_codes, programmes
from ledger.outcomes import Outcome
from ledger.requests import Kind, Request
from ledger.vault import Vault

CODE_DAYS_MAX = 31  # A code that holds for longer is no longer one of an event.
ATTEMPTS_MAX = 20  # So often somebody is asked anew who was refused; then the last refusal stands.

GRANT_ERRORS = (
    *("wallet_unknown", "wallet_frozen", "activity_unknown", "amount_required", "over_limit"),
    *("amount_mismatch", "already_granted", "over_budget", "over_balance_cap", "id_reused"),
)

# What these outcomes mean of a venue's code; elsewhere they are told of a payer's.
UNKNOWN = "No venue shows this code; look at it again."
EXPIRED = "This code does not hold now; ask at the venue for the one of today."
WAITS = "It is not known yet whether it was granted; send the code again."


class ActivityCodePath(Struct, frozen=True):
    number: Number


class ActivityCodesQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """The newest."""

    limit: Page = 50


# -- at the console --------------------------------------------------------------------------------


async def list_codes(call: Call) -> api.ActivityCodes:
    """An activity's codes, newest first."""
    code, limit = call.path_as(ActivityPath).activity, call.query_as(ActivityCodesQuery).limit
    activity = await known_activity(call, call.context.pool, code)
    found = await activity_codes.codes(call.context.pool, call.town.number, activity.code, limit)
    return api.ActivityCodes([_code(call, each) for each in found])


async def make_code(call: Call) -> api.MadeActivityCode:
    """Makes a code; the answer is the only place where its digits ever stand."""
    body, town = call.body_as(api.NewActivityCode), call.town
    since = (
        call.now if body.valid_from is None else instant(body.valid_from, town.zone, "valid_from")
    )
    until = instant(body.valid_until, town.zone, "valid_until")
    if until <= max(since, call.now) or (until - since).days >= CODE_DAYS_MAX:
        raise Refused(
            "invalid",
            f"A code holds until later than now and than it begins, and {CODE_DAYS_MAX} days at "
            "most.",
            field="valid_until",
        )
    vault = Vault.of(call.context.settings)
    async with acting(call) as act:
        activity = await known_activity(call, act.connection, call.path_as(ActivityPath).activity)
        made, digits = await activity_codes.add_code(
            *(act.connection, vault, town.number, activity.code),
            *(since, until, call.session.name, call.now),
        )
        await act.record(
            "activity.code_made",
            f"activity:{activity.code}",
            after={
                "number": made.number,
                "valid_from": since.isoformat(),
                "valid_until": until.isoformat(),
            },
        )
    wallet = f"{call.context.settings.public_url}/{town.code}/wallet"
    return api.MadeActivityCode(
        _code(call, made),
        activity_codes.printed(digits),
        f"{wallet}{activity_codes.QR_MARK}{digits}",
    )


async def end_code(call: Call) -> Done:
    """Ends a code before its time: it was photographed, or the venue has closed."""
    number = call.path_as(ActivityCodePath).number
    async with acting(call) as act:
        if not await activity_codes.end_code(act.connection, call.town.number, number, call.now):
            raise Refused("not_found", "There is no such code that still holds.", field="number")
        await act.record("activity.code_ended", f"activity_code:{number}")
    return Done()


def _code(call: Call, found: activity_codes.ActivityCode) -> api.ActivityCode:
    return api.ActivityCode(
        number=found.number,
        activity=found.activity,
        valid_from=milliseconds(found.valid_from),
        valid_until=milliseconds(found.valid_until),
        made_by=found.made_by,
        holds=found.holds(call.now),
    )


# -- in the wallet ---------------------------------------------------------------------------------


async def take_part(call: Call) -> api.TookPart:
    """Somebody was there: the activity's grant comes into the wallet, as often as it may.

    The id follows from the activity, the wallet and the occasion, so the code entered again, from
    another screen or after an answer that was lost, is answered with the same receipt.
    """
    context, town, wallet = call.context, call.town, call.session.account
    call.limit(context.limits.card, str(wallet))
    digits = activity_codes.read_digits(call.body_as(api.TakePart).code)
    if digits is None:
        raise Refused(
            "invalid",
            f"A code has {activity_codes.CODE_DIGITS} digits, the last of which checks the others; "
            "look at it again.",
            field="code",
        )
    code = await activity_codes.code(context.pool, Vault.of(context.settings), town.number, digits)
    if code is None:
        raise Refused("code_unknown", UNKNOWN, field="code")
    if not code.holds(call.now):
        raise Refused("code_expired", EXPIRED, field="code")
    activity = await programmes.activity(context.pool, town.number, code.activity)
    assert activity is not None  # The code's foreign key.
    ids = [
        context.acquirer_ids.activity(
            town.code, activity.code, wallet, _occasion(call, activity, code.number), attempt
        )
        for attempt in range(ATTEMPTS_MAX)
    ]
    request = Request(
        await activity_codes.next_id(context.pool, town.number, ids),
        Kind.GRANT,
        wallet=wallet,
        way=activity.code,
    )
    answer = await ask(partial(context.live.submit, town.number), request)
    if isinstance(answer, Trouble):
        raise Refused("unavailable", WAITS, retry_after_ms=1_000)
    if answer.outcome is not Outcome.DONE:
        raise Refused(answer.outcome.value, field="code")
    return api.TookPart(Raw(answer.receipt.encode()))


def _occasion(call: Call, activity: programmes.Activity, code: int) -> str:
    """What a wallet gets one grant for: the activity, its day in the town, or the code."""
    if activity.per_person == "once":
        return "once"
    if activity.per_person == "daily":
        return call.now.astimezone(call.town.zone).date().isoformat()
    return f"code {code}"
