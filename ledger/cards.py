"""IC cards as keys to wallets (H4): anonymous, registered, lost, replaced, and other issuers'.

A card is known by its FeliCa IDm, 8 bytes that any reader gets without a key. What that means, and
what is done about it:

- **An IDm can be copied**, onto a blank card or into a reader that lies. So it stands in the place
  of a wallet's one-time code and nothing more: a tap gets a code, and the code goes the usual way
  with all its guards. A card never signs anybody in, and shows nobody a name.
- **What can be lost is bounded.** A wallet with cards and without a person pays at most so much at
  once and so much in a day, by the town's profile. A tap's code voids those of earlier taps of the
  wallet, so no two taps spend one limit twice. A registered card's holder sees each payment
  on the phone, and blocks the card there. What is not bounded is registering: whoever taps a copy
  at a shop's tablet, before a clerk, and scans the claim there gets all that the card's wallet has,
  as the finder of the card itself would. Who keeps much on a card should register it.
- **An IDm is not ours alone.** A railway's card is the same card at every gate, so its issuer's
  name is kept and nothing else about it; the chip's memory is neither read nor written.
- **An IDm of one moment is none.** Phones that play a card make theirs up (02FE…, host card
  emulation), and devices in peer mode draw a new one each time (01FE…): neither is taken.

Assumed: a tablet that is enrolled reports the IDm it read. A shop that makes one up charges a card
it has never seen; that is bounded in the same way, and stands in its books.

An IDm is kept as what it is, a key: encrypted, and found by a keyed digest (`ledger.vault`).
"""

import re
import unicodedata
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from ledger import accounts, codes, reading
from ledger.authorise import decide
from ledger.codes import IssuedCode
from ledger.database import (
    Connection,
    Executor,
    Pool,
    fetch_row,
    fetch_rows,
    load_queries,
    transaction,
)
from ledger.errors import LedgerError
from ledger.identity import digest
from ledger.ids import uuid7
from ledger.outcomes import Outcome
from ledger.requests import Kind, Request, code_digest
from ledger.vault import Vault

SQL = load_queries("cards")

# Points are given to a code made for paying. That of a card tapped to receive pays no more than
# this, so that nobody charges a card that was held out to be given something.
RECEIVING_YEN = 1


