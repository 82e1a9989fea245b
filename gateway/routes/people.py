"""Rows of the table of routes: one account a person, being forgotten, and IC cards."""

from gateway.http import cards, persons
from gateway.http.call import Endpoint
from gateway.http.queries import CardPath, ReviewPath, ReviewsQuery, WalletPath
from gateway.protocol import api, api_cards, api_people
from gateway.protocol.messages import Role

WALLET = (Role.WALLET,)
TERMINAL = (Role.TERMINAL,)
CONSOLE = (Role.CONSOLE,)

PEOPLE: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/console/reviews",
        summary="Pairs of wallets that may be one person's.",
        handler=persons.list_reviews,
        roles=CONSOLE,
        operator=True,
        query=ReviewsQuery,
        answer=api_people.Reviews,
    ),
    Endpoint(
        method="POST",
        path="/console/reviews/{review}/decide",
        summary="The same person: the newer wallet is frozen. Two persons: both go on.",
        handler=persons.decide_review,
        roles=CONSOLE,
        operator=True,
        path_parts=ReviewPath,
        body=api_people.Decide,
        answer=api_people.Review,
    ),
    Endpoint(
        method="POST",
        path="/console/wallets/{wallet}/erase",
        summary="Forget a wallet's holder; the wallet and its money stay as they are.",
        handler=persons.erase,
        roles=CONSOLE,
        operator=True,
        path_parts=WalletPath,
        body=api_people.Erase,
        answer=api_people.Erased,
    ),
)

CARDS: tuple[Endpoint, ...] = (
    # -- in a wallet -------------------------------------------------------------------------------
    Endpoint(
        method="GET",
        path="/wallet/cards",
        summary="The wallet's IC cards.",
        handler=cards.own,
        roles=WALLET,
        answer=api_cards.Cards,
    ),
    Endpoint(
        method="POST",
        path="/wallet/cards",
        summary="Make a card that was tapped at a tablet one more key to this wallet.",
        handler=cards.join,
        roles=WALLET,
        body=api_cards.ClaimCard,
        answer=api_cards.Cards,
        errors=cards.JOIN_ERRORS,
    ),
    Endpoint(
        method="POST",
        path="/wallet/cards/{card}/lost",
        summary="A card of this wallet is lost: it opens nothing from now on.",
        handler=cards.lose_own,
        roles=WALLET,
        path_parts=CardPath,
        answer=api_cards.Card,
    ),
    # -- at a tablet -------------------------------------------------------------------------------
    Endpoint(
        method="POST",
        path="/terminal/cards",
        summary="Open an anonymous wallet for a card that was tapped.",
        handler=cards.open_at_till,
        roles=TERMINAL,
        body=api_cards.NewCard,
        answer=api_cards.Card,
        errors=("ic_card_known",),
    ),
    Endpoint(
        method="POST",
        path="/terminal/cards/read",
        summary="The one-time code that a tap stands for; it then goes the way of any code.",
        handler=cards.read,
        roles=TERMINAL,
        body=api_cards.ReadCard,
        answer=api_cards.CardRead,
        errors=cards.TAP_ERRORS,
    ),
    Endpoint(
        method="POST",
        path="/terminal/cards/tap-again",
        summary="A second tap says that the same payment again is meant.",
        handler=cards.tap_again,
        roles=TERMINAL,
        body=api_cards.TapAgain,
        answer=api.StatusBody,
        errors=cards.TAP_AGAIN_ERRORS,
    ),
    Endpoint(
        method="POST",
        path="/terminal/cards/claim",
        summary="A QR that makes the tapped card belong to whoever scans it.",
        handler=cards.claim,
        roles=TERMINAL,
        body=api_cards.FindCard,
        answer=api_cards.CardClaim,
        errors=cards.CLAIM_ERRORS,
    ),
    # -- at the console ----------------------------------------------------------------------------
    Endpoint(
        method="GET",
        path="/console/wallets/{wallet}/cards",
        summary="The IC cards of a wallet, by its number as receipts have it.",
        handler=cards.of_wallet,
        roles=CONSOLE,
        path_parts=WalletPath,
        answer=api_cards.Cards,
    ),
    Endpoint(
        method="POST",
        path="/console/cards",
        summary="Open an anonymous wallet for a card, to be handed out.",
        handler=cards.open_card,
        roles=CONSOLE,
        operator=True,
        body=api_cards.NewCard,
        answer=api_cards.Card,
        errors=("ic_card_known",),
    ),
    Endpoint(
        method="POST",
        path="/console/cards/find",
        summary="What is known of a card that lies on the reader.",
        handler=cards.find,
        roles=CONSOLE,
        body=api_cards.FindCard,
        answer=api_cards.Card,
        errors=("ic_card_unknown",),
    ),
    Endpoint(
        method="POST",
        path="/console/cards/{card}/lost",
        summary="A card is lost: it opens nothing from now on.",
        handler=cards.lose,
        roles=CONSOLE,
        operator=True,
        path_parts=CardPath,
        answer=api_cards.Card,
    ),
    Endpoint(
        method="POST",
        path="/console/cards/{card}/reissue",
        summary="A new card in the place of a lost or broken one; what was on it stays.",
        handler=cards.reissue,
        roles=CONSOLE,
        operator=True,
        path_parts=CardPath,
        body=api_cards.NewCard,
        answer=api_cards.Card,
        errors=cards.REISSUE_ERRORS,
    ),
)
