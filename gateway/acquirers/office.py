"""Lets acquirers in: ``koban acquirers …``, which is ``python -m gateway.acquirers …``.

    open TOWN ACQUIRER NAME          a new acquirer; ACQUIRER is its code, such as ring-pay
    close TOWN ACQUIRER              takes no new payments; asks, cancels and refunds go on
    reopen TOWN ACQUIRER             takes payments again
    key TOWN ACQUIRER                a new key; its secret is printed this once. At most two live
    revoke TOWN ACQUIRER KEY         ends a key at once
    map TOWN ACQUIRER MERCHANT SHOP  MERCHANT is the acquirer's own id, SHOP the sticker's 7 digits
    unmap TOWN ACQUIRER MERCHANT     the merchant id is no shop any more
    list TOWN                        acquirers, keys and merchants

To change a key without a pause: ``key``, give the new one to the acquirer, then ``revoke`` the old.
Set up by the same ``KOBAN_*`` as the gateway. Ends with 0, or with 1 and one sentence why not.
"""

import argparse
import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from config.settings import load
from gateway.acquirers.keys import Keys
from gateway.office import DONE, OfficeFault, ended, taught
from gateway.protocol.api_acquirer import Merchant
from ledger import accounts, acquirers, audit
from ledger.acquirers import Acquirer
from ledger.audit import Facts
from ledger.database import Connection, open_pool, transaction
from ledger.towns import town_number
from ledger.vault import Vault

ACTS = {
    "open": ("acquirer", "name"),
    "close": ("acquirer",),
    "reopen": ("acquirer",),
    "key": ("acquirer",),
    "revoke": ("acquirer", "key"),
    "map": ("acquirer", "merchant", "shop"),
    "unmap": ("acquirer", "merchant"),
    "list": (),
}


class NewAcquirer(msgspec.Struct, frozen=True):
    """What an acquirer may be called."""

    code: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{1,30}$")]
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]


class AcquirerFault(OfficeFault):
    """It was not done; the message says why and what to do."""


async def run(options: argparse.Namespace) -> str:
    """Does what the command line says; what to print.

    Raises:
        AcquirerFault, LedgerError, SettingsError: it was not done.
    """
    settings = load()
    pool = await open_pool(settings.postgres_dsn, 1)
    try:
        town = await town_number(pool, options.town)
        if town is None:
            raise AcquirerFault(f"there is no town {options.town!r}; start a gateway for it first")
        keys = Keys(Vault.of(settings), pool)
        async with transaction(pool) as connection:
            return await Office(connection, town, keys, datetime.now(UTC)).do(options)
    finally:
        await pool.close()


