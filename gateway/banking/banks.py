"""Every bank and branch of Japan, by the list that the package ``zengin-code`` keeps up to date."""

from functools import cache
from importlib import import_module
from typing import Any

from msgspec import Struct

from gateway.banking.kana import bank_name


class Branch(Struct, frozen=True):
    """A branch. Names as people write them, readings in the kana that a bank file holds."""

    bank: str
    bank_name: str
    bank_kana: str
    branch: str
    branch_name: str
    branch_kana: str


class BranchUnknown(Exception):
    """There is no such bank, or no such branch of it; the message says which, and what to do."""


@cache
def branch(bank: str, code: str) -> Branch:
    """The branch with these codes (4 and 3 digits).

    Raises:
        BranchUnknown: no bank or branch has them.
    """
    banks = _banks()
    found = banks.get(bank)
    if found is None:
        raise BranchUnknown(
            f"there is no bank {bank!r} (list of {edition()}); look at the passbook again"
        )
    part = found.branches.get(code)
    if part is None:
        raise BranchUnknown(
            f"{found.name} ({bank}) has no branch {code!r} (list of {edition()}); branches are "
            "merged now and then: ask for the present one"
        )
    return Branch(bank, found.name, bank_name(found.kana), code, part.name, bank_name(part.kana))


def names(bank: str, code: str) -> tuple[str, str]:
    """What a bank and its branch are called; empty where the list has them no more. Branches are
    merged now and then, and the codes are still what somebody has said once.
    """
    try:
        found = branch(bank, code)
    except BranchUnknown:
        return "", ""
    return found.bank_name, found.branch_name


def edition() -> str:
    """The day of the list: ``2026-08-24``."""
    version: str = import_module("zengin_code").__version__.rpartition(".")[2]
    return f"{version[:4]}-{version[4:6]}-{version[6:8]}"


@cache
def _banks() -> Any:  # noqa: ANN401 - the package has no types.
    """All banks. Loaded when first asked for: the list takes 20 MB, and few processes need it."""
    return import_module("zengin_code").Bank.all
