"""First-come sales where the lane does not take them: the terms, and gateways that serve none.

The lane answers the sales' own addresses before a request comes here (`gateway.sales.lane`).
"""

from typing import NoReturn

from msgspec import Struct

from gateway.http.acts import acting
from gateway.http.call import Call
from gateway.http.queries import Number
from gateway.protocol.api_sales import SaleTerms
from gateway.refused import Refused
from ledger import sales


class SalePath(Struct, frozen=True):
    """The offer's number."""

    offer: Number


async def elsewhere(_call: Call) -> NoReturn:
    """This gateway serves no sales.

    Raises:
        Refused: ``sale_elsewhere``.
    """
    raise Refused("sale_elsewhere")


async def set_terms(call: Call) -> SaleTerms:
    """Says who may buy, until the sale opens."""
    offer, terms = call.path_as(SalePath).offer, call.body_as(SaleTerms)
    async with acting(call) as act:
        before = await sales.find_sale(act.connection, call.town.number, offer)
        if before is None:
            raise Refused(
                "not_found", "There is no first-come offer with this number.", field="offer"
            )
        number = call.town.number
        if not await sales.set_age_min(act.connection, number, offer, terms.age_min, call.now):
            raise Refused("sale_opened")
        await act.record(
            "sale.terms_changed",
            f"offer:{offer}",
            before={"age_min": before.age_min},
            after={"age_min": terms.age_min},
        )
    return terms
