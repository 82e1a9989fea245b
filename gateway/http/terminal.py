"""What a shop's tablet reads: itself, and the shop's day. Its history is told as a wallet's is."""

from gateway.http.call import Call
from gateway.http.queries import DayQuery
from gateway.http.town import shop_info
from gateway.protocol import api
from gateway.refused import Refused
from ledger import accounts, reading, terminals


async def terminal(call: Call) -> api.TerminalInfo:
    """This tablet and its shop."""
    pool, town, session = call.context.pool, call.town.number, call.session
    assert session.terminal is not None
    known = await accounts.terminal(pool, town, session.terminal)
    shop = await accounts.shop(pool, town, session.account)
    if known is None or shop is None:
        raise Refused("not_found", "This terminal is not in the ledger; ask the town's office.")
    preset = await terminals.preset(pool, town, session.terminal, call.now)
    return api.TerminalInfo(
        terminal=known.terminal,
        label=known.label,
        shop=shop_info(shop),
        preset=None
        if preset is None
        else api.PresetInfo(preset.activity, preset.name, preset.amount, preset.open),
    )


async def day(call: Call) -> api.Day:
    """The shop's sums of one day of the town."""
    date = call.query_as(DayQuery).date or call.now.astimezone(call.town.zone).date()
    sums = await reading.shop_day(call.context.pool, call.town.number, call.session.account, date)
    return api.Day(
        date=date.isoformat(),
        payments=sums.payments,
        payments_amount=sums.payments_amount,
        top_ups=sums.top_ups,
        top_ups_amount=sums.top_ups_amount,
        issues=sums.issues,
        issues_amount=sums.issues_amount,
        issues_purchases=sums.issues_purchases,
        reversals=sums.reversals,
        reversals_amount=sums.reversals_amount,
        unshown=sums.unshown,
        net=sums.net,
    )
