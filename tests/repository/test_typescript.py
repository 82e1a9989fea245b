"""The screens' generated types follow the protocol."""

from pathlib import Path

import pytest
from msgspec import Raw, Struct
from msgspec.structs import fields

from gateway.protocol import api, messages
from gateway.protocol.payloads import PAYLOADS
from scripts import typescript


def test_the_committed_types_are_fresh() -> None:
    """A change of the structs is followed by scripts/types."""
    assert typescript.TARGET.read_text(encoding="utf-8") == typescript.render()


def test_a_stale_file_fails_the_check(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """``scripts/types --check`` fails on another text and leaves it alone."""
    stale = tmp_path / "protocol.ts"
    stale.write_text("// old\n", encoding="utf-8")
    monkeypatch.setattr(typescript, "TARGET", stale)
    assert typescript.main(["--check"]) == 1
    assert stale.read_text(encoding="utf-8") == "// old\n"
    assert typescript.main([]) == 0
    assert typescript.main(["--check"]) == 0


def test_every_raw_field_says_what_it_carries() -> None:
    """No payload is ``unknown`` to a screen or undocumented in the API."""
    undocumented = [
        f"{struct.__name__}.{field.name}"
        for module in (messages, api)
        for struct in vars(module).values()
        if isinstance(struct, type) and issubclass(struct, Struct) and struct is not Struct
        for field in fields(struct)
        if (field.type is Raw or Raw in getattr(field.type, "__args__", ()))
        and field.name not in PAYLOADS.get(struct, {})
    ]
    assert undocumented == []
