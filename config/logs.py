"""Logs: one JSON object a line on standard output, ours and the libraries' alike.

Nothing secret is ever logged on purpose; a field whose name sounds like a secret is blanked all the
same, wherever it came from.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import msgspec
import structlog

SECRET_WORDS = frozenset(
    {
        "authorization",
        "code",
        "cookie",
        "manager_pin",
        "password",
        "phone",
        "pin",
        "secret",
        "ticket",
        "token",
    }
)


def blank_secrets(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replaces what a field of such a name holds."""
    for name in event:
        if name in SECRET_WORDS:
            event[name] = "(not logged)"
    return event


def _text(event: MutableMapping[str, Any], **_ignored: object) -> str:
    return msgspec.json.encode(event, enc_hook=str).decode()


def configure(level: str) -> None:
    """Sets up logging for the process; ``level`` is debug, info, warning or error."""
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        blank_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(serializer=_text)],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(serializer=_text),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    # The libraries tell every accepted connection at ``info``; ours say what matters.
    root.setLevel(max(number, logging.WARNING))
