"""Web Push against a push service of our own that verifies the sender and decrypts the push."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from uuid import UUID

import httpcore
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from config.profile import read_profile
from gateway.protocol.ids import new_id
from gateway.protocol.messages import Charge, Event, Result, Send, Stage
from ledger.codes import issue_code
from ledger.identity import pushes
from notifier.push import PushSender, public_key
from notifier.push_messages import PushMessage, push_message
from notifier.subscriptions import (
    PublicOnly,
    Subscription,
    SubscriptionRefused,
    check_subscription,
    is_public,
)
from terminal.faults import FaultyClient
from tests.support.gateways import GatewayProcess, StartGateway
from tests.support.people import PIN, TOWN, People, Screen, now
from tests.support.push_service import Phone, push_service, trust

PREFIX = read_profile(TOWN).payments.code_prefix


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture(scope="module")
def private_pem() -> str:
    """The town's VAPID key."""
    return _pem(ec.generate_private_key(ec.SECP256R1()))


@pytest.fixture
def gone() -> list[Subscription]:
    """The subscriptions whose end the sender has told."""
    return []


@asynccontextmanager
async def _sender(
    private_pem: str, gone: list[Subscription], **options: Any
) -> AsyncIterator[PushSender]:
    async def on_gone(subscription: Subscription) -> None:
        gone.append(subscription)

    sender = PushSender(
        private_pem,
        "mailto:denshi@city.example",
        on_gone,
        **{"loopback": True, "backoff_s": 0.01, "timeout_s": 1.0, **options},
    )
    sender.start()
    try:
        yield sender
    finally:
        await sender.stop(grace_s=0.0)


def _paid(number: int = 1, amount: int = 1_200) -> PushMessage:
    made = push_message(
        town="nagaoka",
        kind="payment",
        payment=f"0190a000-0000-7000-8000-{number:012d}",
        at=1_700_000_000_000,
        amount=amount,
        shop="八百屋まるい",
        languages=["ja", "en"],
    )
    assert made is not None
    return made


async def _until(condition: Any, timeout_s: float = 5) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_phone_reads_what_was_paid_and_the_service_cannot(
    private_pem: str, gone: list[Subscription]
) -> None:
    """Signed for this service, encrypted for this phone, in the town's languages."""
    async with push_service(public_key(private_pem)) as service:
        phone = service.phone("a")
        async with _sender(private_pem, gone) as sender:
            assert sender.offer(phone.subscription(service.origin), _paid())
            await _until(lambda: phone.requests == 1 and sender.counts.delivered == 1)
    assert service.refusals == []
    assert phone.pushes == [_paid()]
    assert phone.pushes[0].texts["ja"].title == "お支払い 1,200円"
    assert "八百屋まるい" in phone.pushes[0].texts["en"].body


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for ``localhost`` that nobody else trusts, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_text(_pem(key))
    return folder / "cert.pem", folder / "key.pem"


async def test_tls_is_checked(
    private_pem: str, gone: list[Subscription], certificate: tuple[Path, Path]
) -> None:
    """A trusted certificate delivers over https; an unknown one gets nothing."""
    async with push_service(public_key(private_pem), certificate) as service:
        phone = service.phone("a")
        subscription = phone.subscription(service.origin)
        async with _sender(private_pem, gone, trust=trust(certificate[0])) as sender:
            sender.offer(subscription, _paid())
            await _until(lambda: sender.counts.delivered == 1)
        async with _sender(private_pem, gone) as sender:
            sender.offer(subscription, _paid())
            await _until(lambda: sender.counts.failed == 1)
    assert phone.requests == 1


@pytest.mark.parametrize("status", [404, 410])
async def test_an_ended_subscription_is_told_once_and_not_tried_again(
    private_pem: str, gone: list[Subscription], status: int
) -> None:
    """404 and 410 mean the phone has gone: its subscription is to be removed."""
    async with push_service(public_key(private_pem)) as service:
        phone = service.phone("a")
        service.answers = [status]
        subscription = phone.subscription(service.origin)
        async with _sender(private_pem, gone) as sender:
            sender.offer(subscription, _paid())
            await _until(lambda: sender.counts.gone == 1)
    assert gone == [subscription]
    assert phone.requests == 1


async def test_a_passing_fault_is_tried_again_and_a_lasting_one_given_up(
    private_pem: str, gone: list[Subscription]
) -> None:
    """Two faults and a delivery; then three faults and an end; then a refusal and an end."""
    async with push_service(public_key(private_pem)) as service:
        phone = service.phone("a")
        subscription = phone.subscription(service.origin)
        async with _sender(private_pem, gone) as sender:
            service.answers = [503, 429]
            sender.offer(subscription, _paid())
            await _until(lambda: sender.counts.delivered == 1)
            assert phone.requests == 3
            service.answers = [500, 500, 500]
            sender.offer(subscription, _paid())
            await _until(lambda: sender.counts.failed == 1)
            assert phone.requests == 6
            service.answers = [400]
            sender.offer(subscription, _paid())
            await _until(lambda: sender.counts.failed == 2)
    assert phone.requests == 7
    assert gone == []


