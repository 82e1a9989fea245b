"""What everybody may know: the town and its shops; and the websocket ticket of who is signed in."""

from config.profile import Profile
from gateway.http.call import Call
from gateway.http.queries import CodePath
from gateway.protocol import api
from gateway.protocol.messages import Role
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger import accounts
from ledger.accounts import Shop


def shop_info(shop: Shop) -> api.ShopInfo:
    """A shop as the API tells it."""
    return api.ShopInfo(shop.account, shop.code, shop.name, shop.kind, shop.area)


async def town(call: Call) -> api.TownInfo:
    """The town's own words and the limits a screen has to know."""
    profile, settings = call.town.profile, call.context.settings
    till = next((way for way in profile.ways if way.kind == "shop"), None)
    return api.TownInfo(
        code=profile.town.code,
        name=profile.town.name,
        currency=profile.town.currency,
        issuer=profile.town.issuer,
        contact=profile.town.contact,
        colour=profile.town.colour,
        languages=profile.town.languages,
        instruments=[
            api.InstrumentInfo(
                kind.code, kind.name, kind.unit, kind.kind, kind.unit_yen, kind.shops
            )
            for kind in profile.instruments
        ],
        groups={group.code: group.name for group in profile.groups},
        roles={str(rank): words for rank, words in profile.roles.items()},
        send_max=profile.sending.act_max if profile.sending else 0,
        payment_max=profile.limits.payment_max,
        top_up_max=till.max if till else 0,
        top_up_step=till.step if till else 1,
        issuing=_issuing(profile),
        purposes={purpose.code: purpose.name for purpose in profile.purposes},
        clerk_reversal_max=profile.reversals.clerk_max,
        code_ttl_s=profile.payments.code_ttl_s,
        question_ttl_s=profile.payments.question_ttl_s,
        success_stays_s=profile.payments.success_stays_s,
        identity=profile.people.identity,
        card_issuers=profile.cards.issuers if profile.cards else [],
        push_key=call.context.push_key,
        demo=settings.demo,
    )


def _issuing(profile: Profile) -> api.IssuingInfo | None:
    if (issuing := profile.issuing) is None:
        return None
    return api.IssuingInfo(
        issuing.instrument, issuing.per_yen, issuing.points, issuing.purchase_max
    )


async def shops(call: Call) -> api.Shops:
    """All shops."""
    found = await accounts.shops(call.context.pool, call.town.number)
    return api.Shops([shop_info(shop) for shop in found])


async def shop(call: Call) -> api.ShopInfo:
    """The shop whose sticker was scanned."""
    code = call.path_as(CodePath).code
    found = await accounts.shop_by_code(call.context.pool, call.town.number, code)
    if found is None:
        raise Refused("not_found", "No shop's sticker has this code; scan it again.", field="code")
    return shop_info(found)


async def ticket(call: Call) -> api.Ticket:
    """A websocket ticket for the role that the body names."""
    role = call.body_as(api.TicketRequest).role
    if role is Role.STAFF:
        raise Refused("invalid", "The shop site has no websocket.", field="role")
    session = await call.authenticate(role)
    text, expires_at = await call.context.auth.sessions.issue_ticket(session, call.now)
    return api.Ticket(text, milliseconds(expires_at))
