"""What stands in the fields that travel as ready-made JSON (``Raw``).

A receipt is frozen text in the database and is passed on byte for byte, so the messages carry it as
``Raw``. This table tells what that text is, for everything that is generated from the messages:
the screens' TypeScript types, the OpenAPI and the AsyncAPI document.
"""

from msgspec import Struct

from gateway.protocol import api, api_staff, messages

PAYLOADS: dict[type[Struct], dict[str, tuple[type[Struct], ...]]] = {
    messages.Result: {
        "result": (
            messages.Receipt,
            messages.ShownCode,
            messages.CodeRead,
            messages.StatusAnswer,
        )
    },
    messages.Error: {"detail": (messages.Receipt,)},
    messages.Event: {"body": (messages.Receipt,)},
    messages.TownEvent: {"body": (messages.Receipt,)},
    messages.StatusAnswer: {"receipt": (messages.Receipt,)},
    api.HistoryLine: {"receipt": (messages.Receipt,)},
    api.StatusBody: {"receipt": (messages.Receipt,)},
    api.EventLine: {"body": (messages.Receipt,)},
    api_staff.Cancelled: {"receipt": (messages.Receipt,)},
}

# What a command's ``result`` is; a refusal's ``detail`` is a receipt whatever was asked.
RESULTS: dict[type[Struct], type[Struct]] = {
    messages.Pay: messages.Receipt,
    messages.Send: messages.Receipt,
    messages.Give: messages.Receipt,
    messages.Charge: messages.Receipt,
    messages.Confirm: messages.Receipt,
    messages.TopUp: messages.Receipt,
    messages.Issue: messages.Receipt,
    messages.GrantHere: messages.Receipt,
    messages.Reverse: messages.Receipt,
    messages.ShowCode: messages.ShownCode,
    messages.ReadCode: messages.CodeRead,
    messages.Status: messages.StatusAnswer,
}