class CardRefused(LedgerError):
    """A card does not do what was asked of it.

    ``code``: ic_card_unknown, ic_card_known (it has a wallet), ic_card_blocked (lost or replaced),
    ic_card_over_limit (with the ``limit`` in yen), ic_card_taken (it is somebody's), claim_over,
    ic_card_has_value (it cannot be joined to a wallet before it is spent), question_unknown.
    """

    def __init__(self, code: str, limit: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.limit = limit


class Card(Struct, frozen=True):
    """A card. ``state``: open, lost, replaced. ``registered``: its wallet is a person's."""

    card: int
    wallet: int
    issuer: str
    tail: str
    state: str
    opened_at: datetime
    closed_at: datetime | None
    registered: bool


class CardLimits(Struct, frozen=True):
    """What a card pays that nobody registered, in yen: at once, and since the day's beginning."""

    act_max: int
    day_max: int
    day_began: datetime


def normal_idm(text: str) -> str:
    """An IDm as it is compared: 16 hexadecimal digits in capitals.

    Accepts full-width digits, and spaces, colons and hyphens between them.

    Raises:
        ValueError: this is none, or not one that lasts.
    """
    idm = re.sub(r"[\s:-]", "", unicodedata.normalize("NFKC", text)).upper()
    if not re.fullmatch(r"[0-9A-F]{16}", idm):
        raise ValueError("a card's IDm has 16 hexadecimal digits")
    if idm.startswith(("01FE", "02FE")):
        raise ValueError("this is no card but a device that plays one; its number does not last")
    if len(set(idm)) == 1:
        raise ValueError("the reader gave no card's number")
    return idm


def card_owner(card: int) -> str:
    """Whose number it is, as the vault wants to know."""
    return f"card:{card}"


# -- looking ---------------------------------------------------------------------------------------


async def card_by_idm(pool: Executor, vault: Vault, town: int, idm: str) -> Card | None:
    """The card with this (normal) IDm."""
    row = await fetch_row(pool, SQL["card_by_idm"], town, vault.digests(town, "idm", idm))
    return Card(*row) if row else None


async def card(pool: Executor, town: int, number: int) -> Card | None:
    """The card with this number."""
    row = await fetch_row(pool, SQL["card"], town, number)
    return Card(*row) if row else None


async def cards_of_wallet(pool: Executor, town: int, wallet: int) -> list[Card]:
    """The cards that a wallet has or had, newest first."""
    return [Card(*row) for row in await fetch_rows(pool, SQL["cards_of_wallet"], town, wallet)]


# -- opening, losing, replacing --------------------------------------------------------------------


async def open_card(
    pool: Executor, vault: Vault, town: int, idm: str, issuer: str, now: datetime
) -> Card:
    """Opens an anonymous wallet for a card that was never seen here.

    Raises:
        CardRefused: ic_card_known.
    """
    async with transaction(pool) as connection:
        await _ensure_new(connection, vault, town, idm)
        wallet = await accounts.open_wallet(connection, town, now)
        return await _add(connection, vault, town, idm, issuer, wallet, now)


async def lose(pool: Executor, town: int, number: int, now: datetime) -> Card:
    """A card opens nothing from now on, and the code of its last tap neither. Doing it again does
    nothing more.

    Raises:
        CardRefused: ic_card_unknown.
    """
    async with transaction(pool) as connection:
        lost = await _held(connection, town, number)
        await connection.execute(SQL["close_card"], town, number, now)
        await connection.execute(SQL["void_codes"], town, lost.wallet, now)
        return await _known(connection, town, number)


async def reissue(
    pool: Executor, vault: Vault, town: int, number: int, idm: str, issuer: str, now: datetime
) -> Card:
    """A new card in an old one's place: the same wallet, so the balance is there at once.

    Raises:
        CardRefused: ic_card_unknown, ic_card_blocked (it was replaced already), ic_card_known (the
            new one is in use).
    """
    async with transaction(pool) as connection:
        old = await _held(connection, town, number)
        if old.state == "replaced":
            raise CardRefused("ic_card_blocked")
        await _ensure_new(connection, vault, town, idm)
        await connection.execute(SQL["void_codes"], town, old.wallet, now)
        new = await _add(connection, vault, town, idm, issuer, old.wallet, now)
        await connection.execute(SQL["replace_card"], town, number, new.card, now)
        return new


async def _ensure_new(connection: Connection, vault: Vault, town: int, idm: str) -> None:
    await connection.execute(SQL["lock_cards"], town)
    if await connection.fetchval(SQL["idm_known"], town, vault.digests(town, "idm", idm)):
        raise CardRefused("ic_card_known")


async def _add(
    connection: Connection,
    vault: Vault,
    town: int,
    idm: str,
    issuer: str,
    wallet: int,
    now: datetime,
) -> Card:
    number = await connection.fetchval(SQL["next_card"])
    await connection.execute(
        SQL["add_card"],
        town,
        number,
        vault.key_id,
        vault.digest(town, "idm", idm),
        vault.encrypt(idm, town, card_owner(number), "idm"),
        idm[-4:],
        issuer,
        wallet,
        now,
    )
    return await _known(connection, town, number)


async def _known(connection: Connection, town: int, number: int) -> Card:
    found = await card(connection, town, number)
    if found is None:
        raise CardRefused("ic_card_unknown")
    return found


async def _held(connection: Connection, town: int, number: int, *beside: int) -> Card:
    """A card and its wallet, of which nobody else changes anything until the transaction ends;
    nor of the wallets ``beside`` it.
    """
    await connection.execute(SQL["hold_card"], town, number)
    found = await _known(connection, town, number)
    await connection.execute(SQL["lock_wallets"], town, [found.wallet, *beside])
    return found


async def _held_open(connection: Connection, town: int, number: int, *beside: int) -> Card:
    """The same of a card that still opens its wallet."""
    found = await _held(connection, town, number, *beside)
    if found.state != "open":
        raise CardRefused("ic_card_blocked")
    return found


async def _tapped(connection: Connection, vault: Vault, town: int, idm: str) -> Card:
    """The open card that a reader has read."""
    found = await card_by_idm(connection, vault, town, idm)
    if found is None:
        raise CardRefused("ic_card_unknown")
    return await _held_open(connection, town, found.card)


# -- a tap at a till -------------------------------------------------------------------------------


async def tap(
    pool: Pool,
    vault: Vault,
    town: int,
    idm: str,
    purpose: str,
    amount: int | None,
    limits: CardLimits,
    now: datetime,
    prefix: str,
) -> tuple[Card, IssuedCode]:
    """The one-time code that a card's tap stands for, over ``amount`` yen; to receive points, over
    none.

    Raises:
        CardRefused: ic_card_unknown, ic_card_blocked, ic_card_over_limit.
    """
    async with transaction(pool) as connection:
        found = await _tapped(connection, vault, town, idm)
        if not found.registered:
            # Both under the wallet's lock: what was paid is known, and no other code is about.
            await connection.execute(SQL["void_codes"], town, found.wallet, now)
            if purpose == "pay" and amount is not None:
                await _ensure_within(connection, town, found.wallet, amount, limits)
        if amount is None:
            purpose, amount = "pay", RECEIVING_YEN
        issued = await codes.issue_code(
            connection, town, found.wallet, purpose, amount, now, prefix
        )
        await connection.execute(SQL["keep_code"], town, found.card, code_digest(issued.code))
        return found, issued


async def tap_again(
    pool: Pool,
    vault: Vault,
    town: int,
    idm: str,
    shop: int,
    confirm: UUID,
    refused: UUID,
    limits: CardLimits,
    now: datetime,
) -> str:
    """A second tap is the answer to "the same again?", for who has no screen to say it on.

    ``confirm`` is the payment's id, ``refused`` that of the charge at this shop that was refused as
    a duplicate. Returns the shop's receipt, done or not.

    Raises:
        CardRefused: ic_card_unknown, ic_card_blocked, ic_card_over_limit, question_unknown (none of
            this shop's and this card's).
    """
    async with transaction(pool) as connection:
        found = await _tapped(connection, vault, town, idm)
        question = await reading.status(connection, town, shop, refused)
        asked = msgspec.json.decode(question, type=_Question) if question else None
        if asked is None or asked.wallet != found.wallet:
            raise CardRefused("question_unknown")
        if not found.registered and await reading.status(connection, town, shop, confirm) is None:
            await _ensure_within(connection, town, found.wallet, asked.amount, limits)
        request = Request(confirm, Kind.CONFIRM, wallet=found.wallet, refers=refused)
        await decide(connection, town, [request], now)
        receipt = await reading.status(connection, town, shop, confirm)
        if receipt is None:  # Refused in a way that the shop is no party to.
            raise CardRefused("question_unknown")
        return receipt


class _Question(Struct, frozen=True):
    """What a duplicate's receipt says of the payment that was asked for."""

    wallet: int
    amount: int


async def _ensure_within(
    connection: Connection, town: int, wallet: int, amount: int, limits: CardLimits
) -> None:
    if amount > limits.act_max:
        raise CardRefused("ic_card_over_limit", limits.act_max)
    paid = await connection.fetchval(SQL["paid_since"], town, wallet, limits.day_began)
    if paid + amount > limits.day_max:
        raise CardRefused("ic_card_over_limit", limits.day_max)


# -- becoming somebody's ---------------------------------------------------------------------------


async def add_claim(
    pool: Executor, vault: Vault, town: int, idm: str, token: str, expires_at: datetime
) -> Card:
    """Keeps a claim: whoever brings its token makes the card theirs. Older claims of it are void.

    Raises:
        CardRefused: ic_card_unknown, ic_card_blocked, ic_card_taken.
    """
    async with transaction(pool) as connection:
        found = await _tapped(connection, vault, town, idm)
        if found.registered:
            raise CardRefused("ic_card_taken")
        await connection.execute(SQL["void_claims"], town, found.card)
        await connection.execute(SQL["add_claim"], town, digest(token), found.card, expires_at)
        return found


async def use_claim(
    connection: Connection, town: int, token: str, now: datetime, *beside: int
) -> Card:
    """The card that a claim is for, once, within the caller's transaction; nobody holds its wallet.

    Its wallet is locked until the end, with those ``beside`` it.

    Raises:
        CardRefused: claim_over, ic_card_blocked, ic_card_taken.
    """
    number = await connection.fetchval(SQL["use_claim"], town, digest(token), now)
    if number is None:
        raise CardRefused("claim_over")
    claimed = await _held_open(connection, town, number, *beside)
    if claimed.registered:
        raise CardRefused("ic_card_taken")
    await connection.execute(SQL["void_codes"], town, claimed.wallet, now)
    return claimed


async def join_wallet(
    pool: Executor, town: int, token: str, wallet: int, now: datetime
) -> list[Card]:
    """Gives a claimed card, with all others of its wallet, to a wallet that has a holder.

    What is in the card's own wallet is sent along, by the town's rules of sending; that wallet is
    then left behind, empty. Returns the holder's cards.

    Raises:
        CardRefused: claim_over, ic_card_blocked, ic_card_taken, ic_card_has_value (the rules of
            sending do not let all of it go); the claim was not used up.
    """
    async with transaction(pool) as connection:
        claimed = await use_claim(connection, town, token, now, wallet)
        held = await reading.balance(connection, town, claimed.wallet, now)
        if held is not None and held.total > 0:
            send = Request(
                uuid7(), Kind.SEND, wallet=claimed.wallet, shop=wallet, amount=held.total
            )
            (sent,) = (await decide(connection, town, [send], now)).decisions
            if sent.outcome is not Outcome.DONE:
                raise CardRefused("ic_card_has_value")
        await connection.execute(SQL["move_cards"], town, claimed.wallet, wallet)
        return await cards_of_wallet(connection, town, wallet)


async def sweep(pool: Executor, now: datetime) -> None:
    """Deletes claims that can be used no more."""
    await fetch_row(pool, SQL["sweep_claims"], now)
