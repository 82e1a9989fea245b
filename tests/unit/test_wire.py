"""Text frames as this gateway reads and writes them are those of the library it stands on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from gateway.wire import cut, head

BYTES_MAX = 4_096

WHOLE = st.builds(
    Frame,
    st.sampled_from([Opcode.TEXT, Opcode.PING, Opcode.PONG, Opcode.CLOSE]),
    st.binary(max_size=125) | st.binary(min_size=126, max_size=300),
).filter(lambda frame: frame.opcode is Opcode.TEXT or len(frame.data) <= 125)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 1_000_000])
def test_a_text_frame_is_written_as_the_library_writes_it(size: int) -> None:
    """At every length whose header has another form."""
    payload = b"x" * size
    assert head(size) + payload == Frame(Opcode.TEXT, payload).serialize(mask=False)


@given(st.lists(WHOLE, min_size=1, max_size=4), st.data())
def test_a_stream_is_cut_where_its_frames_end(frames: list[Frame], data: st.DataObject) -> None:
    """Wherever the network cuts it: what has come whole is found, the rest waits."""
    pieces = [frame.serialize(mask=True) for frame in frames]
    stream = b"".join(pieces)
    come = data.draw(st.integers(0, len(stream)))
    at, found = 0, []
    while frame := cut(stream[:come], at, BYTES_MAX):
        assert frame[0] == stream[at]
        found.append(stream[at : frame[2]])
        at = frame[2]
    assert found == pieces[: len(found)]
    assert come - at < len(pieces[len(found)]) if len(found) < len(pieces) else at == come


@pytest.mark.parametrize(
    "stream",
    [
        Frame(Opcode.TEXT, b"{}").serialize(mask=False),
        Frame(Opcode.TEXT, b"{", fin=False).serialize(mask=True),
        Frame(Opcode.CONT, b"}").serialize(mask=True),
        Frame(Opcode.BINARY, b"{}").serialize(mask=True),
        b"\xc1" + Frame(Opcode.TEXT, b"{}").serialize(mask=True)[1:],
        Frame(Opcode.TEXT, b"x" * (BYTES_MAX + 1)).serialize(mask=True)[:8],
        Frame(Opcode.TEXT, b"x" * 65_536).serialize(mask=True)[:14],
        Frame(Opcode.PING, b"").serialize(mask=False),
    ],
    ids=["bare", "part", "end", "binary", "reserved", "large", "huge", "bare ping"],
)
def test_what_is_out_of_the_ordinary_is_the_librarys(stream: bytes) -> None:
    """From there to the end of what has come; it knows what to do."""
    frame = cut(stream, 0, BYTES_MAX)
    assert frame is not None
    assert (frame[0], frame[2]) == (0, len(stream))
