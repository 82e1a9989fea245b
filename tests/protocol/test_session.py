"""The session's rules, without a socket: what goes in as frames and time, and what comes out."""

import json
from uuid import UUID

import pytest

from config.limits import SessionLimits
from gateway.protocol.closing import CloseCode, Closing
from gateway.protocol.ids import new_id
from gateway.protocol.messages import (
    Ack,
    Auth,
    Charge,
    Pay,
    Resume,
    Role,
    Stage,
    Status,
    encode,
)
from gateway.protocol.session import Action, Phase, Reply, Session, resumes

LIMITS = SessionLimits(commands_per_s=10, burst_s=2)
TICKET = "t" * 43
ID = "01a2b3c4-0000-7000-8000-000000000001"


def opened() -> Session:
    """A session whose websocket has just been opened, at second 100."""
    return Session("s-1", LIMITS, 100.0)


def ready(role: Role = Role.WALLET, seq: int = 5) -> Session:
    """A session that may send commands."""
    session = opened()
    session.receive(json.dumps({"type": "auth", "ticket": TICKET}), 100.0)
    session.welcome(
        role=role,
        town="nagaoka",
        account=7,
        name="花子",
        epoch=1,
        seq=seq,
        resync=False,
        now=100.0,
        now_ms=0,
    )
    return session


def pay(**changes: object) -> str:
    """A payment's frame, with some of its fields changed (None leaves one out)."""
    fields = {"type": "pay", "id": ID, "shop": 12, "amount": 500, "pin": "1234"} | changes
    return json.dumps({name: value for name, value in fields.items() if value is not None})


def answer(action: Action) -> dict[str, object]:
    """The frame sent back."""
    assert isinstance(action, Reply), action
    decoded: dict[str, object] = json.loads(action.frame)
    return decoded


def code(action: Action) -> CloseCode:
    """The code the session is closed with."""
    assert isinstance(action, Closing), action
    return action.code


# -- the way in ------------------------------------------------------------------------------------


def test_the_way_in_is_hello_auth_ready() -> None:
    """A session greets, takes one ticket, and then tells where it stands."""
    session = opened()
    assert json.loads(session.hello(5)) == {
        "type": "hello",
        "protocol": "koban.v1",
        "server_time": 5,
    }
    frame = {"type": "auth", "ticket": TICKET, "resume": {"epoch": 3, "seq": 9}}
    assert session.receive(json.dumps(frame), 100.0) == Auth(TICKET, Resume(3, 9))
    assert session.phase is Phase.AUTHENTICATING
    told = json.loads(
        session.welcome(
            role=Role.TERMINAL,
            town="nagaoka",
            account=7,
            name="まるや",
            epoch=3,
            seq=9,
            resync=False,
            now=100.0,
            now_ms=6,
        )
    )
    assert told == {
        "type": "ready",
        "session": "s-1",
        "role": "terminal",
        "town": "nagaoka",
        "account": 7,
        "name": "まるや",
        "server_time": 6,
        "ping_interval_ms": 15_000,
        "limits": {"frame_bytes_max": 4096, "commands_per_s": 10},
        "epoch": 3,
        "seq": 9,
        "resync": False,
    }


@pytest.mark.parametrize(
    "frame", [pay(), '{"type":"pong"}', '{"type":"ack","seq":1,"stage":"shown"}']
)
def test_nothing_comes_before_auth(frame: str) -> None:
    """Whatever else is sent first ends the session."""
    assert code(opened().receive(frame, 100.0)) is CloseCode.VIOLATION


@pytest.mark.parametrize("session", [ready(), ready(Role.CONSOLE)])
def test_auth_comes_once(session: Session) -> None:
    """A second ticket ends the session."""
    frame = json.dumps({"type": "auth", "ticket": TICKET})
    assert code(session.receive(frame, 100.0)) is CloseCode.VIOLATION


def test_a_command_before_ready_ends_the_session() -> None:
    """Between auth and ready there is nothing to say."""
    session = opened()
    session.receive(json.dumps({"type": "auth", "ticket": TICKET}), 100.0)
    assert code(session.receive(pay(), 100.0)) is CloseCode.VIOLATION


