"""Why something about a settlement was not done."""

from ledger.errors import LedgerError


class SettlementRefused(LedgerError):
    """It was not done, and nothing has changed.

    ``code``: settlement_unknown, settlement_state (it is in the state ``state``),
    settlement_empty (no entry of the period is without a settlement), too_soon (the period ends
    less than `settlements.SETTLED_AFTER_S` ago), same_operator (who made it does not release it),
    line_state (a line of the shop ``shop`` is in the state ``state``, or there is none),
    shop_unknown, rate_past (a fee rate would begin before now).
    """

    def __init__(self, code: str, state: str = "", shop: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.state = state
        self.shop = shop
