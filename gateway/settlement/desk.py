"""What both commands do alike: they read who acts, which shop, which group, and say why not."""

from collections.abc import Awaitable, Callable

from gateway.office import Office, OfficeFault, done
from ledger import accounts, operators
from ledger.grants import By
from ledger.settlement.refusals import SettlementRefused

REASONS = {
    "settlement_unknown": "there is no such settlement; see: koban settlements list",
    "settlement_empty": "nothing of this period and these shops is left to be settled",
    "too_soon": "--until: the period has to have ended a minute ago",
    "same_operator": "--by: somebody else than who made it has to release it",
    "rate_past": "--from: a rate begins now or later; what is past keeps its own",
}


def told(error: SettlementRefused) -> OfficeFault:
    """The ledger's reason in words."""
    if error.code == "settlement_state":
        return OfficeFault(f"the settlement is {error.state}, so nothing was changed")
    return OfficeFault(REASONS[error.code])


def settled(name: str, code: str, act: Callable[[Office], Awaitable[str]]) -> int:
    """Does an act at a town's office, as `done`; what the ledger refuses is told in words."""

    async def acted(office: Office) -> str:
        try:
            return await act(office)
        except SettlementRefused as error:
            raise told(error) from error

    return done(name, code, acted)


async def acting(office: Office, name: str | None) -> By:
    """Who acts: the operator of this name, or whoever stands at the command line.

    Raises:
        OfficeFault: there is no such operator who may change things.
    """
    if name is None:
        return office.by
    found = await operators.operator_by_name(office.pool, office.town, name)
    if found is None or found.role != "operator":
        raise OfficeFault(f"--by: there is no operator {name!r} who may change things")
    return By(found.operator, found.name)


async def shop_number(office: Office, code: str) -> int:
    """The account of the shop with this code.

    Raises:
        OfficeFault: there is none.
    """
    found = await accounts.shop_by_code(office.pool, office.town, code)
    if found is None:
        raise OfficeFault(f"--shop: no shop's sticker has the code {code!r}")
    return found.account


def known_group(office: Office, code: str | None) -> str | None:
    """A group of shops of the profile's.

    Raises:
        OfficeFault: there is no such group.
    """
    known = [each.code for each in office.profile.groups]
    if code is not None and code not in known:
        raise OfficeFault(f"--group: found {code!r}; allowed is {', '.join(known) or 'none'}")
    return code
