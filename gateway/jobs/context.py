"""What a job is given by the process that runs it."""

from collections.abc import Callable, Mapping
from datetime import datetime

from msgspec import Struct

from config.profile import Profile
from config.settings import Settings
from ledger.database import Pool
from ledger.vault import Vault
from notifier.push import PushSender
from notifier.sms import SmsSender


class JobContext(Struct, frozen=True):
    """``profiles``: the rules in force, by the town's number; they change under way as rules do.

    ``sms`` and ``push`` are None where the settings name no way to send.
    """

    settings: Settings
    pool: Pool
    profiles: Mapping[int, Profile]
    clock: Callable[[], datetime]
    vault: Vault
    sms: SmsSender | None = None
    push: PushSender | None = None
