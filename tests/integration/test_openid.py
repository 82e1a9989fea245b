"""The relying party against the simulator, a process of its own that is told to be wrong."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from gateway.openid.fetching import Fetcher, ProviderAway
from gateway.openid.relying_party import CodeRefused, RelyingParty
from gateway.openid.tokens import TokenRefused
from tests.support.openid import ALGORITHMS, OpenidProcess

NONCE, VERIFIER, BACK = "n" * 43, "v" * 43, "http://127.0.0.1:9/town/wallet/openid/line/callback"


def now() -> datetime:
    """The simulator's clock is the machine's."""
    return datetime.now(UTC)


async def returned(party: RelyingParty, identities: OpenidProcess) -> str:
    """Somebody goes there and comes back with a code."""
    address = await party.address(BACK, "s" * 43, NONCE, VERIFIER, now())
    back = await identities.chosen(address, "hanako")
    assert (back.params["state"], back.params["iss"]) == ("s" * 43, party.settings.issuer)
    return str(back.params["code"])


def party_of(identities: OpenidProcess, provider: str, **changes: Any) -> RelyingParty:
    """One provider, as a gateway knows it."""
    return RelyingParty(replace(identities.settings[provider], **changes), Fetcher())


@pytest.mark.parametrize("provider", ALGORITHMS)
async def test_somebody_comes_back(identities: OpenidProcess, provider: str) -> None:
    """By each algorithm: the client secret's (LINE), an elliptic key's, a modular one's."""
    party = party_of(identities, provider)
    code = await returned(party, identities)
    told = await party.subject(code, BACK, NONCE, VERIFIER, now())
    assert told == f"{provider}-hanako"
    with pytest.raises(CodeRefused):
        await party.subject(code, BACK, NONCE, VERIFIER, now())


@pytest.mark.parametrize("provider", ALGORITHMS)
@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"signature": "wrong"}, TokenRefused),
        ({"signature": "none"}, TokenRefused),
        ({"issuer": "https://evil.example"}, TokenRefused),
        ({"audience": "another client"}, TokenRefused),
        ({"nonce": "of another request"}, TokenRefused),
        ({"expired": True}, TokenRefused),
        ({"now_s": 1_000_000_000.0}, TokenRefused),
        ({"delay_ms": 1_500}, ProviderAway),
        ({"token_status": 503}, ProviderAway),
        ({"token_status": 400}, CodeRefused),
    ],
    ids=str,
)
async def test_a_provider_that_is_wrong_is_not_believed(
    identities: OpenidProcess, provider: str, wrong: dict[str, Any], refusal: type[Exception]
) -> None:
    """Every kind of it, for every algorithm."""
    party = party_of(identities, provider)
    code = await returned(party, identities)
    await identities.behave(**wrong)
    with pytest.raises(refusal):
        await party.subject(code, BACK, NONCE, VERIFIER, now())


@pytest.mark.parametrize(
    ("verifier", "back", "changes"),
    [
        ("w" * 43, BACK, {}),
        (VERIFIER, BACK + "x", {}),
        (VERIFIER, BACK, {"client_secret": "another secret than the provider knows of"}),
    ],
)
async def test_a_stolen_code_is_worth_nothing(
    identities: OpenidProcess, verifier: str, back: str, changes: dict[str, str]
) -> None:
    """Without the verifier, the address or the secret that it was asked for with."""
    code = await returned(party_of(identities, "line"), identities)
    with pytest.raises(CodeRefused):
        await party_of(identities, "line", **changes).subject(code, back, NONCE, verifier, now())


async def test_what_is_published_is_kept_for_an_hour(identities: OpenidProcess) -> None:
    """A provider that is away is asked again; new keys, as after its restart, are found."""
    party, at = party_of(identities, "mynumber"), now()
    await party.address(BACK, "s" * 43, NONCE, VERIFIER, at)
    await identities.kill()
    await party.address(BACK, "s" * 43, NONCE, VERIFIER, at + timedelta(minutes=59))
    with pytest.raises(ProviderAway):
        await party.address(BACK, "s" * 43, NONCE, VERIFIER, at + timedelta(minutes=61))


async def test_an_issuer_that_names_another_is_not_followed(identities: OpenidProcess) -> None:
    """Discovery has to be the issuer's own."""
    party = party_of(identities, "line", issuer=f"{identities.url}/line/")
    with pytest.raises(ProviderAway, match="another issuer"):
        await party.address(BACK, "s" * 43, NONCE, VERIFIER, now())
