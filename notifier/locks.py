"""The wallets' locks in Redis: one script call takes a whole batch's, one gives them back (or the
next batch's taking does).

They keep two gateways from queueing on the same rows of Postgres; they decide nothing, and every
rule holds without them. Each batch gets a fencing number; a lock carries its holder's, so that only
the holder gives it back, and it fades by itself if the holder dies. All keys of a town share a hash
tag, so that they live on one node of a cluster.

``healthy`` False: Redis is gone. `take` then answers at once that there are no locks to be had,
without asking, and the way back is tried in the background.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import structlog
from msgspec import Struct
from redis.exceptions import NoScriptError, RedisError

from ledger.requests import Request
from notifier.broker import channel, client

# A script takes well under a millisecond. Past this Redis is as good as gone, and one batch has
# waited for it; the following ones do not.
ANSWER_S = 0.25
AGAIN_S = 0.5

# Gives back first, then takes: an earlier batch's wallets may be wanted again.
_TAKE = """
local last = ARGV[3] + 1
for i = last + 1, #KEYS do
  if redis.call('GET', KEYS[i]) == ARGV[i - last + 3] then redis.call('DEL', KEYS[i]) end
end
local fence = redis.call('INCR', KEYS[1])
local holder = ARGV[2] .. ':' .. fence
local held = {}
for i = 2, last do
  if not redis.call('SET', KEYS[i], holder, 'NX', 'PX', ARGV[1]) then
    held[#held + 1] = i - 2
  end
end
return {holder, held}
"""

# The news goes with the same call: whoever waited for a wallet learns of its events as soon.
_GIVE_BACK = """
local given = 0
for i = 1, #KEYS do
  if redis.call('GET', KEYS[i]) == ARGV[1] then
    redis.call('DEL', KEYS[i])
    given = given + 1
  end
end
if ARGV[3] ~= '' then redis.call('PUBLISH', ARGV[2], ARGV[3]) end
return given
"""

log = structlog.get_logger("notifier.locks")


class Hold(Struct, frozen=True):
    """The locks a batch holds. ``held_elsewhere``: which of the asked keys it did not get."""

    holder: str
    keys: list[str]
    held_elsewhere: frozenset[str]


def lock_key(town: int, request: Request) -> str:
    """What a request contends for: its wallet, or what stands for it before the ledger looks."""
    if request.wallet is not None:
        return f"koban:{{{town}}}:wallet:{request.wallet}"
    if request.refers is not None:
        return f"koban:{{{town}}}:payment:{request.refers}"
    return f"koban:{{{town}}}:code:{request.code}"


class Locks:
    """The locks of all towns, through one connection (so that giving back precedes taking anew)."""

    def __init__(self, url: str, gateway: str, ttl_ms: int) -> None:
        self._url = url
        self._gateway = gateway
        self._ttl_ms = ttl_ms
        self._redis = client(url, ANSWER_S, single=True)
        self._scripts: tuple[str, str] = ("", "")
        self._return: asyncio.Task[None] | None = None
        self._asking = 0  # Calls under way.
        self.healthy = False

    async def start(self) -> None:
        """Connects; without Redis it returns all the same, and goes on trying."""
        await self._connect()
        if not self.healthy:
            self._lost("not there yet")

    async def stop(self) -> None:
        """Leaves. Locks still held fade."""
        if self._return is not None:
            self._return.cancel()
            await asyncio.gather(self._return, return_exceptions=True)
        with suppress(RedisError, OSError, TimeoutError):
            await self._redis.aclose()

    async def take(self, town: int, keys: Sequence[str], back: Sequence[Hold] = ()) -> Hold | None:
        """Takes these locks (each key once), and gives earlier ones back in the same call.

        None when Redis is gone: go on without.
        """
        if not self.healthy:
            return None
        returned = [key for hold in back for key in hold.keys]
        holders = [hold.holder for hold in back for _ in hold.keys]
        answer = await self._call(
            0,
            [f"koban:{{{town}}}:fence", *keys, *returned],
            [self._ttl_ms, self._gateway, len(keys), *holders],
        )
        if answer is None:
            return None
        holder, held = answer
        missing = frozenset(keys[index] for index in held)
        mine = [key for key in keys if key not in missing] if missing else list(keys)
        return Hold(holder.decode(), mine, missing)

    async def give_back(self, town: int, hold: Hold, news: bytes) -> None:
        """Gives the locks back and publishes ``news`` (if any) to the town's channel."""
        if self.healthy:
            await self._call(1, hold.keys, [hold.holder, channel(town), news])

    async def _call(
        self, script: int, keys: Sequence[str], values: Sequence[str | int | bytes]
    ) -> tuple[bytes, list[int]] | None:
        self._asking += 1
        try:
            try:
                return await self._redis.evalsha(  # type: ignore[no-any-return]
                    self._scripts[script], len(keys), *keys, *values
                )
            except NoScriptError:
                # Redis was restarted, or another took over: its scripts are gone, nothing else.
                await self._load()
                return await self._redis.evalsha(  # type: ignore[no-any-return]
                    self._scripts[script], len(keys), *keys, *values
                )
        except (RedisError, OSError, TimeoutError) as error:
            self._lost(str(error) or type(error).__name__)
            return None
        finally:
            self._asking -= 1

    async def _load(self) -> None:
        self._scripts = (
            await self._redis.script_load(_TAKE),
            await self._redis.script_load(_GIVE_BACK),
        )

    async def _connect(self) -> None:
        try:
            await self._load()
        except (RedisError, OSError, TimeoutError):
            return
        self.healthy = True

    def _lost(self, why: str) -> None:
        self.healthy = False
        if self._return is None or self._return.done():
            log.warning("redis_locks_gone", error=why)
            self._return = asyncio.create_task(self._come_back(), name="locks come back")

    async def _come_back(self) -> None:
        while not self.healthy:
            await asyncio.sleep(AGAIN_S)
            if self._asking:
                # The client gives a connection back twice that is closed under a call, and the
                # call ends with a KeyError. None is new now, and each soon times out.
                continue
            with suppress(RedisError, OSError, TimeoutError):
                await self._redis.aclose()
            self._redis = client(self._url, ANSWER_S, single=True)
            await self._connect()
        log.info("redis_locks_back")
