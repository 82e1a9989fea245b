"""The bank's side of a collection: its answer to a request, made of the request's own bytes."""

from collections.abc import Mapping

END = b"\r\n"


def answered(request: bytes, failed: Mapping[int, str]) -> bytes:
    """The result file: every line is collected but those of these shops, which fail for a code."""
    header, *lines, trailer, end = request.removesuffix(END).split(END)
    codes = [failed.get(int(line[91:111]), "0").encode() for line in lines]
    amounts = [int(line[80:90]) for line in lines]
    collected = [amount for amount, code in zip(amounts, codes, strict=True) if code == b"0"]
    sums = b"%06d%012d%06d%012d" % (
        *(len(collected), sum(collected)),
        *(len(lines) - len(collected), sum(amounts) - sum(collected)),
    )
    told = [line[:111] + code + line[112:] for line, code in zip(lines, codes, strict=True)]
    return END.join([header, *told, trailer[:19] + sums + trailer[55:], end]) + END
