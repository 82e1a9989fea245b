"""The doors as a real process opens them, over real HTTP."""

import httpx

from tests.support.gateways import GatewayProcess, StartGateway


async def test_a_real_gateway_answers_at_every_kind_of_address(gateway: GatewayProcess) -> None:
    """API, health, documents, pages; each under the same protection, none shadowed by another."""
    async with httpx.AsyncClient(base_url=gateway.url, trust_env=False) as client:
        expected = {
            "/api/nagaoka/town": (200, "application/json"),
            "/api/nagaoka/shops": (200, "application/json"),
            "/api/nagaoka/nothing": (404, "application/json"),
            "/api/atlantis/town": (404, "application/json"),
            "/healthz": (200, "application/json"),
            "/docs/http": (200, "text/html"),
            "/docs/websocket": (200, "text/html"),
            "/docs/openapi.json": (200, "application/json"),
            "/docs/asyncapi.json": (200, "application/json"),
            "/nagaoka/s/1234567": (404, "text/html"),
            "/demo/sms": (200, "text/html"),
            "/atlantis/wallet": (404, "text/html"),
        }
        for path, (status, media) in expected.items():
            answer = await client.get(path)
            got = (answer.status_code, answer.headers.get("content-type", "").split(";")[0])
            assert got == (status, media), path
            assert answer.headers["x-content-type-options"] == "nosniff", path
            assert "default-src 'none'" in answer.headers["content-security-policy"], path
            assert "server" not in answer.headers


async def test_addresses_behind_a_balancer_are_the_callers_own(
    start_gateway: StartGateway,
) -> None:
    """The balancer on this machine names the caller; one caller's limit is not everybody's."""
    gateway = await start_gateway(DEMO="0")
    async with httpx.AsyncClient(base_url=gateway.url, trust_env=False) as client:

        async def knock(address: str) -> int:
            answer = await client.post(
                "/api/nagaoka/terminal/enrol",
                json={"code": "x" * 43},
                headers={"X-Forwarded-For": address},
            )
            return answer.status_code

        statuses = [await knock("203.0.113.7") for _ in range(150)]
        assert 429 in statuses
        assert await knock("203.0.113.8") == 410
