"""Lets outside platforms in: ``koban clients …`` registers them as clients of OAuth 2.0.

    open TOWN CLIENT NAME --redirect URI … --scope SCOPE …
                                   a new platform; CLIENT is its client id, such as machizukuri.
                                   Its secret is printed this once
    secret TOWN CLIENT             a new secret; the one before opens nothing from now on
    redirects TOWN CLIENT URI …    where browsers may be sent back to, letter by letter
    webhook TOWN CLIENT URL        where it is told what happens; what that is signed with is
                                   printed this once. Without URL: it is told nothing more
    close TOWN CLIENT              opens no door to it any more; links stay until citizens end them
    reopen TOWN CLIENT             opens them again
    list TOWN [--json]             platforms, what citizens can allow them, where they are told

Scopes: who (the citizen's name), balance (the sum and of each kind), grant (give points). For which
programmes a platform gives: koban programmes allow TOWN PROGRAMME CLIENT. What could not be
delivered to it: koban webhooks list.

Set up by the same ``KOBAN_*`` as the gateway. Ends with 0, or with 1 and one sentence why not.
"""

import argparse
import json
from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from config.settings import load
from config.values import is_loopback
from gateway.civic.scopes import SCOPES
from gateway.office import Office, OfficeFault, done, taught
from gateway.senders import is_here
from gateway.tickets import new_token
from ledger import acquirers, clients
from ledger.audit import Facts
from ledger.clients import Client, NewClient
from ledger.database import Connection, transaction
from notifier.webhooks import AddressRefused, check_address

REDIRECTS_MAX = 10
URI_CHARACTERS_MAX = 500
ONCE = "It is not shown again."


class _Named(msgspec.Struct, frozen=True):
    """What a client may be called."""

    code: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{1,30}$")]
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]


async def act(office: Office, options: argparse.Namespace) -> str:
    """Does what the command line says; what to print.

    Raises:
        OfficeFault, LedgerError: it was not done.
    """
    if options.act == "list":
        return await listed(office, as_json=options.json)
    async with transaction(office.pool) as connection:
        if options.act == "open":
            return await open_client(office, connection, options)
        found = await clients.client(connection, office.town, options.client)
        if found is None:
            raise OfficeFault(f"there is no client {options.client!r}; use open")
        match options.act:
            case "secret":
                return await new_secret(office, connection, found)
            case "redirects":
                return await set_redirects(office, connection, found, options.uri)
            case "webhook":
                return await set_webhook(office, connection, found, options.url)
            case _:
                return await turn(office, connection, found, closed=options.act == "close")


async def open_client(office: Office, connection: Connection, options: argparse.Namespace) -> str:
    """Registers a platform."""
    try:
        named = msgspec.convert({"code": options.client, "name": options.name}, _Named)
    except msgspec.ValidationError:
        allowed = "a code such as machizukuri (a–z, 0–9 and -), and a name of at most 60 letters"
        found = f"{options.client!r} and {options.name!r}"
        raise OfficeFault(f"CLIENT NAME: found {found}; allowed is {allowed}") from None
    scopes = list(dict.fromkeys(options.scope))
    if unknown := [scope for scope in scopes if scope not in SCOPES]:
        raise OfficeFault(f"--scope: found {unknown[0]!r}; allowed is {', '.join(SCOPES)}")
    secret = new_token()
    new = NewClient(named.code, named.name, checked_redirects(options.redirect), scopes, secret)
    if not await clients.open_client(connection, office.town, new, office.now):
        raise OfficeFault(f"a client, an acquirer or a system has the code {new.code!r}")
    after = {"name": new.name, "scopes": scopes, "redirect_uris": new.redirect_uris}
    await _note(office, connection, "opened", new.code, after=after)
    return f"client id      {new.code}\nclient secret  {secret}\n{ONCE}"


