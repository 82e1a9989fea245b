"""Rows of the table of routes: shops' statements, as PDF and CSV."""

from gateway.http import statements
from gateway.http.call import Endpoint
from gateway.http.queries import ShopPath
from gateway.http.tables import MEDIA
from gateway.protocol import api_statements as api
from gateway.protocol.messages import Role

STAFF = (Role.STAFF,)
CONSOLE = (Role.CONSOLE,)

STATEMENTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/staff/shops/{shop}/statements",
        summary="A shop's statements, for its manager and those above, newest first.",
        handler=statements.own,
        roles=STAFF,
        path_parts=ShopPath,
        query=statements.StatementsQuery,
        answer=api.StatementLines,
        errors=("not_allowed",),
    ),
    Endpoint(
        method="GET",
        path="/staff/shops/{shop}/statements/{settlement}/pdf",
        summary="A statement's pages, A4.",
        handler=statements.own_pdf,
        roles=STAFF,
        path_parts=statements.StatementPath,
        answer=None,
        media=statements.PDF,
        errors=("not_allowed",),
    ),
    Endpoint(
        method="GET",
        path="/staff/shops/{shop}/statements/{settlement}/csv",
        summary="A statement for spreadsheets.",
        handler=statements.own_csv,
        roles=STAFF,
        path_parts=statements.StatementPath,
        query=statements.FileQuery,
        answer=None,
        media=MEDIA,
        errors=("not_allowed",),
    ),
    Endpoint(
        method="GET",
        path="/console/shops/{shop}/statements",
        summary="A shop's statements, newest first.",
        handler=statements.of_shop,
        roles=CONSOLE,
        path_parts=ShopPath,
        query=statements.StatementsQuery,
        answer=api.StatementLines,
    ),
    Endpoint(
        method="GET",
        path="/console/shops/{shop}/statements/{settlement}/pdf",
        summary="A statement's pages, A4; also before its settlement is released, and marked so.",
        handler=statements.pdf_of_shop,
        roles=CONSOLE,
        path_parts=statements.StatementPath,
        answer=None,
        media=statements.PDF,
    ),
    Endpoint(
        method="GET",
        path="/console/shops/{shop}/statements/{settlement}/csv",
        summary="A statement for spreadsheets.",
        handler=statements.csv_of_shop,
        roles=CONSOLE,
        path_parts=statements.StatementPath,
        query=statements.FileQuery,
        answer=None,
        media=MEDIA,
    ),
)
