"""What people do, in words that a story can be told with. Everything here goes through the doors:
HTTP and the websocket, as a phone, a tablet and a console use them.
"""

import asyncio
import re
from contextlib import AsyncExitStack
from datetime import datetime
from http.cookiejar import DefaultCookiePolicy
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import msgspec
from msgspec import Struct

from gateway.protocol import api
from gateway.protocol.ids import new_id
from gateway.protocol.messages import (
    Charge,
    CodeRead,
    Confirm,
    Error,
    Event,
    GrantHere,
    Issue,
    Pay,
    Purpose,
    ReadCode,
    Receipt,
    Result,
    Reverse,
    ShowCode,
    ShownCode,
    Stage,
    State,
    TopUp,
)
from notifier.subscriptions import Subscription
from terminal.client import Client, Command, PushT
from tests.support.clock import Clock
from tests.support.house import House

OPERATOR = "市民課 小林"
PASSWORD = "a long enough password"
PIN = "4321"
MANAGER_PIN = "9753"
JAPAN = ZoneInfo("Asia/Tokyo")

Body = TypeVar("Body")
AnyScreen = TypeVar("AnyScreen", bound="Screen")


class Heard(Struct, frozen=True):
    """One confirmation on a screen: what it is, what it sounds like, and the receipt it shows."""

    kind: str
    sound: str
    receipt: Receipt


class Refusal(AssertionError):
    """A command was refused where the story did not expect it."""


class Screen:
    """A signed-in screen: a phone's wallet or a shop's tablet."""

    def __init__(self, town: "Nagaoka", signed_in: api.SignedIn) -> None:
        self.account = signed_in.account
        self.name = signed_in.name
        self._town = town
        self._role = signed_in.role
        self._token = signed_in.token
        self._client = Client(town.url, town.code, signed_in.role, signed_in.token)

    async def open(self) -> None:
        """Opens the screen: it is connected, and follows its feed."""
        await self._client.open()

    async def close(self) -> None:
        """Puts the screen away."""
        await self._client.close()

    async def hears(self) -> Heard:
        """The next confirmation, which is shown, and said to be shown."""
        event = await self._client.next_push(Event, 10)
        await self._client.ack(event.seq, Stage.SHOWN)
        receipt = msgspec.json.decode(event.body, type=Receipt)
        return Heard(event.kind, event.sound, receipt)

    async def hears_nothing(self) -> bool:
        """Whether no confirmation has come that was not heard yet."""
        await self._client.status(new_id())  # What was sent before its answer has arrived.
        return self._client.waiting(Event) == 0

    async def looks(self, path: str, kind: type[Body]) -> Body:
        """Reads a page of its own over HTTP."""
        return await self._town.get(f"/{path}", kind, self._token)

    @property
    def close_codes(self) -> list[int]:
        """With which codes its sockets were closed by the gateway."""
        return self._client.close_codes

    async def is_told(self, kind: type[PushT]) -> PushT:
        """The next word of this kind that comes unasked."""
        return await self._client.next_push(kind, 10)

    async def history(self) -> list[Receipt]:
        """Everything that happened to it, newest first."""
        lines = await self.lines()
        return [msgspec.json.decode(line.receipt, type=Receipt) for line in lines]

    async def status(self, payment: UUID) -> State:
        """What became of a payment, over HTTP."""
        answer = await self.looks(f"{self._role}/payments/{payment}", dict[str, Any])
        return State(answer["state"])

    async def lines(self) -> list[api.HistoryLine]:
        """The same, with what came of it since and who has seen it."""
        return (await self.looks(f"{self._role}/history", api.History)).lines

    async def seen_by_both(self, payment: UUID) -> bool:
        """Waits until its history says that payer and shop were both shown a payment."""
        async with asyncio.timeout(10):
            while True:
                for line in await self.lines():
                    receipt = msgspec.json.decode(line.receipt, type=Receipt)
                    if receipt.id == payment and line.shown_to_wallet and line.shown_to_shop:
                        return True
                await asyncio.sleep(0.05)

    async def sends(self, path: str, body: dict[str, Any]) -> httpx.Response:
        """Posts to one of its own addresses over HTTP."""
        return await self._town.posts(path, body, self._token)

    async def uploads(self, path: str, data: bytes, media: str) -> httpx.Response:
        """Sends a file to one of its own addresses; ``media`` is what the browser says of it."""
        return await self._town.sends("POST", path, self._token, data=data, media=media)

    async def _does(self, command: Command, kind: type[Body]) -> Body:
        reply = await self._client.settle(command)
        if isinstance(reply, Error):
            raise Refusal(f"{type(command).__name__}: {reply.code} {reply.message or ''}")
        return msgspec.json.decode(reply.result, type=kind)

    async def _asks(self, command: Command) -> Receipt | str:
        """The receipt, or the word for why not."""
        reply = await self._client.settle(command)
        if isinstance(reply, Result):
            return msgspec.json.decode(reply.result, type=Receipt)
        return reply.code


