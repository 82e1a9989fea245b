"""Does the ledger agree with what everybody saw? A pure function over both.

Whoever asks has first let every screen come back and catch up, then asked the gateway, as each
party, for the end of its feed, its balance, and the frozen answer of every id it ever saw.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
from msgspec import Struct

from gateway.protocol.messages import Receipt, Role
from loadtest.seen import Seen

# Of each kind of finding so many are spelled out, so that a disaster stays readable.
SPELLED_OUT_MAX = 5

_receipt = msgspec.json.Decoder(Receipt).decode


class Party(Struct, frozen=True):
    """Whose screen."""

    role: Role
    account: int


class Truth(Struct, frozen=True):
    """What the gateway says, asked afterwards as one party."""

    end: int  # The last position of its feed.
    answers: dict[UUID, bytes | None]  # The frozen receipt by id; None where it knows none.
    balance: dict[str, int] | None = None  # A wallet's, by instrument, where it is not 0.


class Verdict(Struct, frozen=True):
    """``findings`` is empty when all is well."""

    screens: int
    payments: int
    events: int
    answers: int
    findings: list[str]


def judge(everybody: Sequence[Seen], truths: Mapping[Party, Truth]) -> Verdict:
    """Compares every screen with the ledger, and the screens with each other."""
    findings: list[str] = []
    for seen in everybody:
        party = Party(seen.role, seen.account)
        findings += [f"{seen.role} {seen.account}: {text}" for text in _one(seen, truths[party])]
    findings += _both_told(everybody)
    done = {
        sighting.subject
        for seen in everybody
        for sighting in seen.events.values()
        if sighting.kind == "payment"
    }
    return Verdict(
        screens=len(everybody),
        payments=len(done),
        events=sum(len(seen.events) for seen in everybody),
        answers=sum(len(seen.answers) for seen in everybody),
        findings=findings,
    )


def _some(what: str, items: Sequence[object]) -> list[str]:
    if not items:
        return []
    spelled = ", ".join(str(item) for item in items[:SPELLED_OUT_MAX])
    more = f" and {len(items) - SPELLED_OUT_MAX} more" if len(items) > SPELLED_OUT_MAX else ""
    return [f"{what}: {spelled}{more}"]


def _one(seen: Seen, truth: Truth) -> list[str]:
    """One screen against the ledger's answers."""
    findings = [
        f"{count} × {place.value} in its feed" for place, count in seen.troubles.items() if count
    ]
    findings += _some("events that never came", seen.missing(truth.end))
    findings += _some(
        "events that the feed does not have", [s for s in seen.events if s > truth.end]
    )
    findings += _some("commands without a final answer", sorted(seen.unanswered))
    other = [i for i, receipt in seen.answers.items() if truth.answers.get(i) != receipt]
    findings += _some("answers that the ledger gives otherwise", other)
    events = [
        sighting.subject
        for sighting in seen.events.values()
        if truth.answers.get(sighting.subject) != sighting.body
    ]
    findings += _some("events that the ledger tells otherwise", events)
    if seen.role is Role.WALLET and seen.events:
        last = _receipt(seen.events[max(seen.events)].body).balance
        held = None if last is None else {code: amount for code, amount in last.items() if amount}
        if held is not None and held != truth.balance:
            findings.append(f"its last event says {held}, the ledger {truth.balance}")
    return findings


def _both_told(everybody: Sequence[Seen]) -> list[str]:
    """Whatever one party of an entry was told, the other was too, if it took part in the run."""
    told = {
        (seen.role, seen.account): {(s.kind, s.subject) for s in seen.events.values()}
        for seen in everybody
    }
    findings = []
    for seen in everybody:
        for sighting in seen.events.values():
            receipt = _receipt(sighting.body)
            other = (
                (Role.TERMINAL, receipt.shop)
                if seen.role is Role.WALLET
                else (Role.WALLET, receipt.wallet)
            )
            if (sighting.kind, sighting.subject) not in told.get(
                (other[0], other[1] or 0), {(sighting.kind, sighting.subject)}
            ):
                findings.append(f"{sighting.subject} was told to {seen.role} {seen.account} alone")
    done = {i for seen in everybody for i, receipt in seen.answers.items() if _done(receipt)}
    shown = {subject for subjects in told.values() for _, subject in subjects}
    return _some("told to one party only", findings) + _some(
        "answered as done and shown on no screen", sorted(done - shown)
    )


def _done(receipt: bytes) -> bool:
    return _receipt(receipt).outcome == "done"
