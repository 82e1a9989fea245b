"""Why a request was refused: every code the HTTP API can answer with, its status and its words.

The table is the whole truth about errors over HTTP: handlers raise `Refused` with a code of it, the
OpenAPI document lists it, and anything else that goes wrong is a fault, logged and told as
``internal`` without details.
"""

from http import HTTPStatus

from msgspec import Struct

from gateway.protocol.api import ApiError
from ledger.outcomes import Outcome


class ErrorKind(Struct, frozen=True):
    """What a code means. ``message`` says what was wrong and what to do, where nothing more exact
    is known.
    """

    status: HTTPStatus
    message: str


ERRORS: dict[str, ErrorKind] = {
    "malformed": ErrorKind(HTTPStatus.BAD_REQUEST, "The body is not JSON; send one JSON object."),
    "signed_out": ErrorKind(
        HTTPStatus.UNAUTHORIZED, "There is no open session for this; sign in and send it again."
    ),
    "sign_in_wrong": ErrorKind(
        HTTPStatus.UNAUTHORIZED, "The name or number and the password do not belong together."
    ),
    "code_wrong": ErrorKind(
        HTTPStatus.UNAUTHORIZED, "This is not the code that was sent by SMS; look at it again."
    ),
    "origin_refused": ErrorKind(
        HTTPStatus.FORBIDDEN, "Changes are accepted from the gateway's own pages only."
    ),
    "not_allowed": ErrorKind(
        HTTPStatus.FORBIDDEN, "This operator's role may look at this but not change it."
    ),
    "not_found": ErrorKind(HTTPStatus.NOT_FOUND, "There is nothing here; check the address."),
    "method_not_allowed": ErrorKind(
        HTTPStatus.METHOD_NOT_ALLOWED, "This address does not take this method."
    ),
    "password_wrong": ErrorKind(
        HTTPStatus.FORBIDDEN, "This is not your present password; nothing was changed."
    ),
    "pin_wrong": ErrorKind(
        HTTPStatus.FORBIDDEN, "This is not the wallet's present PIN; nothing was changed."
    ),
    "name_taken": ErrorKind(
        HTTPStatus.CONFLICT, "Somebody else has this name, or had it; take another one."
    ),
    "code_taken": ErrorKind(HTTPStatus.CONFLICT, "This code is or was used; take another one."),
    "campaign_begun": ErrorKind(
        HTTPStatus.CONFLICT,
        "The campaign has begun or was stopped, and its terms stand; stop it, or change its rate.",
    ),
    "campaign_over": ErrorKind(
        HTTPStatus.CONFLICT, "The campaign is over by then; there is nothing to stop."
    ),
    "challenge_ended": ErrorKind(
        HTTPStatus.CONFLICT, "The challenge has ended: it was reached, missed or called off."
    ),
    "coupon_over": ErrorKind(
        HTTPStatus.CONFLICT, "The coupon is over or was stopped; there is nothing to stop."
    ),
    "offer_closed": ErrorKind(
        HTTPStatus.CONFLICT, "Places of this offer cannot be taken now; see when it opens."
    ),
    "offer_sold_out": ErrorKind(HTTPStatus.CONFLICT, "All places of this offer are taken."),
    "stop_over": ErrorKind(
        HTTPStatus.CONFLICT, "This stop is over or was called off; plan another one."
    ),
    "survey_over": ErrorKind(HTTPStatus.CONFLICT, "The survey takes no answers any more."),
    "survey_answered": ErrorKind(
        HTTPStatus.CONFLICT, "This survey was answered before; the first answers stand."
    ),
    "picture_refused": ErrorKind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "This is no picture that can be shown; send another one."
    ),
    "circular_over": ErrorKind(
        HTTPStatus.CONFLICT, "The notice is over or was withdrawn; there is nothing to withdraw."
    ),
    "proposal_closed": ErrorKind(
        HTTPStatus.CONFLICT, "This was seen to already, or has its picture; nothing was changed."
    ),
    "request_closed": ErrorKind(
        HTTPStatus.CONFLICT, "This shop request was answered already; nothing was changed."
    ),
    "last_operator": ErrorKind(
        HTTPStatus.CONFLICT, "Nobody else could change anything then; make another operator first."
    ),
    "left": ErrorKind(
        HTTPStatus.CONFLICT, "Whoever this is has left; add them again under another name."
    ),
    "recipient_unknown": ErrorKind(
        HTTPStatus.NOT_FOUND, "Nobody else who can be sent to here has this number or this code."
    ),
    "not_sendable": ErrorKind(
        HTTPStatus.CONFLICT, "Nobody sends value to others in this town; pay at its shops."
    ),
    "rank_unknown": ErrorKind(
        HTTPStatus.CONFLICT, "This town has no such rank; see `roles` in its profile."
    ),
    "already_registered": ErrorKind(
        HTTPStatus.CONFLICT, "This phone number is registered in this town; sign in instead."
    ),
    "mark_taken": ErrorKind(
        HTTPStatus.CONFLICT, "Another shop has this mark; take it off there first."
    ),
    "shop_known": ErrorKind(
        HTTPStatus.CONFLICT, "This shop may take part already; look before you accept it."
    ),
    "too_many_applications": ErrorKind(
        HTTPStatus.TOO_MANY_REQUESTS,
        "Too many applications wait to be looked at; wait for an answer, or ask the office.",
    ),
    "too_many_notes": ErrorKind(
        HTTPStatus.CONFLICT, "Enough was written about this application; talk to each other."
    ),
    "application_open": ErrorKind(
        HTTPStatus.CONFLICT, "This application is not decided yet; decide it first."
    ),
    "invitation_over": ErrorKind(
        HTTPStatus.GONE, "This invitation was used, is too old or unknown; ask for a new one."
    ),
    "change_decided": ErrorKind(
        HTTPStatus.CONFLICT, "This was decided, or a newer wish has taken its place."
    ),
    "scan_unknown": ErrorKind(
        HTTPStatus.NOT_FOUND, "No shop that takes part here has this; ask the shop."
    ),
    "scan_broken": ErrorKind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "This is not a whole code; scan it again."
    ),
    "scan_altered": ErrorKind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "The code's check sum does not hold; scan it again."
    ),
    "scan_foreign": ErrorKind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "The code is no shop's code of this currency."
    ),
    "scan_card": ErrorKind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "This is a payment card in a phone, no shop's code."
    ),
    "scan_other_town": ErrorKind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "The code is of another town's money."
    ),
    "scan_not_payer": ErrorKind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "This is no payer's code; ask the payer to show one."
    ),
    "scan_not_shop": ErrorKind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "The code is not a shop's; scan the shop's code."
    ),
    "identity_taken": ErrorKind(
        HTTPStatus.CONFLICT,
        "Somebody with this name and birth date has an account in this town; sign in to that one, "
        "or ask the town's office.",
    ),
    "ic_card_unknown": ErrorKind(
        HTTPStatus.NOT_FOUND, "This card has no wallet in this town yet; open one for it first."
    ),
    "ic_card_known": ErrorKind(HTTPStatus.CONFLICT, "This card has a wallet already."),
    "ic_card_blocked": ErrorKind(
        HTTPStatus.CONFLICT, "This card was reported lost, or another one stands in its place."
    ),
    "ic_card_taken": ErrorKind(HTTPStatus.CONFLICT, "This card is registered to somebody."),
    "ic_card_has_value": ErrorKind(
        HTTPStatus.CONFLICT,
        "There is value on this card that cannot be moved to your wallet; spend it first.",
    ),
    "ic_card_over_limit": ErrorKind(
        HTTPStatus.CONFLICT,
        "A card that nobody has registered pays no more than this; register it, or pay otherwise.",
    ),
    "question_unknown": ErrorKind(
        HTTPStatus.NOT_FOUND, "No payment of this card waits here for an answer; charge it anew."
    ),
    "claim_over": ErrorKind(
        HTTPStatus.GONE, "The card's QR was used or is too old; tap the card again for a new one."
    ),
    "terminal_revoked": ErrorKind(
        HTTPStatus.CONFLICT, "This terminal is revoked for good; make a new one."
    ),
    "challenge_over": ErrorKind(
        HTTPStatus.GONE, "The SMS code was used, is too old or was tried too often; start again."
    ),
    "openid_unknown": ErrorKind(
        HTTPStatus.NOT_FOUND, "This town has no such way to sign in; see its identity providers."
    ),
    "openid_closed": ErrorKind(
        HTTPStatus.SERVICE_UNAVAILABLE, "This provider is not set up here; sign in by SMS."
    ),
    "openid_unavailable": ErrorKind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The identity provider does not answer; try again in a minute, or sign in by SMS.",
    ),
    "openid_over": ErrorKind(
        HTTPStatus.GONE,
        "This was used, is too old, or began in another browser or session; start again.",
    ),
    "openid_cancelled": ErrorKind(
        HTTPStatus.FORBIDDEN,
        "The identity provider was told no; start again if that was not meant.",
    ),
    "openid_refused": ErrorKind(
        HTTPStatus.BAD_GATEWAY,
        "What the identity provider says of you cannot be believed; nothing was changed.",
    ),
    "openid_unlinked": ErrorKind(
        HTTPStatus.NOT_FOUND, "No wallet is linked to this; sign in by SMS and link it first."
    ),
    "openid_taken": ErrorKind(
        HTTPStatus.CONFLICT,
        "This identity is linked to another wallet of this town; one person has one wallet.",
    ),
    "openid_linked": ErrorKind(
        HTTPStatus.CONFLICT,
        "Another identity of this provider is linked to this wallet; unlink it first.",
    ),
    "enrolment_refused": ErrorKind(
        HTTPStatus.GONE, "This enrolment code was used, is too old or unknown; make a new one."
    ),
    "sale_elsewhere": ErrorKind(
        HTTPStatus.MISDIRECTED_REQUEST,
        "Sales have processes of their own, and this is none of them; ask the town's address.",
    ),
    "sale_opened": ErrorKind(
        HTTPStatus.CONFLICT, "The sale is open already, and its terms stand; nothing was changed."
    ),
    "offer_queued": ErrorKind(
        HTTPStatus.CONFLICT, "Places of this offer go by a queue; join its sale."
    ),
    "not_waiting": ErrorKind(
        HTTPStatus.NOT_FOUND,
        "This wallet does not wait for this sale; join it, with the ticket if there is one.",
    ),
    "bank_not_set": ErrorKind(
        HTTPStatus.CONFLICT, "The town's profile names no account of its own; no file can be made."
    ),
    "bank_lines_none": ErrorKind(
        HTTPStatus.CONFLICT, "No line of this settlement is to move so; look at its lines."
    ),
    "bank_lines_unfit": ErrorKind(
        HTTPStatus.CONFLICT, "Some lines can stand in no file; see to them, or leave them out."
    ),
    "bank_file_state": ErrorKind(
        HTTPStatus.CONFLICT, "The bank file is not in a state for this; nothing was changed."
    ),
    "bank_file_refused": ErrorKind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "The file is not what it should be; nothing was changed."
    ),
    "bank_result_known": ErrorKind(
        HTTPStatus.CONFLICT, "A result was read for this already; nothing was changed."
    ),
    "programme_taken": ErrorKind(
        HTTPStatus.CONFLICT, "A programme, or a funder of the town's profile, has this code."
    ),
    "activity_taken": ErrorKind(
        HTTPStatus.CONFLICT, "An activity has this code already; take another one."
    ),
    "activity_over": ErrorKind(HTTPStatus.CONFLICT, "This activity is over already."),
    "activity_not_yours": ErrorKind(
        HTTPStatus.FORBIDDEN, "This key gives for no such activity; nothing was granted."
    ),
    "oauth_wrong": ErrorKind(
        HTTPStatus.BAD_REQUEST,
        "The platform that sent you here did not ask as it has to; nothing was linked.",
    ),
    "token_invalid": ErrorKind(
        HTTPStatus.UNAUTHORIZED,
        "This access token opens nothing (any more): refresh it, or ask the citizen again.",
    ),
    "scope_missing": ErrorKind(
        HTTPStatus.FORBIDDEN, "The citizen has not allowed this; ask for consent to it."
    ),
    "key_missing": ErrorKind(
        HTTPStatus.BAD_REQUEST,
        "Idempotency-Key is missing, or not 1 to 64 of A-Z, a-z, 0-9, - and _; each grant needs "
        "one of its own.",
    ),
    "list_refused": ErrorKind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "The list is not as it has to be; nothing of it was kept."
    ),
    "list_applied": ErrorKind(
        HTTPStatus.CONFLICT,
        "This very file was applied before; approve it again only if it is meant twice.",
    ),
    "same_operator": ErrorKind(
        HTTPStatus.FORBIDDEN, "Somebody else than who brought or made it has to approve it."
    ),
    "settlement_state": ErrorKind(
        HTTPStatus.CONFLICT, "The settlement is not in a state for this; nothing was changed."
    ),
    "settlement_empty": ErrorKind(
        HTTPStatus.CONFLICT, "Nothing of this period and these shops is left to be settled."
    ),
    "review_changed": ErrorKind(
        HTTPStatus.CONFLICT, "Something has changed since it was looked at; look at it again."
    ),
    "run_state": ErrorKind(
        HTTPStatus.CONFLICT, "The grant is not in a state for this; nothing was changed."
    ),
    "run_empty": ErrorKind(
        HTTPStatus.CONFLICT, "No line of this list can be granted; correct it and send it anew."
    ),
    "draw_not_open": ErrorKind(
        HTTPStatus.CONFLICT, "Applications are not open yet; come back when they are."
    ),
    "draw_closed": ErrorKind(HTTPStatus.CONFLICT, "Applications are over."),
    "draw_stage": ErrorKind(
        HTTPStatus.CONFLICT, "This is not done at the draw's present stage; nothing was changed."
    ),
    "reviews_waiting": ErrorKind(
        HTTPStatus.CONFLICT, "Applications wait for a decision; decide them first."
    ),
    "already_applied": ErrorKind(
        HTTPStatus.CONFLICT, "You have applied for this already; one application a person."
    ),
    "application_unknown": ErrorKind(
        HTTPStatus.NOT_FOUND, "No application has this receipt number and this phone number."
    ),
    "application_settled": ErrorKind(
        HTTPStatus.CONFLICT, "The application was withdrawn, refused or claimed; it stays so."
    ),
    "number_wrong": ErrorKind(
        HTTPStatus.FORBIDDEN,
        "This is no purchaser number of yours; look at it again. It belongs to the phone number "
        "that you applied with.",
    ),
    "number_used": ErrorKind(HTTPStatus.CONFLICT, "This purchaser number was used; it works once."),
    "number_over": ErrorKind(
        HTTPStatus.GONE, "The time to use this purchaser number is over; the place went on."
    ),
    "already_awarded": ErrorKind(
        HTTPStatus.CONFLICT, "This wallet has a place already; one place a person."
    ),
    "number_locked": ErrorKind(
        HTTPStatus.TOO_MANY_REQUESTS,
        "Too many wrong purchaser numbers; wait until it opens again.",
    ),
    "way_unknown": ErrorKind(
        HTTPStatus.NOT_FOUND, "The town has no such way of topping up for this; see its ways."
    ),
    "way_closed": ErrorKind(
        HTTPStatus.SERVICE_UNAVAILABLE, "This way is not set up here; top up by another one."
    ),
    "file_absent": ErrorKind(
        HTTPStatus.BAD_GATEWAY, "The provider gives no file of this day now; try again later."
    ),
    "too_large": ErrorKind(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is larger than anything this API takes."
    ),
    "media_type": ErrorKind(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send the body as Content-Type: application/json."
    ),
    "invalid": ErrorKind(HTTPStatus.UNPROCESSABLE_ENTITY, "A field is not as it has to be."),
    "too_many_lines": ErrorKind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "These are too many lines for a file; narrow the filters."
    ),
    "too_fast": ErrorKind(HTTPStatus.TOO_MANY_REQUESTS, "Too many requests; wait, then go on."),
    "sign_in_locked": ErrorKind(
        HTTPStatus.TOO_MANY_REQUESTS, "Too many wrong passwords; wait until it opens again."
    ),
    "password_locked": ErrorKind(
        HTTPStatus.TOO_MANY_REQUESTS, "Too many wrong passwords; wait until it opens again."
    ),
    "pin_locked": ErrorKind(
        HTTPStatus.TOO_MANY_REQUESTS, "Too many wrong PINs; wait until it opens again."
    ),
    "sms_too_many": ErrorKind(
        HTTPStatus.TOO_MANY_REQUESTS, "Too many codes were sent to this number; try again later."
    ),
    "internal": ErrorKind(
        HTTPStatus.INTERNAL_SERVER_ERROR, "The gateway failed; the fault is logged. Try again."
    ),
    "busy": ErrorKind(
        HTTPStatus.SERVICE_UNAVAILABLE, "Too many sign-ins at this moment; try again in seconds."
    ),
    "unavailable": ErrorKind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The database does not answer, so whether this was done is not known. Send the same again, "
        "or look before you do something new.",
    ),
    "sms_unavailable": ErrorKind(
        HTTPStatus.SERVICE_UNAVAILABLE, "The SMS could not be sent; try again in a minute."
    ),
}


