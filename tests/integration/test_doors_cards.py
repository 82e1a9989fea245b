"""IC cards at the doors: tapped, claimed, lost, replaced; and what a copied one can do at most."""

import asyncio
import json
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import replace

from config.profile import CardsSection
from ledger import audit
from ledger.accounts import Shop
from ledger.authorise import Decision, decide
from ledger.ids import uuid7
from ledger.reading import balance
from ledger.requests import Kind, Request
from tests.support.doors import PASSWORD, PIN, Doors, Visitor
from tests.support.ledger import problems

API = "/api/nagaoka"
IDM, OTHER, THIRD = "0112233445566778", "0112AABBCCDDEEFF", "0139000000000001"
ACT_MAX, DAY_MAX = 3_000, 5_000


class Till:
    """A shop's tablet with a card reader, in a town that has cards."""

    def __init__(self, doors: Doors, operator: Visitor, shop: Shop, tablet: Visitor) -> None:
        self.doors = doors
        self.operator = operator
        self.shop = shop
        self.tablet = tablet

    async def opens(self, idm: str = IDM) -> dict[str, Any]:
        """A tap of a card that was never seen here."""
        answer = await self.tablet.post(f"{API}/terminal/cards", json={"idm": idm})
        assert answer.status_code == 200, answer.text
        opened: dict[str, Any] = answer.json()
        return opened

    async def taps(self, purpose: str, amount: int, idm: str = IDM) -> dict[str, Any]:
        """A tap, and what the tablet is answered: a code, or why not."""
        body = {"idm": idm, "purpose": purpose, "amount": amount}
        answer = await self.tablet.post(f"{API}/terminal/cards/read", json=body)
        read: dict[str, Any] = answer.json()
        return read

    async def takes(self, read: dict[str, Any]) -> str:
        """What comes of the code: the outcome."""
        kind = Kind.CHARGE if read["purpose"] == "pay" else Kind.TOP_UP
        request = Request(
            uuid7(), kind, shop=self.shop.account, code=read["code"], amount=read["amount"]
        )
        return (await self.decides(request)).outcome.value

    async def decides(self, request: Request) -> Decision:
        """Asks the ledger."""
        doors = self.doors
        return (await decide(doors.pool, doors.town, [request], doors.clock.now)).decisions[0]

    async def tops_up(self, amount: int, idm: str = IDM) -> None:
        """Cash on the card."""
        assert await self.takes(await self.taps("top_up", amount, idm)) == "done"

    async def pays(self, amount: int, idm: str = IDM) -> str:
        """The outcome, or the code of the refusal at the tap."""
        read = await self.taps("pay", amount, idm)
        return str(read["code"]) if "message" in read else await self.takes(read)

    async def claim(self, idm: str = IDM) -> str:
        """What the QR carries that the tablet shows after a tap."""
        answer = await self.tablet.post(f"{API}/terminal/cards/claim", json={"idm": idm})
        assert answer.status_code == 200, answer.text
        address, _, token = str(answer.json()["qr"]).partition("#card=")
        assert address.endswith("/nagaoka/wallet")
        return token

    async def holds(self, wallet: int) -> int:
        """What can be spent from a wallet."""
        found = await balance(self.doors.pool, self.doors.town, wallet, self.doors.clock.now)
        assert found is not None
        return found.total


@pytest.fixture
async def till(doors: Doors) -> Till:
    """The first shop's first tablet."""
    profile = doors.context.towns["nagaoka"].profile
    section = CardsSection(issuers=["town", "transit"], act_max=ACT_MAX, day_max=DAY_MAX)
    doors.context.take(replace(profile, cards=section))
    operator, shop = await doors.operator(), await doors.shop()
    return Till(doors, operator, shop, await doors.tablet(operator, shop))


