"""Claims in Redis: of several gateways one does a thing, also while Postgres is away."""

from redis.exceptions import RedisError

from notifier.broker import client

PATIENCE_S = 1.0


class Claims:
    """Claims of one gateway. ``gateway`` is its name."""

    def __init__(self, url: str, gateway: str) -> None:
        self._redis = client(url, PATIENCE_S)
        self._gateway = gateway

    async def take(self, name: str, ttl_s: int) -> bool | None:
        """Whether it is ours now, for so long; None where Redis cannot be asked."""
        try:
            return bool(await self._redis.set(_key(name), self._gateway, nx=True, ex=ttl_s))
        except (RedisError, OSError, TimeoutError):
            return None

    async def release(self, name: str) -> None:
        """Lets anybody claim it again, if Redis can be told."""
        try:
            await self._redis.delete(_key(name))
        except (RedisError, OSError, TimeoutError):
            return

    async def close(self) -> None:
        """Closes the connections."""
        await self._redis.aclose()


def _key(name: str) -> str:
    return f"koban:claim:{name}"