# What the ledger refused is final: the same id gets it again, and another attempt needs a new one.
ERRORS |= {
    code: ErrorKind(HTTPStatus.PAYMENT_REQUIRED, message)
    for code, message in (
        ("wallet_frozen", "The payer's wallet is frozen; they have to ask the town's office."),
        ("code_unknown", "No wallet shows this code; read it again, under a new id."),
        ("code_expired", "The code is too old; have the payer show a new one."),
        ("code_used", "The code was used; have the payer show a new one."),
        ("code_wrong_purpose", "The code is for topping up; have the payer show one to pay with."),
        ("shop_closed", "The shop takes part no longer."),
        ("amount_mismatch", "The payer's code is for another amount."),
        ("over_limit", "The amount is above what may be paid at once in this town."),
        ("insufficient_funds", "The payer's wallet does not hold as much that can be spent here."),
        ("already_reversed", "All of this payment was given back before."),
        ("over_reversible", "More than is left of this payment."),
        ("over_clerk_limit", "More than may be given back from here; ask the town's office."),
        ("reversal_too_late", "The town's time for giving payments back is over."),
        ("payment_unknown", "There is no such payment of this shop."),
    )
}
for outcome in Outcome:
    ERRORS.setdefault(
        outcome.value, ErrorKind(HTTPStatus.PAYMENT_REQUIRED, f"The ledger refused it: {outcome}.")
    )
