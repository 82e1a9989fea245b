"""The waiting room of a first-come sale, in Redis: who stands where, and nothing else.

A queue is a sorted set of wallets, each once, by a score: the place in the order, which is the
caller's for those who came before the opening or come back with a place they had, and else the
instant of arrival as Redis hears of it. Instants only ever grow, also where callers' clocks differ,
so of two who come the one whose call is carried out first stands first. Several people's questions
are one call of one script.

Redis may lose all of it at any moment. Then the next call makes a new room, with another number;
the people come back by the places that they carry themselves (`gateway.sales.places`), and who has
bought is Postgres's to know. All keys of a town share a hash tag.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from secrets import randbits

import structlog
from msgspec import Struct
from redis.exceptions import NoScriptError, RedisError

from notifier.broker import client

# As for the locks: past this Redis is as good as gone. It is asked again a moment later.
ANSWER_S = 0.25
AGAIN_S = 0.5
KEPT_MS = 24 * 3_600_000  # A room that nobody asks about for a day is forgotten.
ROOM_BITS = 52  # No room has another one's number, or 0.

# KEYS: the queue, the room. ARGV: a number for the room if it is new, KEPT_MS, now (µs), the latest
# instant that was told (ms), then for each a wallet and a score: a number, to stand there or
# better; "+", where they come now; "?", nowhere, if they do not stand already. Gives how many
# stand, how many places were sold when they were counted, and for each the score and how many stand
# before.
_ASK = """
local queue, room = KEYS[1], KEYS[2]
redis.call('HSETNX', room, 'number', ARGV[1])
local last = tonumber(redis.call('HGET', room, 'last') or '0')
if tonumber(ARGV[4]) > tonumber(redis.call('HGET', room, 'told') or '0') then
  redis.call('HSET', room, 'told', ARGV[4])
end
for i = 5, #ARGV, 2 do
  local wallet, score = ARGV[i], ARGV[i + 1]
  if score == '+' then
    if not redis.call('ZSCORE', queue, wallet) then
      last = math.max(last + 1, tonumber(ARGV[3]))
      redis.call('ZADD', queue, string.format('%.0f', last), wallet)
    end
  elseif score ~= '?' then
    redis.call('ZADD', queue, 'LT', score, wallet)
  end