def test_who_does_not_sign_in_is_closed_in_time() -> None:
    """Ten seconds are enough for a ticket."""
    session = opened()
    assert session.tick(110.0, 0, 0) is None
    closing = session.tick(110.1, 0, 0)
    assert isinstance(closing, Closing)
    assert closing.code is CloseCode.AUTH_TIMEOUT
    assert session.receive(pay(), 110.2) is None


# -- bad frames ------------------------------------------------------------------------------------

MALFORMED = [
    ("nothing", ""),
    ("not JSON", "hello"),
    ("half a frame", '{"type":"pay"'),
    ("two frames", '{"type":"pong"}{"type":"pong"}'),
    ("not an object", "[]"),
    ("a number", "12"),
    ("null", "null"),
    ("no type", '{"id":"' + ID + '"}'),
    ("an unknown type", '{"type":"steal","id":"' + ID + '"}'),
    ("a type that is no text", '{"type":5}'),
    ("a pong with more", '{"type":"pong","x":1}'),
    ("an ack without a stage", '{"type":"ack","seq":1}'),
    ("a negative ack", '{"type":"ack","seq":-1,"stage":"shown"}'),
    ("an ack of an unknown stage", '{"type":"ack","seq":1,"stage":"loved"}'),
    ("a command without an id", pay(id=None)),
    ("a command whose id is no UUID", pay(id="7")),
    ("deep nesting", "[" * 4000),
]


@pytest.mark.parametrize("frame", [frame for _, frame in MALFORMED], ids=[n for n, _ in MALFORMED])
def test_a_frame_that_cannot_be_answered_ends_the_session(frame: str) -> None:
    """Without an id there is nobody to answer to."""
    assert code(ready().receive(frame, 100.0)) is CloseCode.MALFORMED


INVALID = [
    ("no amount", pay(amount=None), "amount"),
    ("amount zero", pay(amount=0), "amount"),
    ("a negative amount", pay(amount=-500), "amount"),
    ("a huge amount", pay(amount=10_000_001), "amount"),
    ("an amount beyond 64 bits", pay(amount=2**70), "amount"),
    ("a fraction of a yen", pay(amount=0.5), "amount"),
    ("an amount as text", pay(amount="500"), "amount"),
    ("an amount that is true", pay(amount=True), "amount"),
    ("no shop", pay(shop=None), "shop"),
    ("shop zero", pay(shop=0), "shop"),
    ("a PIN of three digits", pay(pin="123"), "pin"),
    ("a PIN of letters", pay(pin="abcd"), "pin"),
    ("a PIN in other digits", pay(pin="１２３４"), "pin"),
    ("a PIN with a line end", pay(pin="1234\n"), "pin"),
    ("an unknown field", pay(wallet=8), "wallet"),
    ("sent to nobody", pay(type="send", shop=None), "recipient"),
    ("sent to wallet zero", pay(type="send", shop=None, recipient=0), "recipient"),
    ("sent to a name", pay(type="send", shop=None, recipient="太郎"), "recipient"),
    ("sent to a shop", pay(type="send"), "shop"),
    ("given to nobody", pay(type="give", shop=None), "group"),
    ("given to group zero", pay(type="give", shop=None, group=0), "group"),
    ("nothing given", pay(type="give", shop=None, group=9, amount=0), "amount"),
]


@pytest.mark.parametrize(
    ("frame", "field"), [row[1:] for row in INVALID], ids=[name for name, _, _ in INVALID]
)
def test_a_command_with_a_wrong_field_is_answered(frame: str, field: str) -> None:
    """The answer names the field, and the session goes on."""
    session = ready()
    error = answer(session.receive(frame, 100.0))
    assert (error["code"], error["retry"], error["id"]) == ("invalid", "new_id", ID)
    assert field in str(error["message"])
    assert isinstance(session.receive(pay(), 100.0), Pay)