class Office:
    """What is done about a town's acquirers at the instant ``now``, with a line in the audit.

    ``connection`` is in a transaction: an act is done with its line, or not at all.
    """

    def __init__(self, connection: Connection, town: int, keys: Keys, now: datetime) -> None:
        self._connection = connection
        self._town = town
        self._keys = keys
        self._now = now

    async def do(self, options: argparse.Namespace) -> str:
        """Does an act; what to print."""
        if options.act == "list":
            return await self.list()
        if options.act == "open":
            return await self.open(options.acquirer, options.name)
        acquirer = await self.acquirer(options.acquirer)
        match options.act:
            case "close" | "reopen":
                return await self.turn(acquirer, closed=options.act == "close")
            case "key":
                return await self.key(acquirer)
            case "revoke":
                return await self.revoke(acquirer, options.key)
            case "map":
                return await self.map(acquirer, options.merchant, options.shop)
            case _:
                return await self.unmap(acquirer, options.merchant)

    async def acquirer(self, code: str) -> Acquirer:
        """The acquirer with this code."""
        found = await acquirers.acquirer_by_code(self._connection, self._town, code)
        if found is None:
            raise AcquirerFault(f"there is no acquirer {code!r}; use open")
        return found

    async def open(self, code: str, name: str) -> str:
        """Opens an acquirer."""
        try:
            asked = msgspec.convert({"code": code, "name": name}, NewAcquirer)
        except msgspec.ValidationError as error:
            raise AcquirerFault(str(error)) from None
        made = await acquirers.open_acquirer(
            self._connection, self._town, asked.code, asked.name, self._now
        )
        if made is None:
            raise AcquirerFault(f"there is already an acquirer {code!r}")
        await self._note("opened", made, after={"name": name})
        return f"{name} is {code}. Next: key, and map for each shop."

    async def turn(self, acquirer: Acquirer, *, closed: bool) -> str:
        """Closes or reopens an acquirer."""
        state = "closed" if closed else "open"
        await acquirers.set_acquirer_state(self._connection, self._town, acquirer.acquirer, state)
        before = {"state": acquirer.state}
        await self._note("state_changed", acquirer, before=before, after={"state": state})
        return f"{acquirer.code} is {state}."

    async def key(self, acquirer: Acquirer) -> str:
        """Makes a key."""
        made = await self._keys.make(self._town, acquirer.acquirer, self._now, self._connection)
        if made is None:
            raise AcquirerFault(
                f"{acquirer.code} has {acquirers.LIVE_KEYS_MAX} live keys; revoke one first"
            )
        await self._note("key_made", acquirer, after={"key": made.key_id})
        return f"key id  {made.key_id}\nsecret  {made.secret}\nThe secret is not shown again."

    async def revoke(self, acquirer: Acquirer, key_id: str) -> str:
        """Ends a key."""
        keys = await acquirers.keys(self._connection, self._town, acquirer.acquirer)
        known = {key.key_id for key in keys if key.revoked_at is None}
        if key_id not in known:
            raise AcquirerFault(f"{acquirer.code} has no live key {key_id!r}")
        await acquirers.revoke_key(self._connection, self._town, key_id, self._now)
        await self._note("key_revoked", acquirer, before={"key": key_id})
        return f"{key_id} is revoked; {acquirer.code} has {len(known) - 1} live keys."

    async def map(self, acquirer: Acquirer, merchant: str, shop_code: str) -> str:
        """Makes a merchant id a shop."""
        try:
            msgspec.convert(merchant, Merchant)
        except msgspec.ValidationError as error:
            raise AcquirerFault(f"merchant: {error}") from None
        shop = await accounts.shop_by_code(self._connection, self._town, shop_code)
        if shop is None:
            raise AcquirerFault(f"no shop's sticker carries {shop_code!r}")
        if not await acquirers.map_merchant(
            self._connection, self._town, acquirer.acquirer, merchant, shop.account, self._now
        ):
            raise AcquirerFault(f"{merchant} is a shop already; unmap it first")
        facts = {"merchant": merchant, "shop": shop.account}
        await self._note("merchant_mapped", acquirer, after=facts)
        return f"{merchant} of {acquirer.code} is {shop.name}."

    async def unmap(self, acquirer: Acquirer, merchant: str) -> str:
        """Makes a merchant id no shop."""
        if not await acquirers.end_merchant(
            self._connection, self._town, acquirer.acquirer, merchant, self._now
        ):
            raise AcquirerFault(f"{merchant} of {acquirer.code} is no shop")
        await self._note("merchant_ended", acquirer, before={"merchant": merchant})
        return f"{merchant} of {acquirer.code} is no shop any more."

    async def list(self) -> str:
        """All there is."""
        lines = []
        for acquirer in await acquirers.acquirers(self._connection, self._town):
            lines.append(f"{acquirer.code}  {acquirer.name}  {acquirer.state}")
            for key in await acquirers.keys(self._connection, self._town, acquirer.acquirer):
                ended = f", revoked {key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else ""
                lines.append(f"  key {key.key_id}  made {key.made_at:%Y-%m-%d %H:%M}{ended}")
            mapped = await acquirers.merchants(self._connection, self._town, acquirer.acquirer)
            lines += [
                f"  merchant {one.merchant}  {one.shop_code} {one.shop_name}" for one in mapped
            ]
        return "\n".join(lines) or "There are no acquirers."

    async def _note(
        self, what: str, acquirer: Acquirer, before: Facts | None = None, after: Facts | None = None
    ) -> None:
        await audit.record(
            self._connection,
            self._town,
            audit.at_command_line(),
            f"acquirer.{what}",
            f"acquirer:{acquirer.acquirer}",
            self._now,
            before=before,
            after=after,
        )


def main(words: Sequence[str] | None = None) -> int:
    """The command; its exit status."""
    parser = taught("acquirers", __doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    for name, more in ACTS.items():
        act = acts.add_parser(name)
        for word in ("town", *more):
            act.add_argument(word)
    options = parser.parse_args(words)

    def act_now() -> int:
        print(asyncio.run(run(options)))
        return DONE

    return ended("acquirers", act_now)
