"""Encryption at rest: what was changed, moved or belongs to another key cannot be read."""

import pytest

from config.settings import Settings
from ledger.vault import NONCE_BYTES, Unreadable, Vault

OLD, NEW = b"an old secret of 32 characters or", b"a new secret of 32 characters, too"
PLACE = (1, "wallet:1001", "phone")
PHONE = "09012345678"


def test_what_was_encrypted_is_read_again() -> None:
    """Any text, also an empty one."""
    vault = Vault({0: OLD})
    for text in (PHONE, "", "髙橋 花子", "𠮷" * 60):
        assert vault.decrypt(0, vault.encrypt(text, *PLACE), *PLACE) == text


def test_the_same_text_never_looks_the_same() -> None:
    """A nonce of its own each time, and nothing of the text to see."""
    vault = Vault({0: OLD})
    kept = {vault.encrypt(PHONE, *PLACE) for _ in range(100)}
    assert len({text[:NONCE_BYTES] for text in kept}) == 100
    assert not any(PHONE.encode() in text for text in kept)


def test_a_changed_bit_is_noticed() -> None:
    """Wherever it is: nonce, text or tag."""
    vault = Vault({0: OLD})
    kept = vault.encrypt(PHONE, *PLACE)
    for place in range(len(kept)):
        changed = kept[:place] + bytes([kept[place] ^ 1]) + kept[place + 1 :]
        with pytest.raises(Unreadable):
            vault.decrypt(0, changed, *PLACE)


@pytest.mark.parametrize("kept", [b"", b"short", b"\0" * NONCE_BYTES, b"\0" * 27])
def test_what_is_too_short_is_unreadable(kept: bytes) -> None:
    """And no fault of the library's."""
    with pytest.raises(Unreadable):
        Vault({0: OLD}).decrypt(0, kept, *PLACE)


@pytest.mark.parametrize(
    "elsewhere",
    [(2, "wallet:1001", "phone"), (1, "wallet:1002", "phone"), (1, "wallet:1001", "name")],
)
def test_a_text_is_read_only_where_it_belongs(elsewhere: tuple[int, str, str]) -> None:
    """Not in another town, row or column."""
    vault = Vault({0: OLD})
    kept = vault.encrypt(PHONE, *PLACE)
    with pytest.raises(Unreadable):
        vault.decrypt(0, kept, *elsewhere)


def test_the_first_key_encrypts_and_all_decrypt() -> None:
    """While the key is being changed, old and new texts are read, and found by their digests."""
    before, during, after = Vault({0: OLD}), Vault({1: NEW, 0: OLD}), Vault({1: NEW})
    old, new = before.encrypt(PHONE, *PLACE), during.encrypt(PHONE, *PLACE)
    assert during.key_id == 1
    assert during.decrypt(0, old, *PLACE) == during.decrypt(1, new, *PLACE) == PHONE
    assert after.decrypt(1, new, *PLACE) == PHONE
    with pytest.raises(Unreadable, match="key 0"):
        after.decrypt(0, old, *PLACE)
    with pytest.raises(Unreadable):
        during.decrypt(1, old, *PLACE)
    found = during.digests(1, "phone", PHONE)
    assert found == [after.digest(1, "phone", PHONE), before.digest(1, "phone", PHONE)]


def test_a_digest_tells_nothing_without_its_key() -> None:
    """And is another one in another town or field."""
    vault, other = Vault({0: OLD}), Vault({0: NEW})
    digests = {
        vault.digest(1, "phone", PHONE),
        vault.digest(2, "phone", PHONE),
        vault.digest(1, "name", PHONE),
        other.digest(1, "phone", PHONE),
    }
    assert len(digests) == 4
    assert vault.digest(1, "phone", PHONE) in digests


def test_a_vault_needs_a_key() -> None:
    """Nothing is ever kept as it is for want of one."""
    with pytest.raises(ValueError, match="key"):
        Vault({})


def test_the_settings_say_which_keys() -> None:
    """Without a key of its own, personal data is under the process's secret; with one, it stays
    readable.
    """
    plain = Settings(postgres_dsn="", redis_url="", secret=OLD)
    keyed = Settings(postgres_dsn="", redis_url="", secret=OLD, personal_keys=((1, NEW),))
    kept = Vault.of(plain).encrypt(PHONE, *PLACE)
    assert Vault.of(keyed).decrypt(0, kept, *PLACE) == PHONE
    assert (Vault.of(plain).key_id, Vault.of(keyed).key_id) == (0, 1)