async def test_an_anonymous_card_is_topped_up_and_pays(till: Till) -> None:
    """Without a phone: the tap's code goes the way of any code."""
    opened = await till.opens()
    assert opened["registered"] is False
    assert (opened["issuer"], opened["tail"], opened["state"]) == ("town", "6778", "open")
    await till.tops_up(5_000)
    assert await till.pays(1_200) == "done"
    read = await till.taps("pay", 300)
    assert read["registered"] is False
    assert await till.takes(read) == "done"
    assert await till.takes(read) == "code_used", "a tap is good for one payment"
    assert await till.pays(3_000) == "done"
    assert await problems(till.doors.pool) == []


async def test_what_a_copied_card_pays_is_bounded(till: Till) -> None:
    """At once and in a day of the town, however the taps are made; a registered one is not."""
    wallet = (await till.opens())["wallet"]
    await till.tops_up(50_000)
    assert await till.pays(ACT_MAX + 1) == "ic_card_over_limit"
    assert await till.pays(ACT_MAX) == "done"
    assert await till.pays(DAY_MAX - ACT_MAX + 1) == "ic_card_over_limit"
    # Ten taps at once are one code: the newest voids the others.
    reads = await asyncio.gather(*(till.taps("pay", 2_000) for _ in range(10)))
    outcomes = sorted([await till.takes(read) for read in reads])
    assert outcomes == [*["code_expired"] * 9, "done"]
    assert await till.pays(1) == "ic_card_over_limit"
    await till.tops_up(1_000)
    till.doors.clock.advance(minutes=12 * 60)  # Noon to midnight in the town.
    assert await till.pays(ACT_MAX) == "done"
    registered = await register(till, "09012345678", await till.claim())
    assert registered["account"] == wallet
    assert await till.pays(20_000) == "done"
    assert await problems(till.doors.pool) == []


async def register(till: Till, phone: str, claim: str | None = None) -> dict[str, Any]:
    """Somebody registers, with the QR of a claim or without."""
    visitor = till.doors.visitor()
    started = await visitor.post(f"{API}/wallet/register", json={"phone": phone})
    body = {
        "challenge": started.json()["challenge"],
        "code": till.doors.phones.code(phone),
        "password": PASSWORD,
        "pin": PIN,
        "name": "長岡 花子",
    }
    if claim is not None:
        body["card"] = claim
    answer: dict[str, Any] = (await visitor.post(f"{API}/wallet/register/finish", json=body)).json()
    return answer


async def test_an_anonymous_card_becomes_somebodys(till: Till) -> None:
    """The card's wallet is the newcomer's, with what is in it; the claim works once."""
    opened = await till.opens()
    await till.tops_up(4_000)
    claim = await till.claim()
    registered = await register(till, "09012345678", claim)
    assert registered["account"] == opened["wallet"]
    assert await till.holds(registered["account"]) > 4_000
    assert (await register(till, "08012345678", claim))["code"] == "claim_over"
    taken = await till.tablet.post(f"{API}/terminal/cards/claim", json={"idm": IDM})
    assert taken.json()["code"] == "ic_card_taken"
    assert (await till.taps("pay", 100))["registered"] is True


async def test_a_refused_registration_leaves_the_claim(till: Till) -> None:
    """The number was registered already: the card waits for its holder, who joins it instead."""
    await till.opens()
    claim = await till.claim()
    visitor = till.doors.visitor()
    started = await visitor.post(f"{API}/wallet/register", json={"phone": "09012345678"})
    code = till.doors.phones.code("09012345678")
    holder = await till.doors.holder("09012345678")
    finished = await visitor.post(
        f"{API}/wallet/register/finish",
        json={
            "challenge": started.json()["challenge"],
            "code": code,
            "password": PASSWORD,
            "pin": PIN,
            "name": "花子",
            "card": claim,
        },
    )
    assert finished.json()["code"] == "already_registered"
    joined = await holder.post(f"{API}/wallet/cards", json={"claim": claim})
    assert [card["tail"] for card in joined.json()["cards"]] == ["6778"]


