"""IC cards: tapped at a tablet, claimed by a wallet, and looked after at the console."""

from datetime import datetime, timedelta

import structlog
from msgspec import Raw

from config.profile import CardsSection
from gateway.http.acts import acting
from gateway.http.call import Call
from gateway.http.pictures import qr_svg
from gateway.http.queries import CardPath, WalletPath
from gateway.protocol import api_cards as api
from gateway.protocol.api import StatusBody
from gateway.protocol.messages import State
from gateway.refused import Refused
from gateway.signin import milliseconds
from gateway.tickets import new_token
from ledger import cards
from ledger.cards import Card, CardLimits, CardRefused

# Long enough to take the phone out and to register with it; the card lies on the counter meanwhile.
CLAIM_TTL_S = 900

TAP_ERRORS = ("ic_card_unknown", "ic_card_blocked", "ic_card_over_limit")
TAP_AGAIN_ERRORS = (*TAP_ERRORS, "question_unknown")
CLAIM_ERRORS = ("ic_card_unknown", "ic_card_blocked", "ic_card_taken")
JOIN_ERRORS = ("claim_over", "ic_card_blocked", "ic_card_taken", "ic_card_has_value")
REISSUE_ERRORS = ("ic_card_known", "ic_card_blocked")

log = structlog.get_logger(__name__)


# -- at a tablet -----------------------------------------------------------------------------------


async def open_at_till(call: Call) -> api.Card:
    """Opens an anonymous wallet for a card that was tapped."""
    body, section = call.body_as(api.NewCard), _section(call)
    idm, issuer = _idm(body.idm), _issuer(section, body.issuer)
    try:
        opened = await cards.open_card(
            call.context.pool, call.context.auth.vault, call.town.number, idm, issuer, call.now
        )
    except CardRefused as refused:
        raise _refusal(refused) from refused
    log.info("card.opened", town=call.town.code, card=opened.card, shop=call.session.account)
    return _told(opened)


async def read(call: Call) -> api.CardRead:
    """The one-time code that a tap stands for."""
    body, section = call.body_as(api.ReadCard), _section(call)
    receives = body.purpose is api.TapPurpose.RECEIVE
    if (body.amount is None) is not receives:
        needed = "none, to receive points" if receives else f"how many yen, to {body.purpose}"
        raise Refused("invalid", f"The field amount: {needed}.", field="amount")
    try:
        card, issued = await cards.tap(
            call.context.pool,
            call.context.auth.vault,
            call.town.number,
            _idm(body.idm),
            body.purpose.value,
            body.amount,
            _limits(call, section),
            call.now,
            call.town.profile.payments.code_prefix,
        )
    except CardRefused as refused:
        raise _refusal(refused) from refused
    return api.CardRead(
        code=issued.code,
        purpose=body.purpose,
        amount=body.amount,
        expires_at=milliseconds(issued.expires_at),
        tail=card.tail,
        registered=card.registered,
    )


async def tap_again(call: Call) -> StatusBody:
    """The second tap that answers a duplicate question; the shop's receipt, done or refused."""
    body, section = call.body_as(api.TapAgain), _section(call)
    try:
        receipt = await cards.tap_again(
            call.context.pool,
            call.context.auth.vault,
            call.town.number,
            _idm(body.idm),
            call.session.account,
            body.id,
            body.refused,
            _limits(call, section),
            call.now,
        )
    except CardRefused as refused:
        field = "refused" if refused.code == "question_unknown" else "idm"
        raise _refusal(refused, field) from refused
    return StatusBody(body.id, State.PROCESSED, Raw(receipt.encode()))


async def claim(call: Call) -> api.CardClaim:
    """A QR that makes the tapped card whose it is that scans it."""
    idm, context = _idm(call.body_as(api.FindCard).idm), call.context
    _section(call)
    token, expires_at = new_token(), call.now + timedelta(seconds=CLAIM_TTL_S)
    try:
        card = await cards.add_claim(
            context.pool, context.auth.vault, call.town.number, idm, token, expires_at
        )
    except CardRefused as refused:
        raise _refusal(refused) from refused
    # In the fragment, which browsers send to no server: it reaches no log on its way.
    qr = f"{context.settings.public_url}/{call.town.code}/wallet#card={token}"
    return api.CardClaim(qr, qr_svg(qr), card.tail, milliseconds(expires_at))


# -- in a wallet -----------------------------------------------------------------------------------


async def own(call: Call) -> api.Cards:
    """The wallet's cards."""
    found = await cards.cards_of_wallet(call.context.pool, call.town.number, call.session.account)
    return api.Cards([_told(card) for card in found])


async def join(call: Call) -> api.Cards:
    """Makes a claimed card one more key to this wallet."""
    token = call.body_as(api.ClaimCard).claim
    _section(call)
    try:
        found = await cards.join_wallet(
            call.context.pool, call.town.number, token, call.session.account, call.now
        )
    except CardRefused as refused:
        raise _refusal(refused, "claim") from refused
    log.info("card.joined", town=call.town.code, wallet=call.session.account)
    return api.Cards([_told(card) for card in found])


