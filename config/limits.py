"""The gateway's bounds: every queue, wait and rate has one, with its unit and its reason.

They are values, not constants, so that a test can make a minute pass in a moment. The defaults are
what production runs with.
"""

from msgspec import Struct


class SessionLimits(Struct, frozen=True):
    """What one websocket may do, and how long it may take."""

    frame_bytes_max: int = 4_096  # The longest command is below 1 KiB.
    commands_per_s: int = 20  # A person makes one in seconds; a program that resends, a few.
    burst_s: int = 3  # So many seconds' worth of commands may come at once (after a reconnect).
    acks_per_command: int = 10  # Acks and pongs cost this much less than a command.
    commands_in_flight_max: int = 16  # Of the kind that waits for something (a PIN, a code).
    auth_s: float = 10.0
    ping_interval_s: float = 15.0
    silence_max_s: float = 35.0  # Two pings without a sign of life, and some patience.
    resume_events_max: int = 1_000  # More missed than this: loading afresh is quicker.
    queue_frames_max: int = 2_000  # Room for a resume and for two batches of one hot shop.
    queue_bytes_max: int = 1_048_576
    send_s: float = 8.0  # A frame that cannot be handed to the network for so long: slow reader.
    linger_s: float = 5.0  # How long a close frame may take to leave.


class SocketLimits(Struct, frozen=True):
    """How many websockets may be open, by who holds them."""

    sessions_max: int = 20_000  # At about 30 KiB each.
    per_wallet: int = 4  # The oldest makes room: a phone, a computer, and their reloads.
    per_terminal: int = 2  # The oldest makes room: a tablet and its own reload.
    per_shop: int = 200  # The newcomer is asked to come back.
    consoles_per_town: int = 100


class CounterLimits(Struct, frozen=True):
    """How requests are gathered into batches."""

    batch_max: int = 300  # Above, a batch takes longer without being cheaper per payment.
    gather_s: float = 0.003  # In a rush who came first waits for the others; alone, for nobody.
    batches_in_flight: int = 2  # One is decided in Postgres while the other is prepared here.
    beside_min: int = 100  # Fewer do not leave beside another batch: Postgres would let them wait.
    queue_max: int = 5_000  # About a second's work; more would only wait longer.
    decide_s: float = 10.0  # A batch takes milliseconds; past this Postgres is in trouble.
    lock_ttl_ms: int = 3_000  # Longer than any healthy batch; a killed gateway's locks fade.
    lock_wait_s: float = 3.0  # Then a request goes on without its lock: Postgres decides anyway.
    lock_retry_s: float = 0.01
    bisections_max: int = 32  # Splits of one failed batch: enough for several bad requests in it.


class SaleLimits(Struct, frozen=True):
    """How a first-come sale is kept from being felt elsewhere (`gateway.sales`)."""

    slice: int = 100  # Places sold in one transaction, which takes some milliseconds.
    pause_s: float = 0.25  # Between slices: 400 places a second, and nine tenths of it nothing.
    polls_per_s: int = 50  # Of those who wait, on one process; each costs less than a millisecond.
    ask_again_min_s: float = 2.0
    early_s: float = 900.0  # The waiting room opens a quarter of an hour before the sale.
    held_max_s: float = 60.0  # So long at most a sale waits for those whose queue was lost.
    look_s: float = 0.5  # Between two looks at what Postgres says.
    # Who asks first waits for others: a person does not notice, and one look-up, one script, is for
    # a dozen of them.
    gather_s: float = 0.04
    gather_max: int = 200
    asking_max: int = 2_000  # Requests at once; a second's work, more would only wait longer.
    session_kept_s: float = 10.0


class Limits(Struct, frozen=True):
    """All of them."""

    session: SessionLimits = SessionLimits()
    sockets: SocketLimits = SocketLimits()
    counter: CounterLimits = CounterLimits()
    sales: SaleLimits = SaleLimits()
    drain_notice_s: float = 1.0  # From the notice to the close; screens prepare to come back.
    drain_s: float = 10.0  # What is in flight must have its answer by then.
    come_back_ms: int = 4_000  # A drained screen comes back after 0–4 s, evenly spread.