async def test_several_cards_open_one_wallet(till: Till) -> None:
    """Of our own and of another issuer; each pays, each is lost by itself."""
    holder = await till.doors.holder()
    first = await till.opens(IDM)
    transit = {"idm": OTHER, "issuer": "transit"}
    await till.tablet.post(f"{API}/terminal/cards", json=transit)
    for idm in (IDM, OTHER):
        claim = await till.claim(idm)
        answer = await holder.post(f"{API}/wallet/cards", json={"claim": claim})
        assert answer.status_code == 200, answer.text
    cards = (await holder.get(f"{API}/wallet/cards")).json()["cards"]
    assert [(card["issuer"], card["tail"]) for card in cards] == [
        ("transit", "EEFF"),
        ("town", "6778"),
    ]
    await till.tops_up(5_000, IDM)
    assert await till.pays(700, OTHER) == "done"
    lost = await holder.post(f"{API}/wallet/cards/{first['card']}/lost")
    assert lost.json()["state"] == "lost"
    assert await till.pays(800, IDM) == "ic_card_blocked"
    assert await till.pays(900, OTHER) == "done"
    stranger = await till.doors.holder("08000000000")
    answer = await stranger.post(f"{API}/wallet/cards/{first['card']}/lost")
    assert answer.status_code == 404


async def test_a_card_with_value_is_not_joined(till: Till) -> None:
    """Nothing is left behind in a wallet that no card opens; the claim was not used up."""
    holder = await till.doors.holder()
    wallet = (await till.opens())["wallet"]
    await till.tops_up(1_000)
    claim = await till.claim()
    answer = await holder.post(f"{API}/wallet/cards", json={"claim": claim})
    assert answer.json()["code"] == "ic_card_has_value"
    assert await till.pays(await till.holds(wallet)) == "done"
    left = await till.holds(wallet)
    while left:  # Points for the payment are value too.
        till.doors.clock.advance(minutes=10)
        assert await till.pays(left) == "done"
        left = await till.holds(wallet)
    answer = await holder.post(f"{API}/wallet/cards", json={"claim": await till.claim()})
    assert answer.status_code == 200, answer.text


async def test_a_forgotten_persons_card_is_anonymous_again(till: Till) -> None:
    """What is on it is still spent with it, within the limits of a card that nobody registered."""
    await till.opens()
    await till.tops_up(10_000)
    wallet = (await register(till, "09012345678", await till.claim()))["account"]
    assert await till.pays(4_000) == "done"
    erased = await till.operator.post(
        f"{API}/console/wallets/{wallet}/erase", json={"wallet": wallet, "reason": "申し出"}
    )
    assert erased.status_code == 200, erased.text
    assert await till.pays(3_001) == "ic_card_over_limit"
    assert await till.pays(900) == "done"
    assert (await till.taps("pay", 50))["registered"] is False


async def test_a_lost_card_is_blocked_at_once_and_replaced(till: Till) -> None:
    """Also a code that was tapped just before; the new card opens what the old one held."""
    opened = await till.opens()
    await till.tops_up(5_000)
    held = await till.holds(opened["wallet"])
    read = await till.taps("pay", 500)
    console = f"{API}/console/cards"
    by_wallet = await till.operator.get(f"{API}/console/wallets/{opened['wallet']}/cards")
    assert [card["card"] for card in by_wallet.json()["cards"]] == [opened["card"]]
    lost = await till.operator.post(f"{console}/{opened['card']}/lost")
    assert lost.json()["state"] == "lost"
    assert await till.takes(read) == "code_expired"
    assert await till.pays(500) == "ic_card_blocked"
    again = await till.operator.post(f"{console}/{opened['card']}/lost")
    assert again.json() == lost.json()
    new = await till.operator.post(f"{console}/{opened['card']}/reissue", json={"idm": THIRD})
    assert new.json()["wallet"] == opened["wallet"]
    assert await till.holds(opened["wallet"]) == held
    assert await till.pays(500, THIRD) == "done"
    assert await till.pays(500, IDM) == "ic_card_blocked"
    second = await till.operator.post(f"{console}/{opened['card']}/reissue", json={"idm": OTHER})
    assert second.json()["code"] == "ic_card_blocked"
    found = await till.operator.post(f"{console}/find", json={"idm": IDM})
    assert found.json()["state"] == "replaced"
    lines = await audit.lines(
        till.doors.pool, till.doors.town, audit.Filter(act="card"), before=None, limit=10
    )
    assert [line.act for line in lines] == ["card.reissued", "card.lost"]
    assert not any(IDM in f"{line.before}{line.after}" for line in lines)