ERRORS |= {
    "duplicate_suspected": ErrorKind(
        HTTPStatus.CONFLICT,
        "Not paid: the payer has just paid the same here and is asked on the phone. Ask for this "
        "payment again until it is processed, or cancel it.",
    ),
    "id_reused": ErrorKind(
        HTTPStatus.CONFLICT, "This id was used for something else; what was then decided stands."
    ),
    "cancelled": ErrorKind(
        HTTPStatus.CONFLICT, "This payment was cancelled; nothing is or will be paid under its id."
    ),
    "not_paid": ErrorKind(
        HTTPStatus.CONFLICT, "Nothing is paid under this id (yet); there is nothing to refund."
    ),
    "merchant_unknown": ErrorKind(
        HTTPStatus.NOT_FOUND, "This merchant id is no shop; ask the town's office to map it."
    ),
    "acquirer_closed": ErrorKind(
        HTTPStatus.FORBIDDEN, "This acquirer takes no new payments; ask the town's office."
    ),
    "undecided": ErrorKind(
        HTTPStatus.GATEWAY_TIMEOUT,
        "The outcome is not known yet; it has not failed. Ask for it by the same id, or cancel.",
    ),
    "signature_invalid": ErrorKind(
        HTTPStatus.UNAUTHORIZED, "The signature's headers are not as they have to be."
    ),
    "signature_expired": ErrorKind(
        HTTPStatus.UNAUTHORIZED, "The signature is too old or from the future; sign anew."
    ),
    "signature_wrong": ErrorKind(
        HTTPStatus.UNAUTHORIZED,
        "The signature is not this key's over this method, path, query and body, or there is no "
        "such live key.",
    ),
    "nonce_used": ErrorKind(
        HTTPStatus.UNAUTHORIZED, "This key has used this nonce before; sign anew with another."
    ),
}


class Refused(Exception):
    """The request is answered with an `ApiError`; ``code`` is a key of `ERRORS`."""

    def __init__(
        self,
        code: str,
        message: str | None = None,
        *,
        field: str | None = None,
        retry_after_ms: int | None = None,
        attempts_left: int | None = None,
    ) -> None:
        super().__init__(code)
        kind = ERRORS[code]
        self.status = kind.status
        self.body = ApiError(
            code=code,
            message=message or kind.message,
            field=field,
            retry_after_ms=retry_after_ms,
            attempts_left=attempts_left,
        )
