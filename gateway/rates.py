"""How often an address or an account may ask: token buckets, in bounded memory.

These limits keep one caller from crowding out the others on this gateway. What protects secrets
(wrong PINs and passwords, codes sent to a phone) is counted in Postgres instead, for all gateways
together and over restarts.
"""

from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from time import monotonic

from msgspec import Struct


class Rate(Struct, frozen=True):
    """``burst`` at once, then ``per_s``."""

    burst: float
    per_s: float


# A caller's address may be a carrier's, shared by thousands of phones; a session's own limit is the
# sharp one, and only what comes without a session counts against the address.
ANONYMOUS = Rate(burst=200, per_s=20)
# Asking for a code, a password, an enrolment: each costs an SMS or an argon2.
DOOR = Rate(burst=60, per_s=2)
ACCOUNT = Rate(burst=60, per_s=20)
# One acquirer is many shops' POS: a lunch hour of a whole town, with as many questions as payments.
ACQUIRER = Rate(burst=400, per_s=200)
PROVIDER = Rate(burst=400, per_s=200)
# Redeeming a serial card: as fast as somebody types, not as a program guesses.
CARD = Rate(burst=10, per_s=0.1)
# Opening an order with a provider: each is work and paper for somebody else, too.
ORDER = Rate(burst=10, per_s=0.05)
# Beginning a shop's application: an owner tries a few times, a program fills the operator's desk.
JOINING = Rate(burst=10, per_s=0.01)
# Pictures with what people send: each is up to a second of work, and a few are enough for a day.
PICTURE = Rate(burst=10, per_s=0.01)
# Looking up whom to send to: a person knows a few numbers, a collector tries thousands.
RECIPIENT = Rate(burst=10, per_s=0.02)
# In a sale everybody is told when to ask again. A person reloads now and then; a program does not
# get further by asking more, and neither does whoever has many at one address.
SALE = Rate(burst=6, per_s=0.5)
SALE_ADDRESS = Rate(burst=4_000, per_s=500)

BUCKETS_MAX = 50_000  # About 10 MB; who was longest quiet is forgotten first.


class Bucket:
    __slots__ = ("at", "tokens")

    def __init__(self, tokens: float, at: float) -> None:
        self.tokens = tokens
        self.at = at


class Rates:
    """One kind of limit, over many keys. ``clock`` counts seconds."""

    def __init__(
        self,
        rate: Rate,
        *,
        buckets_max: int = BUCKETS_MAX,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._rate = rate
        self._buckets_max = buckets_max
        self._clock = clock
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, key: str) -> int:
        """Takes one; 0 when it was there, else in how many milliseconds there will be one."""
        bucket = self._filled(key)
        if bucket.tokens < 1:
            return max(1, int((1 - bucket.tokens) / self._rate.per_s * 1000))
        bucket.tokens -= 1
        return 0

    def _filled(self, key: str) -> Bucket:
        now = self._clock()
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(self._rate.burst, now)
            if len(self._buckets) > self._buckets_max:
                self._buckets.popitem(last=False)
            return bucket
        self._buckets.move_to_end(key)
        bucket.tokens = min(self._rate.burst, bucket.tokens + (now - bucket.at) * self._rate.per_s)
        bucket.at = now
        return bucket

    def __len__(self) -> int:
        return len(self._buckets)


def address_key(host: str | None) -> str:
    """Whom an address stands for: one IPv4 address, or one IPv6 network of 64 bits."""
    try:
        address = ip_address(host or "")
    except ValueError:
        return host or "nobody"
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return address.exploded[:19]
    return str(address)