async def test_a_second_tap_answers_only_its_own_question(till: Till) -> None:
    """Of this card, at this shop, within the limits, and once."""
    await till.opens()
    await till.opens(OTHER)
    await till.tops_up(10_000)
    await till.tops_up(10_000, OTHER)

    async def asks_again(amount: int) -> Request:
        assert await till.pays(amount) == "done"
        code = (await till.taps("pay", amount))["code"]
        shop = till.shop.account
        charge = Request(uuid7(), Kind.CHARGE, shop=shop, code=code, amount=amount)
        assert (await till.decides(charge)).outcome.value == "duplicate_suspected"
        return charge

    async def says_yes(charge: Request, idm: str = IDM, **more: Any) -> dict[str, Any]:
        body = {"id": str(uuid7()), "idm": idm, "refused": str(charge.id), **more}
        answer = await till.tablet.post(f"{API}/terminal/cards/tap-again", json=body)
        said: dict[str, Any] = answer.json()
        return said

    first = await asks_again(1_500)
    assert (await says_yes(first, OTHER))["code"] == "question_unknown"
    assert (await says_yes(first, THIRD))["code"] == "ic_card_unknown"
    unknown = {"refused": str(uuid7())}
    assert (await says_yes(first, IDM, **unknown))["code"] == "question_unknown"
    own = str(uuid7())
    done = await says_yes(first, id=own)
    assert done["receipt"]["outcome"] == "done"
    assert await says_yes(first, id=own) == done
    assert (await says_yes(first))["receipt"]["outcome"] == "question_answered"
    second = await asks_again(900)
    till.doors.clock.advance(minutes=5)
    late = await says_yes(second)
    assert late["receipt"]["outcome"] == "question_expired"
    third = await asks_again(500)
    assert await till.pays(200) == "done"
    assert (await says_yes(third))["code"] == "ic_card_over_limit"
    assert await problems(till.doors.pool) == []