end
redis.call('HSET', room, 'last', string.format('%.0f', last))
redis.call('PEXPIRE', queue, ARGV[2])
redis.call('PEXPIRE', room, ARGV[2])
local answer = {
  redis.call('ZCARD', queue),
  redis.call('HGET', room, 'sold') or '0',
}
for i = 5, #ARGV, 2 do
  local score = redis.call('ZSCORE', queue, ARGV[i])
  if score then
    answer[#answer + 1] = string.format('%.0f', tonumber(score))
    answer[#answer + 1] = redis.call('ZRANK', queue, ARGV[i])
  else
    answer[#answer + 1] = ''
    answer[#answer + 1] = -1
  end
end
return answer
"""

# Who stands first; ARGV: a number for the room if it is new, KEPT_MS, how many.
_HEAD = """
redis.call('HSETNX', KEYS[2], 'number', ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
local answer = {
  redis.call('HGET', KEYS[2], 'number'),
  redis.call('HGET', KEYS[2], 'told') or '0',
}
if tonumber(ARGV[3]) > 0 then -- Up to -1 would be up to the last.
  for _, wallet in ipairs(redis.call('ZRANGE', KEYS[1], 0, tonumber(ARGV[3]) - 1)) do
    answer[#answer + 1] = wallet
  end
end
return answer
"""

# These were served, or refused for good; ARGV: how many places are sold with them, then who.
_LEAVE = """
for i = 2, #ARGV do redis.call('ZREM', KEYS[1], ARGV[i]) end
if redis.call('EXISTS', KEYS[2]) == 1
    and tonumber(ARGV[1]) > tonumber(redis.call('HGET', KEYS[2], 'sold') or '0') then
  redis.call('HSET', KEYS[2], 'sold', ARGV[1])
end
return 1
"""

ARRIVING = "+"
LOOKING = "?"

log = structlog.get_logger("notifier.waiting_room")


class Asked(Struct, frozen=True):
    """A wallet's question: ``score`` is a number of its own, `ARRIVING` or `LOOKING`."""

    wallet: int
    score: int | str


class Standing(Struct, frozen=True):
    """Where a wallet stands: how many ``before`` it, of how many ``waiting``. ``sold``: the places
    that were sold to those who stand there no longer.
    """

    score: int
    before: int
    waiting: int
    sold: int


class Head(Struct, frozen=True):
    """Who is first. ``room``: the room's number; ``told_ms``: the latest instant that anybody was
    told to ask again, 0 where nobody was.
    """

    room: int
    told_ms: int
    wallets: list[int]


class WaitingRooms:
    """The waiting rooms of all sales. Answers None while Redis is away, at once."""

    def __init__(self, url: str) -> None:
        self._redis = client(url, ANSWER_S)
        self._hashes: dict[str, str] = {}
        self._again_at = 0.0
        self.healthy = True

    async def close(self) -> None:
        """Leaves Redis."""
        await self._redis.aclose()

    async def ask(
        self, town: int, offer: int, asked: Sequence[Asked], now: datetime, told_ms: int
    ) -> list[Standing | None] | None:
        """Where these wallets stand, having taken their places if they are to; None for each that
        stands nowhere.
        """
        at = round(now.timestamp() * 1_000_000)
        values: list[str | int] = [randbits(ROOM_BITS), KEPT_MS, at, told_ms]
        for one in asked:
            values += (one.wallet, one.score)
        answer = await self._call(_ASK, town, offer, values)
        if answer is None:
            return None
        waiting, sold = int(answer[0]), int(answer[1])
        return [
            Standing(int(score), int(before), waiting, sold) if score else None
            for score, before in zip(answer[2::2], answer[3::2], strict=True)
        ]

    async def head(self, town: int, offer: int, count: int) -> Head | None:
        """The first ``count`` of a queue. A room that is not there is made."""
        values = [randbits(ROOM_BITS), KEPT_MS, count]
        answer = await self._call(_HEAD, town, offer, values)
        if answer is None:
            return None
        return Head(int(answer[0]), int(answer[1]), [int(wallet) for wallet in answer[2:]])

    async def leave(self, town: int, offer: int, wallets: Sequence[int], sold: int) -> None:
        """Takes wallets out of a queue; ``sold``: the places that are sold with theirs."""
        await self._call(_LEAVE, town, offer, [sold, *wallets])

    async def _call(
        self, script: str, town: int, offer: int, values: Sequence[str | int]
    ) -> list[bytes | int] | None:
        loop = asyncio.get_running_loop()
        if loop.time() < self._again_at:
            return None
        keys = (f"koban:{{{town}}}:sale:{offer}:queue", f"koban:{{{town}}}:sale:{offer}:room")
        try:
            answer = await self._carry_out(script, keys, values)
        except (RedisError, OSError, TimeoutError) as error:
            self._again_at = loop.time() + AGAIN_S
            if self.healthy:
                log.warning("redis_waiting_rooms_gone", error=str(error) or type(error).__name__)
            self.healthy = False
            return None
        if not self.healthy:
            log.info("redis_waiting_rooms_back")
        self.healthy = True
        return answer

    async def _carry_out(
        self, script: str, keys: Sequence[str], values: Sequence[str | int]
    ) -> list[bytes | int]:
        if script in self._hashes:
            try:
                return await self._redis.evalsha(  # type: ignore[no-any-return]
                    self._hashes[script], len(keys), *keys, *values
                )
            except NoScriptError:
                pass  # Redis was restarted, or another took over.
        self._hashes[script] = await self._redis.script_load(script)
        return await self._redis.evalsha(  # type: ignore[no-any-return]
            self._hashes[script], len(keys), *keys, *values
        )
