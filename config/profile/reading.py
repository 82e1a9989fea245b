"""From a file to a profile: all that is wrong is said at once."""

import tomllib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from config.profile.checks import broken_rules
from config.profile.problems import wrong_keys
from config.profile.sections import Profile

_decode = msgspec.json.Decoder(Profile).decode


class ProfileError(Exception):
    """A profile is wrong; a line for each problem names the file, the key, found and allowed."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = tuple(lines)


def towns_folder() -> Path:
    """Where the profiles that come with Koban are."""
    return Path(__file__).parents[1] / "towns"


def read_profile(code: str) -> Profile:
    """The profile that comes with Koban for the town with this code."""
    return load_profile(towns_folder() / f"{code}.toml")


def load_profile(path: Path) -> Profile:
    """Reads and checks a town's file.

    Raises:
        ProfileError: the file is missing, is not TOML, or breaks rules; all of them are named,
            rules between keys only when every single key is right.
    """
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        beside = ", ".join(sorted(file.name for file in path.parent.glob("*.toml"))) or "none"
        raise ProfileError(
            [f"{path}: cannot be read ({error.strerror}); beside it are: {beside}"]
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileError([f"{path.name}: not TOML in UTF-8: {error}"]) from None
    if found := list(wrong_keys(tree, Profile)):
        raise ProfileError([f"{path.name}: {problem}" for problem in found])
    profile = msgspec.convert(tree, Profile)
    if found := list(broken_rules(profile)):
        raise ProfileError([f"{path.name}: {problem}" for problem in found])
    return profile


def stored_profile(source: str) -> Profile:
    """A profile as the ledger keeps it: what `load_profile` read, in JSON.

    Raises:
        ProfileError: it was stored by a version of Koban that had other keys.
    """
    try:
        return _decode(source)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise ProfileError([f"the stored profile has other keys ({error})"]) from None
