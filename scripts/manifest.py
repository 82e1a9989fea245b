"""Checks a backup against its manifest, where PostgreSQL's ``pg_verifybackup`` is not to be had.

The wheel's does not start, and a machine that restores may have programs of another version. The
manifest (PostgreSQL's documentation, chapter "Backup Manifest Format") names each file with its
size and SHA-256, and ends with the SHA-256 of itself. Needs nothing but Python's standard library,
because ``scripts/backup`` calls it as it is.
"""

# An older Python must be able to read this file, as `environment.py` says.
from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

NAME = "backup_manifest"
CHUNK_BYTES = 2**20
# Not in the manifest: itself, and the log of changes, which is checked by replaying it.
APART = ("pg_wal",)


def problems(folder: Path) -> Iterator[str]:
    """What is damaged, missing or too much in a backup; nothing: it is whole."""
    try:
        text = (folder / NAME).read_bytes()
        manifest = json.loads(text)
        wanted = {one["Path"]: one for one in manifest["Files"]}
        end = manifest["Manifest-Checksum"]
    except (OSError, ValueError, KeyError, TypeError):
        yield f"{NAME} cannot be read"
        return
    # Its own digest covers everything up to the line in which it stands.
    if hashlib.sha256(text[: text.rindex(b'"Manifest-Checksum"')]).hexdigest() != end:
        yield f"{NAME} is not as it was written"
    for path, one in wanted.items():
        yield from _wrong(folder / path, path, one)
    for found in folder.rglob("*"):
        path = found.relative_to(folder).as_posix()
        if found.is_file() and path not in wanted and not path.startswith((NAME, *APART)):
            yield f"{path} is not in the manifest"


def _wrong(file: Path, path: str, wanted: dict[str, str | int]) -> Iterator[str]:
    try:
        size = file.stat().st_size
    except OSError:
        yield f"{path} is missing"
        return
    if size != wanted["Size"]:
        yield f"{path} has {size} bytes; it had {wanted['Size']}"
    elif wanted.get("Checksum-Algorithm") != "SHA256":
        yield f"{path} has no SHA-256 in the manifest"
    elif _sha256(file) != wanted["Checksum"]:
        yield f"{path} is not what was backed up"


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while chunk := opened.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def main() -> int:
    """Returns 0 when the backup is whole, 1 when it is not, 2 when none is named."""
    if len(sys.argv) != 2:
        print("usage: manifest.py BACKUP", file=sys.stderr)
        return 2
    found = list(problems(Path(sys.argv[1])))
    for problem in found[:20]:
        print(f"koban: {problem}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
