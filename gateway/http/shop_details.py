"""What a shop applies with, and its bank account: as they are sent, checked, and told again."""

from config.profile import Profile
from gateway.banking import banks, kana
from gateway.banking.faults import BankingRefused
from gateway.http.bodies import check_texts
from gateway.http.listings import listing_info, told
from gateway.protocol.api_joining import ShopApplicant, ShopBankAccount, ShopDetails
from gateway.refused import Refused
from ledger.settlement.bank_accounts import NewBankAccount
from ledger.shops.applicants import Contact
from ledger.shops.applications import Details


def checked_details(profile: Profile, sent: ShopDetails) -> Details:
    """What a shop applies with.

    Raises:
        Refused: ``invalid``, with what is wrong and where.
    """
    check_texts(sent)
    for field in ("name", "kind", "area"):
        if not getattr(sent, field).strip():
            raise Refused("invalid", f"The field shop.{field} is empty.", field=f"shop.{field}")
    if not sent.listing.address.strip():
        raise Refused(
            "invalid",
            "The field shop.listing.address is empty; say where the shop is.",
            field="shop.listing.address",
        )
    codes = [kind.code for kind in profile.instruments]
    for code in sent.accepts:
        if code not in codes:
            raise Refused(
                "invalid",
                f"shop.accepts: found {code!r}; allowed is {', '.join(codes)}.",
                field="shop.accepts",
            )
    accepts = list(dict.fromkeys(sent.accepts))
    return Details(
        sent.name.strip(), sent.kind.strip(), sent.area.strip(), told(sent.listing), accepts
    )


def details_info(details: Details) -> ShopDetails:
    """What a shop applied with, as it is told."""
    return ShopDetails(
        details.name,
        details.kind,
        details.area,
        listing_info(details.listing),
        details.accepts,
    )


def checked_contact(sent: ShopApplicant, phone: str) -> Contact:
    """Who applies.

    Raises:
        Refused: ``invalid``, with what is wrong and where.
    """
    check_texts(sent)
    account = sent.bank_account
    return Contact(
        person=sent.person.strip(),
        phone=phone,
        email=sent.email,
        bank_account=checked_account(account, "applicant.bank_account") if account else None,
    )


def checked_account(sent: ShopBankAccount, field: str) -> NewBankAccount:
    """A bank account, of a bank and a branch that there are, of a holder whom banks can read.

    Raises:
        Refused: ``invalid``, with what is wrong and where.
    """
    check_texts(sent)
    try:
        banks.branch(sent.bank_code, sent.branch_code)
    except banks.BranchUnknown as error:
        raise Refused("invalid", f"{field}: {error}.", field=field) from error
    try:
        kana.party_name(sent.holder)
    except BankingRefused as error:
        raise Refused("invalid", f"{field}.holder: {error}.", field=f"{field}.holder") from error
    return NewBankAccount(
        sent.bank_code, sent.branch_code, sent.account_type, sent.number, sent.holder
    )
