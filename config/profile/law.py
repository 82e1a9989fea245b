"""What the law asks a town's issuer to say, and by what its value and its fees are told apart."""

from typing import Annotated

from msgspec import Meta, Struct, field

from config.profile.amounts import Code

Text = Annotated[str, Meta(min_length=1, max_length=1_000)]


class LawSection(Struct, frozen=True, forbid_unknown_fields=True):
    """資金決済法: the display of article 13 (前払府令 22 to 23-2), in Japanese, and two facts that
    its figures go by.

    ``municipal``: a municipality issues the value itself, which makes it exempt (art. 4 (3)).
    ``paid_by``: the funders whose value was paid for; everybody else's was given free. The display:
    ``address`` and ``complaints``, where and how complaints are taken; ``where`` the value can be
    used; how its holder sees the ``balance``; the ``terms``; the ``cautions``; ``deposit``, how
    what is unspent is secured; ``compensation``, what is made good after use by somebody else.
    Issuer, limits and periods stand in the profile's other tables.
    """

    address: Text
    complaints: Text
    where: Text
    balance: Text
    terms: Text
    cautions: Text
    deposit: Text
    compensation: Text
    municipal: bool = False
    paid_by: Annotated[list[Code], Meta(min_length=1)] = field(default_factory=lambda: ["user"])


class InvoiceSection(Struct, frozen=True, forbid_unknown_fields=True):
    """適格請求書 for the fees on shops' statements (消費税法 57-4): the issuer's registration
    number, and the rate of the tax that the fees include, in basis points.
    """

    number: Annotated[str, Meta(pattern=r"^T[1-9][0-9]{12}$")]
    tax_basis_points: Annotated[int, Meta(ge=0, le=10_000)] = 1_000