class Holder(Screen):
    """Somebody with a wallet on their phone."""

    async def allows_pushes(self, address: Subscription) -> None:
        """The phone may be told things by Web Push while the wallet is closed."""
        body = {"endpoint": address.endpoint, "p256dh": address.p256dh, "auth": address.auth}
        answer = await self._town.sends("PUT", "/wallet/push", self._token, json=body)
        assert answer.status_code == 200, answer.text

    async def balance(self) -> api.Balance:
        """What is in the wallet."""
        return await self.looks("wallet/balance", api.Balance)

    async def holds(self) -> dict[str, int]:
        """The same in few words: so much of each kind of value."""
        return {part.instrument: part.amount for part in (await self.balance()).parts}

    async def scans_sticker(self, text: str) -> api.ShopInfo:
        """Scans the QR beside a till; the wallet shows whose it is."""
        assert text.startswith(f"{self._town.url}/{self._town.code}/s/")
        return await self._town.get(f"/shops/{text.rpartition('/')[2]}", api.ShopInfo)

    async def shows_code(self, amount: int | None) -> ShownCode:
        """Enters an amount and the PIN; the wallet shows a code to pay with."""
        return await self._does(ShowCode(new_id(), Purpose.PAY, amount, PIN), ShownCode)

    async def shows_top_up_code(self, amount: int) -> ShownCode:
        """Enters an amount; the wallet shows a code to top up with."""
        return await self._does(ShowCode(new_id(), Purpose.TOP_UP, amount), ShownCode)

    async def pays(self, shop: api.ShopInfo, amount: int, pin: str = PIN) -> Receipt:
        """Enters the amount, slides, gives the PIN."""
        return await self._does(Pay(new_id(), shop.shop, amount, pin), Receipt)

    async def tries_to_pay(
        self, shop: api.ShopInfo, amount: int, pin: str = PIN
    ) -> tuple[UUID, Receipt | str]:
        """The same, where it may be refused: the attempt's id, and what came of it."""
        pay = Pay(new_id(), shop.shop, amount, pin)
        return pay.id, await self._asks(pay)

    async def says_yes(self, question: UUID) -> Receipt | str:
        """Answers "yes, pay again" to the question about an attempt."""
        return await self._asks(Confirm(new_id(), question, PIN))