def test_a_secret_is_not_repeated_in_the_answer() -> None:
    """What was wrong with a PIN is told without the PIN."""
    error = answer(ready().receive(pay(pin="98765"), 100.0))
    assert "98765" not in json.dumps(error)


def test_a_frame_has_a_size() -> None:
    """The last byte within the limit counts, in bytes and not in characters."""
    long = json.dumps(
        {"type": "reverse", "id": ID, "payment": ID, "reason": "あ" * 200}, ensure_ascii=False
    )
    fits = long + " " * (4096 - len(long.encode()))
    assert not isinstance(ready(Role.TERMINAL).receive(fits, 100.0), Closing)
    assert code(ready(Role.TERMINAL).receive(fits + " ", 100.0)) is CloseCode.TOO_LARGE
    assert code(ready().receive("x" * 5_000, 100.0)) is CloseCode.TOO_LARGE


# -- roles -----------------------------------------------------------------------------------------

COMMANDS = {
    "pay": pay(),
    "send": json.dumps({"type": "send", "id": ID, "recipient": 8, "amount": 5, "pin": "1234"}),
    "give": json.dumps({"type": "give", "id": ID, "group": 9, "amount": 5, "pin": "1234"}),
    "confirm": json.dumps({"type": "confirm", "id": ID, "refused": ID, "pin": "1234"}),
    "show_code": json.dumps({"type": "show_code", "id": ID, "purpose": "pay", "pin": "1234"}),
    "charge": json.dumps({"type": "charge", "id": ID, "code": "8" * 20}),
    "top_up": json.dumps({"type": "top_up", "id": ID, "code": "8" * 20, "amount": 1000}),
    "reverse": json.dumps({"type": "reverse", "id": ID, "payment": ID, "reason": "間違い"}),
    "read_code": json.dumps({"type": "read_code", "id": ID, "code": "8" * 20}),
    "status": json.dumps({"type": "status", "id": ID, "payment": ID}),
}
ALLOWED = {
    Role.WALLET: {"pay", "send", "give", "confirm", "show_code", "status"},
    Role.TERMINAL: {"charge", "top_up", "reverse", "read_code", "status"},
    Role.CONSOLE: set[str](),
    Role.STAFF: set[str](),
}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("command", list(COMMANDS))
def test_each_role_has_its_commands(role: Role, command: str) -> None:
    """A command of another role ends the session, even one that would be refused anyway."""
    action = ready(role).receive(COMMANDS[command], 100.0)
    if command in ALLOWED[role]:
        assert type(action).__struct_config__.tag == command  # type: ignore[union-attr]
    else:
        assert code(action) is CloseCode.VIOLATION


# -- acks ------------------------------------------------------------------------------------------


def ack(seq: int, stage: Stage = Stage.SHOWN) -> str:
    """An ack's frame."""
    return encode(Ack(seq, stage)).decode()


def test_acks_are_cumulative_and_never_go_back() -> None:
    """Only what brings a stage further is told on; late acks are no fault."""
    session = ready(seq=5)
    session.sent = 8
    assert session.receive(ack(7), 100.0) == Ack(7, Stage.SHOWN)
    assert session.receive(ack(7), 100.0) is None
    assert session.receive(ack(6), 100.0) is None
    assert session.receive(ack(7, Stage.RECEIVED), 100.0) == Ack(7, Stage.RECEIVED)
    assert session.receive(ack(8), 100.0) == Ack(8, Stage.SHOWN)
    assert session.acked == {Stage.SHOWN: 8, Stage.RECEIVED: 7}
    assert session.unshown == 0


def test_an_ack_may_be_for_an_earlier_connection() -> None:
    """A screen that showed an event and lost its connection says so on the next one."""
    assert ready(seq=5).receive(ack(5), 100.0) == Ack(5, Stage.SHOWN)


def test_an_ack_of_what_was_never_sent_ends_the_session() -> None:
    """Nobody can have seen an event that does not exist."""
    assert code(ready(seq=5).receive(ack(6), 100.0)) is CloseCode.VIOLATION