async def test_a_card_has_one_wallet_however_often_it_is_opened(till: Till) -> None:
    """Five tablets at the same instant: one opens it."""
    answers = await asyncio.gather(
        *(till.tablet.post(f"{API}/terminal/cards", json={"idm": IDM}) for _ in range(5))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
    assert await till.doors.pool.fetchval("SELECT count(*) FROM people.card") == 1
    count = "SELECT count(*) FROM koban.account WHERE kind = 'wallet'"
    assert await till.doors.pool.fetchval(count) == 1


async def test_a_newer_claim_voids_the_older_and_none_is_good_for_long(till: Till) -> None:
    """A QR that somebody photographed an hour ago opens nothing."""
    holder = await till.doors.holder()
    await till.opens()
    older, newer = await till.claim(), await till.claim()
    answer = await holder.post(f"{API}/wallet/cards", json={"claim": older})
    assert answer.json()["code"] == "claim_over"
    till.doors.clock.advance(minutes=15)
    answer = await holder.post(f"{API}/wallet/cards", json={"claim": newer})
    assert (answer.status_code, answer.json()["code"]) == (410, "claim_over")


class Case(Struct):
    """``who`` posts ``body`` to ``path``; the answer's status, code and field."""

    name: str
    who: str
    path: str
    body: Any
    status: int
    code: str
    field: str | None = None


def read(
    name: str, field: str | None, status: int = 422, code: str = "invalid", **body: Any
) -> Case:
    whole = {"idm": IDM, "purpose": "pay", "amount": 100, **body}
    return Case(name, "tablet", "/terminal/cards/read", whole, status, code, field)


def opened(name: str, who: str, status: int, code: str, field: str | None, **body: Any) -> Case:
    path = "/console/cards" if who in {"operator", "ops"} else "/terminal/cards"
    return Case(name, who, path, body, status, code, field)


TABLE = [
    read("an unknown card", "idm", 404, "ic_card_unknown"),
    read("no number", "idm", idm=""),
    read("a short number", "idm", idm="011223344556677"),
    read("letters", "idm", idm="01122334455667ZZ"),
    read("a phone that plays a card", "idm", idm="02FE112233445566"),
    read("a number for a number", "idm", idm=112233445566778),
    read("nothing", "amount", amount=0),
    read("less than nothing", "amount", amount=-1),
    read("half a yen", "amount", amount=0.5),
    read("too much", "amount", amount=10_000_001),
    read("another purpose", "purpose", purpose="give"),
    read("a field of our own", "wallet", wallet=1),
    Case("a reading by nobody", "nobody", "/terminal/cards/read", {}, 401, "signed_out"),
    Case("a reading by a wallet", "wallet", "/terminal/cards/read", {}, 401, "signed_out"),
    Case("not JSON", "tablet", "/terminal/cards/read", b"{", 400, "malformed"),
    opened("opened by nobody", "nobody", 401, "signed_out", None, idm=IDM),
    opened("opened by ops", "ops", 403, "not_allowed", None, idm=IDM),
    opened("no idm", "tablet", 422, "invalid", "idm"),
    opened("a stranger's card", "tablet", 422, "invalid", "issuer", idm=IDM, issuer="bank"),
    opened("a card of ones", "operator", 422, "invalid", "idm", idm="1" * 16),
    Case("no card", "operator", "/console/cards/1/lost", {}, 404, "not_found", "card"),
    Case("no card", "operator", "/console/cards/1/reissue", {"idm": IDM}, 404, "not_found", "card"),
    Case("no number", "operator", "/console/cards/x/lost", {}, 422, "invalid", "card"),
    Case("unknown", "operator", "/console/cards/find", {"idm": IDM}, 404, "ic_card_unknown", "idm"),
    Case("unknown", "tablet", "/terminal/cards/claim", {"idm": IDM}, 404, "ic_card_unknown", "idm"),
    Case(
        "a made-up claim",
        "wallet",
        "/wallet/cards",
        {"claim": "x" * 43},
        410,
        "claim_over",
        "claim",
    ),
    Case("no claim", "wallet", "/wallet/cards", {}, 422, "invalid", "claim"),
    Case("no card of mine", "wallet", "/wallet/cards/1/lost", {}, 404, "not_found", "card"),
]


@pytest.mark.parametrize("case", TABLE, ids=lambda case: f"{case.name} {case.path}")
async def test_what_is_wrong_is_named(till: Till, case: Case) -> None:
    """Each with its code and field; no card and no wallet comes of it."""
    doors = till.doors
    if case.who == "wallet":
        visitor = await doors.holder()
    elif case.who == "ops":
        visitor = await doors.operator("見る人", "ops")
    elif case.who == "nobody":
        visitor = doors.visitor()
    else:
        visitor = till.tablet if case.who == "tablet" else till.operator
    before = await doors.pool.fetchval("SELECT count(*) FROM koban.account")
    body = case.body if isinstance(case.body, bytes) else json.dumps(case.body).encode()
    headers = {"Content-Type": "application/json"}
    answer = await visitor.post(f"{API}{case.path}", content=body, headers=headers)
    assert answer.status_code == case.status, answer.text
    assert (answer.json()["code"], answer.json().get("field")) == (case.code, case.field)
    assert await doors.pool.fetchval("SELECT count(*) FROM koban.account") == before
    assert await doors.pool.fetchval("SELECT count(*) FROM people.card") == 0


async def test_a_town_without_cards_says_so(doors: Doors) -> None:
    """No door of a card does anything there."""
    operator, shop = await doors.operator(), await doors.shop()
    tablet = await doors.tablet(operator, shop)
    assert (await tablet.get(f"{API}/town")).json()["card_issuers"] == []
    for path in ("", "/claim"):
        answer = await tablet.post(f"{API}/terminal/cards{path}", json={"idm": IDM})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
