"""Rows of the table of routes: what the law on prepaid value (資金決済法) asks for."""

from gateway.http import law
from gateway.http.call import Endpoint
from gateway.http.queries import DatePath
from gateway.http.tables import MEDIA
from gateway.protocol import api_law as api
from gateway.protocol.messages import Role

CONSOLE = (Role.CONSOLE,)

LAW: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/law/display",
        summary="What the law wants everybody to be shown: issuer, limits, periods, complaints.",
        handler=law.shown,
        answer=api.LawDisplay,
    ),
    Endpoint(
        method="GET",
        path="/console/law/reference-dates/{date}",
        summary="The half-year that ends with a 基準日: figures by kind of value, and the deposit.",
        handler=law.reference_date,
        roles=CONSOLE,
        path_parts=DatePath,
        answer=api.ReferenceDate,
        errors=("busy",),
    ),
    Endpoint(
        method="GET",
        path="/console/law/reference-dates/{date}/file",
        summary="The same as CSV.",
        handler=law.reference_date_file,
        roles=CONSOLE,
        path_parts=DatePath,
        query=law.FileQuery,
        answer=None,
        media=MEDIA,
        errors=("busy",),
    ),
    Endpoint(
        method="POST",
        path="/console/law/reference-dates/{date}/report",
        summary="Note that the figures of a 基準日 are reported; they are kept word for word.",
        handler=law.report,
        roles=CONSOLE,
        operator=True,
        path_parts=DatePath,
        answer=api.ReferenceDate,
        errors=("busy",),
    ),
    Endpoint(
        method="GET",
        path="/console/law/refunds/{instrument}/file",
        summary="Who is owed how much of a kind of value at a programme's end, as CSV.",
        handler=law.refunds_file,
        roles=CONSOLE,
        operator=True,
        path_parts=law.InstrumentPath,
        query=law.RefundsQuery,
        answer=None,
        media=MEDIA,
        errors=("busy", "too_many_lines"),
    ),
    Endpoint(
        method="GET",
        path="/console/law/refunds/{instrument}/notice",
        summary="The public notice of a refund procedure, and its days.",
        handler=law.refund_notice,
        roles=CONSOLE,
        path_parts=law.InstrumentPath,
        query=law.NoticeQuery,
        answer=api.RefundNotice,
    ),
)