# -- heartbeats ------------------------------------------------------------------------------------


def test_a_ping_is_sent_at_each_interval() -> None:
    """It tells the feed's position, so that a gap is noticed."""
    session = ready()
    assert session.tick(114.9, 0, 9) is None
    ping = session.tick(115.0, 42, 9)
    assert isinstance(ping, bytes)
    assert json.loads(ping) == {"type": "ping", "seq": 9, "server_time": 42}
    assert session.tick(116.0, 43, 9) is None


def test_a_silent_session_is_closed() -> None:
    """Any frame is a sign of life; without one the session ends after 35 seconds."""
    session = ready()
    session.receive('{"type":"pong"}', 130.0)
    assert not isinstance(session.tick(165.0, 0, 0), Closing)
    closing = session.tick(165.1, 0, 0)
    assert isinstance(closing, Closing)
    assert closing.code is CloseCode.HEARTBEAT_LOST


# -- the rate --------------------------------------------------------------------------------------


def test_too_many_commands_are_refused_and_then_closed() -> None:
    """A burst is served, what is above it is told to wait, and a flood ends the session."""
    session = ready()
    actions = [session.receive(pay(), 100.0) for _ in range(41)]
    assert all(isinstance(action, Pay) for action in actions[:20])
    refused = answer(actions[20])
    assert (refused["code"], refused["retry"], refused["id"]) == ("too_fast", "same_id", ID)
    assert refused["retry_after_ms"] == 200
    assert all(isinstance(action, Reply) for action in actions[20:40])
    assert code(actions[40]) is CloseCode.TOO_FAST


def test_patience_brings_commands_back() -> None:
    """Ten a second go on for ever."""
    session = ready()
    for n in range(200):
        assert isinstance(session.receive(pay(), 100.0 + n / 10), Pay)


def test_acks_cost_a_tenth_and_faulty_commands_the_whole() -> None:
    """A hot shop's tablet may acknowledge often; guessing at fields is as slow as paying."""
    session = ready(seq=1000)
    for n in range(1, 401):
        assert not isinstance(session.receive(ack(n), 100.0), Closing)
    assert code(session.receive(ack(401), 100.0)) is CloseCode.TOO_FAST
    session = ready()
    for _ in range(20):
        assert answer(session.receive(pay(amount=0), 100.0))["code"] == "invalid"
    assert answer(session.receive(pay(amount=0), 100.0))["code"] == "too_fast"


# -- resume ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resume", "complete"),
    [
        (Resume(1, 100), True),
        (Resume(1, 90), True),
        (Resume(1, 89), False),  # More missed than is worth sending.
        (Resume(1, 101), False),  # A position that does not exist.
        (Resume(2, 100), False),  # Another epoch's.
        (Resume(0, 100), False),
        (None, False),
    ],
)
def test_a_resume_is_complete_or_a_resync(resume: Resume | None, complete: bool) -> None:
    """At position 100 of epoch 1, with at most ten events to send again."""
    assert resumes(resume, 1, 100, 10) is complete


# -- what it lets through --------------------------------------------------------------------------


def test_commands_come_out_as_they_were_meant() -> None:
    """Ids, codes and absent fields arrive unchanged."""
    ident = new_id()
    frame = json.dumps({"type": "charge", "id": str(ident), "code": "82010000000000000001"})
    expected = Charge(ident, "82010000000000000001")
    assert ready(Role.TERMINAL).receive(frame, 100.0) == expected
    asked = Status(UUID(ID), ident)
    assert ready().receive(encode(asked).decode(), 100.0) == asked


def test_close_codes_come_in_two_ranges() -> None:
    """Below 4100 a screen comes back by itself; from there on it does not."""
    back = {code for code in CloseCode if code.may_come_back}
    assert back == {
        CloseCode.DRAINING,
        CloseCode.INTERNAL_FAULT,
        CloseCode.SLOW_READER,
        CloseCode.HEARTBEAT_LOST,
        CloseCode.AUTH_TIMEOUT,
        CloseCode.TOO_MANY_SOCKETS,
    }
