"""The types of single values in a profile: each says what may stand there."""

from typing import Annotated

from msgspec import Meta

Yen = Annotated[int, Meta(ge=0, le=10_000_000)]
SomeYen = Annotated[int, Meta(ge=1, le=10_000_000)]
Seconds = Annotated[int, Meta(ge=1, le=86_400)]
Code = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
Words = dict[str, str]  # The same words by language; ja is always there.
