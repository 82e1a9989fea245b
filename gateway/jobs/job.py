"""A kind of job: a function with a name, what is told about its failures, and when it is due."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, get_type_hints

import msgspec
from msgspec import Struct

from config.profile import Profile
from gateway.jobs.context import JobContext
from gateway.jobs.schedule import Schedule
from ledger import jobs
from ledger.database import Executor

QUEUE = "default"
GIVEN = ("context", "town", "now")  # By whoever runs it; everything else is the job's own.


class Retry(Struct, frozen=True):
    """How often a job is tried in all, and how long it rests between: doubling from ``first_s``."""

    attempts_max: int = 8
    first_s: float = 2.0
    longest_s: float = 600.0

    def wait_s(self, attempts: int) -> float | None:
        """The seconds to rest after so many failed attempts (1 and more); None: give it up."""
        if attempts >= self.attempts_max:
            return None
        return min(self.longest_s, self.first_s * 2.0 ** min(attempts - 1, 32))


class Job:
    """A function that workers run. Calling it runs it here and now, once, whatever waits."""

    def __init__(
        self,
        name: str,
        function: Callable[..., Awaitable[bool | None]],
        *,
        retry: Retry,
        queue: str,
        subject: str | None,
        schedule: Callable[[Profile], Schedule | None] | None,
    ) -> None:
        self.name = name
        self.retry = retry
        self.queue = queue
        self.schedule = schedule
        self._function = function
        self._subject = subject
        self._arguments = _arguments(name, function)
        known = self._arguments.__struct_fields__
        if subject is not None and subject not in known:
            raise TypeError(f"{name}: its subject {subject!r} is none of its arguments {known}")
        if schedule is not None and known != ("due",):
            raise TypeError(f"{name}: what is scheduled has the one argument due, not {known}")

    async def __call__(
        self, context: JobContext, town: int, *, now: datetime, **arguments: object
    ) -> bool:
        """Does a slice of it; whether there is more to do."""
        return bool(await self._function(context, town, now=now, **arguments))

    async def defer(self, executor: Executor, town: int, **arguments: object) -> int:
        """Enqueues it, on a connection in the transaction that is open there; the job's number.

        Raises:
            TypeError: these are not its arguments.
            LedgerError: it was not enqueued.
        """
        plain = self.plain(arguments)
        return await jobs.defer(
            executor, self.queue, self.name, self.lock(town, plain), town, plain
        )

    def plain(self, arguments: Mapping[str, object]) -> dict[str, Any]:
        """Arguments as JSON has them.

        Raises:
            TypeError: these are not its arguments.
        """
        plain: dict[str, Any] = msgspec.to_builtins(self._arguments(**arguments))
        self.told(plain)
        return plain

    def told(self, plain: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments again, from JSON's.

        Raises:
            TypeError: these are not its arguments.
        """
        try:
            read = msgspec.convert(plain, self._arguments)
        except msgspec.ValidationError as error:
            raise TypeError(f"{self.name}: {error}") from error
        return {name: getattr(read, name) for name in self._arguments.__struct_fields__}

    def lock(self, town: int, plain: Mapping[str, Any]) -> str:
        """Of jobs with the same lock, one at a time is run."""
        subject = "" if self._subject is None else f":{plain[self._subject]}"
        return f"{self.name}:{town}{subject}"


def job(
    name: str,
    *,
    retry: Retry | None = None,
    queue: str = QUEUE,
    subject: str | None = None,
    schedule: Callable[[Profile], Schedule | None] | None = None,
) -> Callable[[Callable[..., Awaitable[bool | None]]], Job]:
    """Makes a job of a function; see `gateway.jobs`. ``name`` stays the same as long as such jobs
    may wait somewhere.
    """

    def make(function: Callable[..., Awaitable[bool | None]]) -> Job:
        return Job(
            name, function, retry=retry or Retry(), queue=queue, subject=subject, schedule=schedule
        )

    return make


def _arguments(name: str, function: Callable[..., Awaitable[bool | None]]) -> type[Struct]:
    """A struct of the function's own arguments.

    Raises:
        TypeError: the function is not of the form that a job has.
    """
    parameters, hints = inspect.signature(function).parameters, get_type_hints(function)
    if missing := [given for given in GIVEN if given not in parameters]:
        raise TypeError(f"{name}: the function of a job also takes {', '.join(missing)}")
    fields: list[Any] = []
    for parameter in parameters.values():
        if parameter.name in GIVEN:
            continue
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY or parameter.name not in hints:
            raise TypeError(f"{name}: {parameter.name} is not by keyword, or has no type")
        field = (parameter.name, hints[parameter.name])
        if parameter.default is not inspect.Parameter.empty:
            fields.append((*field, parameter.default))
        else:
            fields.append(field)
    return msgspec.defstruct("Arguments", fields, kw_only=True, forbid_unknown_fields=True)