def checked_redirects(uris: Sequence[str]) -> list[str]:
    """Addresses that a browser may be sent back to: https, or this machine while trying out.

    Raises:
        OfficeFault: one is none.
    """
    if len(uris) > REDIRECTS_MAX:
        raise OfficeFault(f"found {len(uris)} addresses; allowed are {REDIRECTS_MAX}")
    for uri in uris:
        try:
            parts = urlsplit(uri)
            host = parts.hostname or ""
        except ValueError:
            host, parts = "", urlsplit("")
        safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
        plain = uri.isascii() and uri.isprintable() and not set(uri) & set(" \"'<>;\\")
        too_long = len(uri) > URI_CHARACTERS_MAX
        if not (safe and host and plain) or parts.username or "#" in uri or too_long:
            raise OfficeFault(
                f"found {uri!r}; allowed is an https address without a fragment, such as "
                "https://platform.example/back"
            )
    return list(dict.fromkeys(uris))


async def new_secret(office: Office, connection: Connection, found: Client) -> str:
    """Another secret."""
    secret = new_token()
    await clients.set_secret(connection, office.town, found.client, secret)
    await _note(office, connection, "secret_made", found.code)
    return f"client secret  {secret}\n{ONCE} The one before opens nothing any more."


async def set_redirects(
    office: Office, connection: Connection, found: Client, uris: list[str]
) -> str:
    """Other addresses to send browsers back to."""
    uris = checked_redirects(uris)
    await clients.set_redirect_uris(connection, office.town, found.client, uris)
    before, after = {"redirect_uris": found.redirect_uris}, {"redirect_uris": uris}
    await _note(office, connection, "redirects_changed", found.code, before=before, after=after)
    return f"Browsers go back from {found.code} to {', '.join(uris)}."


async def set_webhook(
    office: Office, connection: Connection, found: Client, url: str | None
) -> str:
    """Where the platform is told, and what that is signed with."""
    settings, secret = load(), new_token()
    if url is not None:
        try:
            check_address(url, loopback=is_here(settings))
        except AddressRefused as error:
            raise OfficeFault(f"found {url!r}; {error}") from None
    await clients.set_webhook(connection, office.vault, office.town, found.client, url, secret)
    before, after = {"webhook_url": found.webhook_url}, {"webhook_url": url}
    await _note(office, connection, "webhook_changed", found.code, before=before, after=after)
    if url is None:
        return f"{found.code} is told nothing any more."
    return f"key id  {found.code}\nsecret  {secret}\n{ONCE} {url} is told, signed with it."


async def turn(office: Office, connection: Connection, found: Client, *, closed: bool) -> str:
    """Closes or reopens a platform."""
    state = "closed" if closed else "open"
    await acquirers.set_acquirer_state(connection, office.town, found.client, state)
    before, after = {"state": found.state}, {"state": state}
    await _note(office, connection, "state_changed", found.code, before=before, after=after)
    return f"{found.code} is {state}."


async def listed(office: Office, *, as_json: bool) -> str:
    """Every platform."""
    found = await clients.clients(office.pool, office.town)
    if as_json:
        return json.dumps([msgspec.to_builtins(each) for each in found], ensure_ascii=False)
    lines = []
    for each in found:
        lines.append(f"{each.code:20} {each.state:7} {' '.join(each.scopes):20} {each.name}")
        lines += [f"  back to  {uri}" for uri in each.redirect_uris]
        lines.append(f"  told at  {each.webhook_url or 'nowhere'}")
    return "\n".join(lines) or "There are no clients."


async def _note(
    office: Office,
    connection: Connection,
    what: str,
    code: str,
    before: Facts | None = None,
    after: Facts | None = None,
) -> None:
    await office.note(connection, f"client.{what}", f"client:{code}", before=before, after=after)


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, read."""
    parser = taught("clients", __doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    made = acts.add_parser("open")
    for word in ("town", "client", "name"):
        made.add_argument(word)
    made.add_argument("--redirect", nargs="+", required=True, metavar="URI")
    made.add_argument("--scope", nargs="+", required=True, metavar="SCOPE")
    for name in ("secret", "redirects", "webhook", "close", "reopen"):
        one = acts.add_parser(name)
        one.add_argument("town")
        one.add_argument("client")
        if name == "redirects":
            one.add_argument("uri", nargs="+", metavar="URI")
        elif name == "webhook":
            one.add_argument("url", nargs="?", metavar="URL")
    listing = acts.add_parser("list")
    listing.add_argument("town")
    listing.add_argument("--json", action="store_true")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """The command; its exit status."""
    options = arguments(words)
    return done("clients", options.town, lambda office: act(office, options))
