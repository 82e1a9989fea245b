"""What the HTTP side is given by the process: made once, passed on as a value."""

import asyncio
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from config.profile import Profile
from config.settings import Settings
from gateway.acquirers.ids import IdMaker
from gateway.acquirers.keys import Keys
from gateway.auth import Auth
from gateway.counter import Answer
from gateway.http.answers import Answers
from gateway.http.challenge_board import ChallengeBoard
from gateway.http.figures_board import FiguresBoard
from gateway.http.gallery import Gallery
from gateway.http.headers import allowed_origins
from gateway.protocol.api import AlertLine, SessionLine
from gateway.providers.desk import Desk
from gateway.rates import (
    ACCOUNT,
    ACQUIRER,
    ANONYMOUS,
    CARD,
    DOOR,
    JOINING,
    ORDER,
    PICTURE,
    PROVIDER,
    RECIPIENT,
    Rates,
)
from gateway.reports.places import Places
from gateway.reports.writer import Writer
from ledger.database import Pool
from ledger.received import Received
from ledger.reports.snapshot import ReportRoom
from ledger.requests import Request
from ledger.vault import Vault

BUILT_SCREENS = Path(__file__).parents[2] / "terminal" / "web" / "dist"


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Live(Protocol):
    """What the websocket side knows at this moment, on this gateway."""

    def connected_terminals(self, town: int) -> AbstractSet[int]:
        """Terminals with an open socket here."""
        ...

    def session_lines(self, town: int) -> list[SessionLine]:
        """Every open socket of the town."""
        ...

    def alert_lines(self, town: int) -> list[AlertLine]:
        """What needs a person now, newest first."""
        ...

    def in_progress(self, town: int, payment: UUID) -> bool:
        """Whether a command with this id waits or is being decided here."""
        ...

    def submit(self, town: int, request: Request, done: Callable[[Answer], None]) -> None:
        """Brings a request to the town's counter; ``done`` gets its answer, later or at once."""
        ...


class Town:
    """One of the towns this process serves."""

    def __init__(self, profile: Profile) -> None:
        self.number = profile.town.number
        self.code = profile.town.code
        self.take(profile)

    def take(self, profile: Profile) -> None:
        """Goes by these rules from now on."""
        self.profile = profile
        self.zone = ZoneInfo(profile.town.time_zone)


class Limits:
    """The rates of one process."""

    def __init__(self) -> None:
        self.anonymous = Rates(ANONYMOUS)
        self.door = Rates(DOOR)
        self.account = Rates(ACCOUNT)
        self.acquirer = Rates(ACQUIRER)
        self.provider = Rates(PROVIDER)
        self.card = Rates(CARD)
        self.order = Rates(ORDER)
        self.joining = Rates(JOINING)
        self.picture = Rates(PICTURE)
        self.recipient = Rates(RECIPIENT)


class HttpContext:
    """``towns`` by code; ``desks``, for load orders, by number. ``push_key``: the VAPID public key,
    "" when Web Push is not set up.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        pool: Pool,
        profiles: Mapping[str, Profile] | None = None,
        auth: Auth,
        live: Live,
        desks: Mapping[int, Desk] | None = None,
        push_key: str = "",
        reports: ReportRoom | None = None,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        self.settings = settings
        self.pool = pool
        self.towns: dict[str, Town] = {}
        for profile in (profiles or {}).values():
            self.take(profile)
        self.auth = auth
        self.live = live
        self.desks = {} if desks is None else desks
        self.push_key = push_key
        self.reports = reports or ReportRoom.beside(pool)
        self.places = Places(self.reports)
        self.writer = Writer()
        # Settling a month takes long, and two would wait for each other in Postgres: whoever waits
        # does so here, without a connection that a payment may want.
        self.settling = asyncio.Lock()
        self.clock = clock
        self.limits = Limits()
        self.challenges = ChallengeBoard()
        self.public_answers = Answers()
        self.figures = FiguresBoard()
        self.gallery = Gallery()
        self.acquirer_keys = Keys(Vault.of(settings), pool)
        self.acquirer_ids = IdMaker(settings.secret)
        self.origins = allowed_origins(settings)
        self.gifts = Received("group", "gift")
        self.expired = Received("purpose", "expiry")
        self.secure_cookies = settings.public_url.startswith("https://")
        self.web_dir = Path(settings.web_dir) if settings.web_dir else BUILT_SCREENS

    def take(self, profile: Profile) -> None:
        """Opens the doors of a new town, or goes by a town's new rules from now on."""
        town = self.towns.get(profile.town.code)
        if town is None:
            self.towns[profile.town.code] = Town(profile)
        else:
            town.take(profile)