async def lose_own(call: Call) -> api.Card:
    """The holder has lost a card: it opens nothing from now on."""
    pool, town, number = call.context.pool, call.town.number, call.path_as(CardPath).card
    known = await cards.card(pool, town, number)
    if known is None or known.wallet != call.session.account:
        raise Refused("not_found", "There is no card with this number.", field="card")
    lost = await cards.lose(pool, town, number, call.now)
    log.info("card.lost", town=call.town.code, card=number, by="wallet")
    return _told(lost)


# -- at the console --------------------------------------------------------------------------------


async def open_card(call: Call) -> api.Card:
    """Opens an anonymous wallet for a card, to be handed out."""
    body, section = call.body_as(api.NewCard), _section(call)
    idm, issuer = _idm(body.idm), _issuer(section, body.issuer)
    vault = call.context.auth.vault
    try:
        async with acting(call) as act:
            opened = await cards.open_card(
                act.connection, vault, call.town.number, idm, issuer, call.now
            )
            await act.record("card.opened", _subject(opened), after=_facts(opened))
    except CardRefused as refused:
        raise _refusal(refused) from refused
    return _told(opened)


async def find(call: Call) -> api.Card:
    """What is known of a card that lies here."""
    idm, vault = _idm(call.body_as(api.FindCard).idm), call.context.auth.vault
    found = await cards.card_by_idm(call.context.pool, vault, call.town.number, idm)
    if found is None:
        raise Refused("ic_card_unknown", field="idm")
    return _told(found)


async def of_wallet(call: Call) -> api.Cards:
    """A wallet's cards, found by the wallet's number as receipts have it."""
    wallet = call.path_as(WalletPath).wallet
    found = await cards.cards_of_wallet(call.context.pool, call.town.number, wallet)
    return api.Cards([_told(card) for card in found])


async def lose(call: Call) -> api.Card:
    """Somebody has lost a card: it opens nothing from now on."""
    town, number = call.town.number, call.path_as(CardPath).card
    async with acting(call) as act:
        before = await cards.card(act.connection, town, number)
        if before is None:
            raise Refused("not_found", "There is no card with this number.", field="card")
        if before.state != "open":
            return _told(before)
        lost = await cards.lose(act.connection, town, number, call.now)
        await act.record("card.lost", _subject(lost), before=_facts(before), after=_facts(lost))
    return _told(lost)


async def reissue(call: Call) -> api.Card:
    """A new card in the place of one that is lost or broken; what was on it stays."""
    body, section, town = call.body_as(api.NewCard), _section(call), call.town.number
    idm, issuer = _idm(body.idm), _issuer(section, body.issuer)
    number, vault = call.path_as(CardPath).card, call.context.auth.vault
    try:
        async with acting(call) as act:
            before = await cards.card(act.connection, town, number)
            if before is None:
                raise Refused("not_found", "There is no card with this number.", field="card")
            new = await cards.reissue(act.connection, vault, town, number, idm, issuer, call.now)
            await act.record(
                "card.reissued", _subject(before), before=_facts(before), after=_facts(new)
            )
    except CardRefused as refused:
        raise _refusal(refused) from refused
    return _told(new)


# -- their common parts ----------------------------------------------------------------------------


def _section(call: Call) -> CardsSection:
    section = call.town.profile.cards
    if section is None:
        raise Refused("not_found", "This town has no cards.")
    return section


def _limits(call: Call, section: CardsSection) -> CardLimits:
    """What an unregistered card pays; its day is the town's."""
    began = call.now.astimezone(call.town.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return CardLimits(section.act_max, section.day_max, began)


def _idm(text: str) -> str:
    try:
        return cards.normal_idm(text)
    except ValueError as error:
        raise Refused("invalid", f"The field idm: {error}.", field="idm") from None


def _issuer(section: CardsSection, named: str | None) -> str:
    if named is not None and named not in section.issuers:
        known = ", ".join(section.issuers)
        raise Refused("invalid", f"The field issuer: this town takes {known}.", field="issuer")
    return named or section.issuers[0]


def _refusal(refused: CardRefused, field: str = "idm") -> Refused:
    if refused.limit is None:
        return Refused(refused.code, field=field)
    message = (
        f"A card that nobody has registered pays at most {refused.limit} yen so; register it, or "
        "pay otherwise."
    )
    return Refused(refused.code, message, field="amount")


def _subject(card: Card) -> str:
    return f"card:{card.card}"


def _facts(card: Card) -> dict[str, object]:
    return {"card": card.card, "wallet": card.wallet, "issuer": card.issuer, "state": card.state}


def _told(card: Card) -> api.Card:
    return api.Card(
        card=card.card,
        wallet=card.wallet,
        issuer=card.issuer,
        tail=card.tail,
        state=card.state,
        registered=card.registered,
        opened_at=milliseconds(card.opened_at),
        closed_at=_milliseconds(card.closed_at),
    )


def _milliseconds(at: datetime | None) -> int | None:
    return None if at is None else milliseconds(at)