async def test_a_stuck_service_delays_nobody_who_offers(
    private_pem: str, gone: list[Subscription]
) -> None:
    """The queue is bounded: what does not fit is dropped and counted."""
    async with push_service(public_key(private_pem)) as service:
        service.delay_s = 30.0
        subscription = service.phone("a").subscription(service.origin)
        async with _sender(private_pem, gone, queue_max=5, timeout_s=0.2) as sender:
            taken = [sender.offer(subscription, _paid(number)) for number in range(8)]
            assert taken == [True] * 5 + [False] * 3
            assert sender.counts.dropped == 3
            service.delay_s = 0.0
            await _until(lambda: sender.counts.delivered == 5)


async def test_a_fault_in_removing_ends_no_worker(private_pem: str) -> None:
    """A callback that fails is counted; the next pushes still go out."""

    async def broken(_: Subscription) -> None:
        raise OSError("the database is away")

    async with push_service(public_key(private_pem)) as service:
        phone = service.phone("a")
        subscription = phone.subscription(service.origin)
        sender = PushSender(private_pem, "mailto:denshi@city.example", broken, loopback=True)
        sender.start()
        try:
            service.answers = [410] * 20
            for number in range(20):
                sender.offer(subscription, _paid(number))
            await _until(lambda: sender.counts.failed == 20)
            sender.offer(subscription, _paid())
            await _until(lambda: sender.counts.delivered == 1)
        finally:
            await sender.stop()


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example.com/x",
        "https://push.example.com:8443/x",
        "https://user@push.example.com/x",
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://[::1]/x",
        "https://10.0.0.1/x",
        "https://169.254.169.254/latest/meta-data",
        "https://8.8.8.8/x",
        "https://intranet/x",
        "https:///x",
        "https://push.example.com:port/x",
        "file:///etc/passwd",
    ],
)
def test_an_address_no_push_service_has_is_refused(endpoint: str) -> None:
    """Only https, on its usual port, at a public name."""
    with pytest.raises(SubscriptionRefused):
        check_subscription(_at(endpoint))


def _at(endpoint: str) -> Subscription:
    good = Phone("a").subscription("https://push.example.com")
    return Subscription(1, 1, endpoint, good.p256dh, good.auth)


def test_a_browsers_subscription_is_taken() -> None:
    """What browsers give is fine; loopback only where a test allows it."""
    check_subscription(_at("https://fcm.googleapis.com/fcm/send/abc"))
    check_subscription(_at("http://127.0.0.1:9999/push/a"), loopback=True)
    with pytest.raises(SubscriptionRefused):
        check_subscription(_at("http://10.0.0.1/push/a"), loopback=True)


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [("AAAA", "A" * 22), ("B" + "A" * 86, "A" * 22), ("*" * 87, "A" * 22), (None, "AAAA")],
)
def test_keys_that_cannot_encrypt_are_refused(p256dh: str | None, auth: str) -> None:
    """Not a point of the curve, or not 16 bytes: no push could ever be read."""
    good = _at("https://push.example.com/x")
    with pytest.raises(SubscriptionRefused):
        check_subscription(Subscription(1, 1, good.endpoint, p256dh or good.p256dh, auth))


@pytest.mark.parametrize(
    "address",
    [
        *("10.1.2.3", "127.0.0.1", "169.254.169.254", "224.0.0.1", "::1", "fd00::1", "ff0e::1"),
        *("64:ff9b::a01:203", "2002:a01:203::1", "::a01:203", "::ffff:a01:203"),
    ],
)
async def test_a_public_name_with_a_private_address_is_not_called(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """Also when only one of its addresses is private: nothing is connected to."""

    async def resolve(*_: Any, **__: Any) -> list[tuple[Any, ...]]:
        return [(0, 0, 0, "", ("8.8.8.8", 443)), (0, 0, 0, "", (address, 443))]

    async def connect(*_: Any, **__: Any) -> None:
        pytest.fail("connected all the same")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect)
    with pytest.raises(SubscriptionRefused, match=address):
        await PublicOnly(loopback=False).connect_tcp("push.example.com", 443, 1.0)


def test_public_addresses_are_public() -> None:
    """Also those of IPv4 behind a gateway from IPv6."""
    for address in ("8.8.8.8", "2001:4860:4860::8888", "64:ff9b::808:808", "2002:808:808::1"):
        assert is_public(ip_address(address)), address