class Tablet(Screen):
    """A shop's tablet, and who stands behind it."""

    shop: api.ShopInfo
    sticker: str

    async def scans(self, code: ShownCode) -> CodeRead:
        """Scans what a wallet shows: what is it for, and how much?"""
        return await self._does(ReadCode(new_id(), code.qr), CodeRead)

    async def takes_cash(self, code: ShownCode, amount: int) -> Receipt:
        """The cash is in the till: confirms the top-up."""
        return await self._does(TopUp(new_id(), code.qr, amount), Receipt)

    async def charges(self, code: ShownCode, amount: int | None = None) -> Receipt:
        """Takes the payment."""
        return await self._does(Charge(new_id(), code.qr, amount), Receipt)

    async def tries_to_charge(self, code: ShownCode, amount: int | None = None) -> Receipt | str:
        """The same, where it may be refused."""
        return await self._asks(Charge(new_id(), code.qr, amount))

    async def issues(self, code: ShownCode, purchase: int) -> Receipt:
        """Gives the shop's points for a purchase of so many yen."""
        return await self._does(Issue(new_id(), code.qr, purchase), Receipt)

    async def tries_to_issue(self, code: ShownCode, purchase: int) -> Receipt | str:
        """The same, where it may be refused."""
        return await self._asks(Issue(new_id(), code.qr, purchase))

    async def grants(self, code: ShownCode) -> Receipt | str:
        """Gives what the activity set for this tablet is worth, or says why not."""
        return await self._asks(GrantHere(new_id(), code.qr))

    async def hears_question(self) -> UUID:
        """Which charge its feed says was refused because it looks like a payment before."""
        while (heard := await self.hears()).kind != "duplicate_question":
            pass
        return heard.receipt.id

    async def cancels(self, payment: UUID, reason: str) -> Receipt:
        """Cancels a payment, a top-up or an issue whole, as a clerk."""
        return await self._does(Reverse(new_id(), payment, reason), Receipt)

    async def tries_to_cancel(self, payment: UUID, reason: str) -> Receipt | str:
        """The same, where it may be refused."""
        return await self._asks(Reverse(new_id(), payment, reason))

    async def day(self, date: str = "") -> api.Day:
        """The shop's sums of a day."""
        return await self.looks(f"terminal/day{date and f'?date={date}'}", api.Day)


