"""Text frames as this gateway writes them are those of the library it stands on."""

import pytest
from websockets.frames import Frame, Opcode

from gateway.wire import head


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 1_000_000])
def test_a_text_frame_is_written_as_the_library_writes_it(size: int) -> None:
    """At every length whose header has another form."""
    payload = b"x" * size
    assert head(size) + payload == Frame(Opcode.TEXT, payload).serialize(mask=False)