async def test_a_name_that_is_none_is_not_reached() -> None:
    """An empty or an endless label is no fault of ours."""
    for host in ("push..example.com", f"{'a' * 64}.example.com"):
        with pytest.raises(httpcore.ConnectError):
            await PublicOnly(loopback=False).connect_tcp(host, 443, 1.0)


def test_only_a_p256_key_signs() -> None:
    """Another curve or no key is refused when the process starts, not at the first push."""
    with pytest.raises(ValueError, match="P-256"):
        public_key(_pem(ec.generate_private_key(ec.SECP384R1())))
    with pytest.raises(ValueError, match="PEM"):
        public_key("no key")


# -- with a gateway -------------------------------------------------------------------------------


async def _subscribe(gateway: GatewayProcess, screen: Screen, subscription: Subscription) -> None:
    async with httpx.AsyncClient(base_url=gateway.url, trust_env=False) as browser:
        answer = await browser.put(
            f"/api/{TOWN}/wallet/push",
            json={
                "endpoint": subscription.endpoint,
                "p256dh": subscription.p256dh,
                "auth": subscription.auth,
            },
            headers={"Authorization": f"Bearer {screen.token}", "Origin": gateway.url},
        )
    assert answer.status_code == 200, answer.text


async def _charge(people: People, tablet: FaultyClient, payer: Screen) -> UUID:
    code = await issue_code(people.pool, people.town, payer.account, "pay", 700, now(), PREFIX)
    charge = Charge(id=new_id(), code=code.code)
    reply = await tablet.command(charge)
    assert isinstance(reply, Result), reply
    return charge.id


async def test_only_a_wallet_that_nobody_looks_at_is_told(
    start_gateway: StartGateway, people: People, private_pem: str
) -> None:
    """Two wallets pay: the open one's phone stays silent, the closed one's speaks."""
    async with push_service(public_key(private_pem)) as service:
        gateway = await start_gateway(
            VAPID_PRIVATE_KEY=private_pem, VAPID_SUBJECT="mailto:denshi@city.example"
        )
        closed, opened, shop = await people.wallet(), await people.wallet(), await people.tablet()
        silent, speaking = service.phone("silent"), service.phone("speaking")
        await _subscribe(gateway, closed, speaking.subscription(service.origin))
        await _subscribe(gateway, opened, silent.subscription(service.origin))
        async with shop.client(gateway) as tablet, opened.client(gateway) as wallet:
            await _charge(people, tablet, opened)
            await wallet.ack((await wallet.next_push(Event)).seq, Stage.SHOWN)
            payment = await _charge(people, tablet, closed)
            await _until(lambda: speaking.pushes, timeout_s=15)
    (told,) = speaking.pushes
    assert (told.id, told.kind, told.town) == (str(payment), "payment", TOWN)
    assert "700" in told.texts["ja"].title
    assert silent.requests == 0
    assert service.refusals == []


async def test_whoever_is_sent_something_is_told(
    start_gateway: StartGateway, people: People, private_pem: str
) -> None:
    """The recipient's phone speaks, whether or not anybody ever looks; the sender's does not."""
    async with push_service(public_key(private_pem)) as service:
        gateway = await start_gateway(
            VAPID_PRIVATE_KEY=private_pem, VAPID_SUBJECT="mailto:denshi@city.example"
        )
        sender, recipient = await people.wallet(), await people.wallet()
        silent, speaking = service.phone("silent"), service.phone("speaking")
        await _subscribe(gateway, recipient, speaking.subscription(service.origin))
        await _subscribe(gateway, sender, silent.subscription(service.origin))
        async with sender.client(gateway) as wallet:
            sent = Send(new_id(), recipient.account, 700, PIN)
            reply = await wallet.command(sent)
            assert isinstance(reply, Result), reply
            await _until(lambda: speaking.pushes, timeout_s=15)
    (told,) = speaking.pushes
    assert (told.id, told.kind) == (str(sent.id), "send")
    assert told.texts["ja"].title == "受け取り 700円"
    assert silent.requests == 0


async def test_a_phone_that_is_gone_is_forgotten(
    start_gateway: StartGateway, people: People, private_pem: str
) -> None:
    """After the push service's 410 the subscription is no longer kept."""
    async with push_service(public_key(private_pem)) as service:
        gateway = await start_gateway(
            VAPID_PRIVATE_KEY=private_pem, VAPID_SUBJECT="mailto:denshi@city.example"
        )
        payer, shop = await people.wallet(), await people.tablet()
        phone = service.phone("gone")
        await _subscribe(gateway, payer, phone.subscription(service.origin))
        assert await pushes(people.pool, people.town, payer.account, now()) != []
        service.answers = [410]
        async with shop.client(gateway) as tablet:
            await _charge(people, tablet, payer)
            await _until(lambda: phone.requests, timeout_s=15)
        async with asyncio.timeout(5):
            while await pushes(people.pool, people.town, payer.account, now()):
                await asyncio.sleep(0.02)
