"""Rows of the table of routes: first-come sales.

All but the terms are answered by `gateway.sales.lane`, in its own process or before this table; the
rows here publish them, and refuse where this gateway has no lane.
"""

from gateway.http import sales
from gateway.http.call import Endpoint
from gateway.protocol import api_sales
from gateway.protocol.messages import Role

ELSEWHERE = ("sale_elsewhere", "busy")

SALES: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/sales",
        summary="First-come sales: to come, open, and over since a week at most.",
        handler=sales.elsewhere,
        answer=api_sales.Sales,
        errors=ELSEWHERE,
    ),
    Endpoint(
        method="GET",
        path="/sales/{offer}",
        summary="One sale: how many places are sold, and the commitment to the order of the early.",
        handler=sales.elsewhere,
        path_parts=sales.SalePath,
        answer=api_sales.SaleInfo,
        errors=ELSEWHERE,
    ),
    Endpoint(
        method="POST",
        path="/sales/{offer}/join",
        summary="Take a place in the queue; again with the ticket: the same place, whatever was.",
        handler=sales.elsewhere,
        roles=(Role.WALLET,),
        path_parts=sales.SalePath,
        body=api_sales.JoinSale,
        answer=api_sales.SalePlace,
        errors=ELSEWHERE,
    ),
    Endpoint(
        method="GET",
        path="/sales/{offer}/place",
        summary="Where this wallet stands, and when to ask again.",
        handler=sales.elsewhere,
        roles=(Role.WALLET,),
        path_parts=sales.SalePath,
        query=api_sales.PlaceQuery,
        answer=api_sales.SalePlace,
        errors=(*ELSEWHERE, "not_waiting"),
    ),
    Endpoint(
        method="PUT",
        path="/console/sales/{offer}/terms",
        summary="Say who may buy in a first-come sale; a coupon's round then goes by the queue.",
        handler=sales.set_terms,
        roles=(Role.CONSOLE,),
        operator=True,
        path_parts=sales.SalePath,
        body=api_sales.SaleTerms,
        answer=api_sales.SaleTerms,
        errors=("sale_opened",),
    ),
)
