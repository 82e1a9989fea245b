"""A process's settings: each wrong one is one clear sentence that names it."""

import pytest

from config.settings import SettingsError, load

GOOD = {
    "KOBAN_SECRET": "s" * 32,
    "KOBAN_POSTGRES_DSN": "postgresql://koban@db/koban",
    "KOBAN_REDIS_URL": "redis://cache:6379/0",
}


def test_three_settings_are_enough() -> None:
    """Everything else has a default, and the default is this machine alone."""
    settings = load(GOOD)
    assert settings.host == "127.0.0.1"
    assert settings.public_url == "http://127.0.0.1:8000"
    assert not settings.demo


@pytest.mark.parametrize("missing", sorted(GOOD))
def test_what_is_missing_is_named(missing: str) -> None:
    """Secret, Postgres and Redis have to be given."""
    with pytest.raises(SettingsError, match=missing):
        load({name: text for name, text in GOOD.items() if name != missing})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("KOBAN_SECRET", "s" * 31),
        ("KOBAN_PORT", "0"),
        ("KOBAN_PORT", "65536"),
        ("KOBAN_PORT", "http"),
        ("KOBAN_DEMO", "perhaps"),
        ("KOBAN_PERSONAL_KEY", "s" * 32),
        ("KOBAN_PERSONAL_KEY", "1:" + "s" * 31),
        ("KOBAN_PERSONAL_KEY", "one:" + "s" * 32),
        ("KOBAN_PERSONAL_KEY", "32768:" + "s" * 32),
        ("KOBAN_PERSONAL_KEY", f"1:{'s' * 32},1:{'t' * 32}"),
    ],
)
def test_what_makes_no_sense_is_named(name: str, text: str) -> None:
    """The sentence says which setting it is."""
    with pytest.raises(SettingsError, match=name):
        load({**GOOD, name: text})


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "koban.example"])
def test_the_demo_stays_on_this_machine(host: str) -> None:
    """It signs anybody in, so it listens on loopback only."""
    with pytest.raises(SettingsError, match="KOBAN_DEMO"):
        load({**GOOD, "KOBAN_DEMO": "1", "KOBAN_HOST": host})
    assert load({**GOOD, "KOBAN_HOST": host}).host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.9.10"])
def test_the_demo_runs_on_this_machine(host: str) -> None:
    """All names of this machine will do."""
    assert load({**GOOD, "KOBAN_DEMO": "1", "KOBAN_HOST": host}).demo


def test_push_needs_somebody_to_turn_to() -> None:
    """A push service refuses a sender without an address, so it is asked for at the start."""
    with pytest.raises(SettingsError, match="KOBAN_VAPID_SUBJECT"):
        load({**GOOD, "KOBAN_VAPID_PRIVATE_KEY": "PEM"})
    subject = {"KOBAN_VAPID_PRIVATE_KEY": "PEM", "KOBAN_VAPID_SUBJECT": "mailto:a@city.example"}
    assert load({**GOOD, **subject}).vapid_subject == "mailto:a@city.example"


def test_keys_for_personal_data_are_read_in_their_order() -> None:
    """The first one encrypts; none at all is right too."""
    text = f"2:{'n' * 32}, 1:{'o' * 32}"
    keys = load({**GOOD, "KOBAN_PERSONAL_KEY": text}).personal_keys
    assert keys == ((2, b"n" * 32), (1, b"o" * 32))
    assert load(GOOD).personal_keys == ()


def test_a_wrong_key_is_not_repeated() -> None:
    """What was set may be a secret, so the sentence does not quote it."""
    with pytest.raises(SettingsError) as fault:
        load({**GOOD, "KOBAN_PERSONAL_KEY": "hunter2-" * 5})
    assert "hunter2" not in str(fault.value)