class Nagaoka:
    """The town, or another one by its code. Whoever registers or opens a shop in it stays until
    the story ends.
    """

    def __init__(
        self, house: House, sms_provider: str, clock: Clock, code: str = "nagaoka"
    ) -> None:
        self.url = house.url
        self.code = code
        self.clock = clock
        self._sms_provider = sms_provider
        self._stack = AsyncExitStack()
        self._http = httpx.AsyncClient(
            base_url=house.url, verify=False, trust_env=False, headers={"Origin": house.url}
        )
        self._operator = ""

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self._http)
        # Each request says by its token who asks, as a program does, so one client does for all.
        self._http.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        await self.opens_console()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def opens_console(self) -> None:
        """The operator signs in, at first and whenever the session is over."""
        self._operator = await self.console_of(OPERATOR)

    async def console_of(self, name: str) -> str:
        """An operator signs in at the console; the session's token."""
        body = {"name": name, "password": PASSWORD}
        return (await self._post("/console/sign-in", body, api.SignedIn)).token

    async def days_pass(self, **time: float) -> None:
        """So much later the operator signs in again."""
        self.clock.advance(**time)
        await self.opens_console()

    async def registers(self, name: str, phone: str = "09012345678") -> Holder:
        """Somebody registers by phone number and the code that comes by SMS."""
        return await self.registers_as({"name": name}, phone)

    async def registers_as(self, said: dict[str, str], phone: str) -> Holder:
        """Somebody registers and says who they are: name, kana, birth_date; or whose card it is."""
        answer = await self.tries_to_register(said, phone)
        assert answer.status_code == 200, answer.text
        signed_in = msgspec.json.decode(answer.content, type=api.SignedIn)
        return await self._opened(Holder(self, signed_in))

    async def tries_to_register(self, said: dict[str, str], phone: str) -> httpx.Response:
        """The same, where it may be refused."""
        started = await self._post("/wallet/register", {"phone": phone}, api.Challenge)
        body = {
            "challenge": started.challenge,
            "code": await self.sms_code(phone),
            "password": PASSWORD,
            "pin": PIN,
            **said,
        }
        return await self.posts("/wallet/register/finish", body, "")

    async def asks(
        self, method: str, path: str, body: dict[str, Any] | None, kind: type[Body]
    ) -> Body:
        """What the operator does at the console over HTTP."""
        answer = await self.tries(method, path, body)
        assert answer.status_code == 200, answer.text
        return msgspec.json.decode(answer.content, type=kind)

    async def tries(self, method: str, path: str, body: dict[str, Any] | None) -> httpx.Response:
        """What the operator tries at the console, where it may be refused; the answer."""
        return await self.sends(method, path, self._operator, json=body)

    async def uploads(self, path: str, data: bytes, kind: type[Body]) -> Body:
        """The operator chooses a file at the console."""
        answer = await self.tries_to_upload(path, data, "text/csv")
        assert answer.status_code == 200, answer.text
        return msgspec.json.decode(answer.content, type=kind)

    async def tries_to_upload(self, path: str, data: bytes, media: str) -> httpx.Response:
        """The same, where it may be refused; ``media`` is what the browser says of the file."""
        return await self.sends("POST", path, self._operator, data=data, media=media)

    async def goes_by(self, identity: str) -> None:
        """Waits until the gateway has taken the rules that say what registering asks for."""
        async with asyncio.timeout(10):
            while (await self.get("/town", api.TownInfo)).identity != identity:
                await asyncio.sleep(0.05)

    async def signs_in(self, phone: str = "09012345678") -> Holder:
        """Somebody signs in again by phone number, password and another code by SMS."""
        body = {"phone": phone, "password": PASSWORD}
        started = await self._post("/wallet/sign-in", body, api.Challenge)
        body = {"challenge": started.challenge, "code": await self.sms_code(phone)}
        signed_in = await self._post("/wallet/sign-in/finish", body, api.SignedIn)
        return await self._opened(Holder(self, signed_in))

    async def opens(self, name: str, kind: str = "青果", area: str = "殿町") -> Tablet:
        """The operator opens a shop and a tablet in it, which is enrolled by scanning its QR."""
        body = {"name": name, "kind": kind, "area": area, "manager_pin": MANAGER_PIN}
        shop = await self._post("/console/shops", body, api.ShopInfo, self._operator)
        made = await self._post(
            f"/console/shops/{shop.shop}/terminals",
            {"label": "レジ 1"},
            api.Enrolment,
            self._operator,
        )
        scanned = {"code": made.qr.partition("#enrol=")[2]}
        tablet = Tablet(self, await self._post("/terminal/enrol", scanned, api.SignedIn))
        tablet.shop = shop
        tablet.sticker = f"{self.url}/{self.code}/s/{shop.code}"
        return await self._opened(tablet)

    async def get(self, path: str, kind: type[Body], token: str = "") -> Body:
        """Reads from the town's HTTP interface."""
        answer = await self.sends("GET", path, token)
        assert answer.status_code == 200, answer.text
        return msgspec.json.decode(answer.content, type=kind)

    async def posts(self, path: str, body: dict[str, Any], token: str) -> httpx.Response:
        """Posts for whoever has this token; the answer, whatever it is."""
        return await self.sends("POST", path, token, json=body)

    async def sends(
        self,
        method: str,
        path: str,
        token: str = "",
        *,
        json: dict[str, Any] | None = None,
        data: bytes | None = None,
        media: str = "",
    ) -> httpx.Response:
        """Asks for whoever has this token, or for anybody; the answer, whatever it is."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if media:
            headers["Content-Type"] = media
        return await self._http.request(
            method, f"/api/{self.code}{path}", json=json, content=data, headers=headers
        )

    async def _post(
        self, path: str, body: dict[str, Any], kind: type[Body], token: str = ""
    ) -> Body:
        answer = await self.posts(path, body, token)
        assert answer.status_code == 200, answer.text
        return msgspec.json.decode(answer.content, type=kind)

    async def sms_code(self, phone: str) -> str:
        """The six digits in the newest message on a phone."""
        found = re.search(r"\b[0-9]{6}\b", await self.sms(phone))
        assert found
        return found[0]

    async def sms(self, phone: str) -> str:
        """The newest message on a phone."""
        answer = await self._http.get(f"{self._sms_provider}/inbox.json", params={"to": phone})
        return str(answer.json()["messages"][0]["text"])

    async def _opened(self, screen: AnyScreen) -> AnyScreen:
        await screen.open()
        self._stack.push_async_callback(screen.close)
        return screen


def local(at_ms: int | None) -> datetime:
    """An instant as the town's clocks show it."""
    assert at_ms is not None
    return datetime.fromtimestamp(at_ms / 1000, JAPAN)
