"""Which sound an event makes at each end: the profile decides, the screens own the sounds."""

from collections.abc import Mapping

from config.profile import SoundPair

SILENT = ""


def sound_of(sounds: Mapping[str, SoundPair], kind: str, role: str) -> str:
    """The sound's name for an event of ``kind`` at ``role`` (wallet, terminal, console).

    A console is silent, and so is a kind that the town gave no sound: a screen never makes up one.
    """
    pair = sounds.get(kind)
    if pair is None:
        return SILENT
    if role == "wallet":
        return pair.wallet
    if role == "terminal":
        return pair.terminal
    return SILENT
