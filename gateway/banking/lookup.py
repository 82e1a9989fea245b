"""``koban bank``: banks and branches, as they are today.

    check BANK BRANCH [--json]      the branch with these codes (4 and 3 digits), such as 0140 020
    name NAME [--json]              how a bank reads a name, such as 株式会社アオキ: ｶ)ｱｵｷ

Asks no database. Ends with 0, or with 1 and one sentence why not.
"""

import argparse
import sys
from collections.abc import Sequence

import msgspec

from gateway.banking import banks
from gateway.banking.banks import BranchUnknown
from gateway.banking.faults import BankingRefused
from gateway.banking.kana import party_name
from gateway.office import DONE, NOT_DONE, taught


def answer(options: argparse.Namespace) -> str:
    """What to print.

    Raises:
        BranchUnknown, BankingRefused: there is no such branch; the name cannot be read by a bank.
    """
    if options.act == "name":
        half = party_name(options.name)
        return msgspec.json.encode({"name": half}).decode() if options.json else half
    found = banks.branch(options.bank, options.branch)
    if options.json:
        return msgspec.json.encode(found).decode()
    return (
        f"{found.bank} {found.bank_name} ({found.bank_kana}), "
        f"{found.branch} {found.branch_name} ({found.branch_kana}); list of {banks.edition()}"
    )


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, read."""
    parser = taught("bank", __doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    check, name = acts.add_parser("check"), acts.add_parser("name")
    check.add_argument("bank")
    check.add_argument("branch")
    name.add_argument("name")
    for each in (check, name):
        each.add_argument("--json", action="store_true")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """The command; its exit status."""
    try:
        print(answer(arguments(words)))
    except (BranchUnknown, BankingRefused) as error:
        print(f"koban bank: {error}", file=sys.stderr)
        return NOT_DONE
    return DONE
