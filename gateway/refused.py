"""Why a request was refused: every code the HTTP API can answer with, its status and its words.

The table is the whole truth about errors over HTTP: handlers raise `Refused` with a code of it, the
OpenAPI document lists it, and anything else that goes wrong is a fault, logged and told as
``internal`` without details.
"""

from http import HTTPStatus

from msgspec import Struct

from gateway.protocol.api import ApiError


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
    "already_registered": ErrorKind(
        HTTPStatus.CONFLICT, "This phone number is registered in this town; sign in instead."
    ),
    "terminal_revoked": ErrorKind(
        HTTPStatus.CONFLICT, "This terminal is revoked for good; make a new one."
    ),
    "challenge_over": ErrorKind(
        HTTPStatus.GONE, "The SMS code was used, is too old or was tried too often; start again."
    ),
    "enrolment_refused": ErrorKind(
        HTTPStatus.GONE, "This enrolment code was used, is too old or unknown; make a new one."
    ),
    "too_large": ErrorKind(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is larger than anything this API takes."
    ),
    "media_type": ErrorKind(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send the body as Content-Type: application/json."
    ),
    "invalid": ErrorKind(HTTPStatus.UNPROCESSABLE_ENTITY, "A field is not as it has to be."),
    "too_fast": ErrorKind(HTTPStatus.TOO_MANY_REQUESTS, "Too many requests; wait, then go on."),
    "sign_in_locked": ErrorKind(
        HTTPStatus.TOO_MANY_REQUESTS, "Too many wrong passwords; wait until it opens again."
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
        HTTPStatus.SERVICE_UNAVAILABLE, "The database is away; nothing was changed. Try again."
    ),
    "sms_unavailable": ErrorKind(
        HTTPStatus.SERVICE_UNAVAILABLE, "The SMS could not be sent; try again in a minute."
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
