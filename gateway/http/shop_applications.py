"""Applications of shops, for operators: looked through, asked about, accepted, declined, erased.

Accepting makes the shop with all that lets it begin (account, sticker, listing, groups, marks, bank
account, tablets' enrolments, its manager's invitation) in one transaction.
"""

from datetime import timedelta

import msgspec
from msgspec import Struct

from gateway.banking import banks
from gateway.http import marks
from gateway.http.acts import Act, acting
from gateway.http.call import Call
from gateway.http.console import new_enrolment
from gateway.http.groups import checked_groups
from gateway.http.joining import note_info, refusal
from gateway.http.people import keep
from gateway.http.pictures import qr_svg
from gateway.http.shop_details import details_info
from gateway.http.shops import no_shop, shop_of
from gateway.http.town import shop_info
from gateway.jobs.shop_applications import tell_applicant
from gateway.protocol import api
from gateway.protocol import api_joining as joining
from gateway.refused import Refused
from gateway.signin import milliseconds
from gateway.tickets import new_token
from ledger import accounts, audit, identity, staff
from ledger.audit import Actor, ActorKind
from ledger.database import Connection, transaction
from ledger.grants import By
from ledger.ids import uuid7
from ledger.requests import Rank
from ledger.settlement.bank_accounts import TAIL_DIGITS
from ledger.shops import alike, applications, notes, opening
from ledger.shops.alike import Alike
from ledger.shops.applicants import Contact
from ledger.shops.applications import Application, ShopApplicationRefused
from ledger.shops.notes import Note
from ledger.staff import Post, StaffNameTaken

# Printed and handed over, or read out: longer than a tablet's code, which is used on the spot.
INVITATION_TTL = timedelta(days=14)


class ApplicationPath(Struct, frozen=True):
    application: joining.Number


async def listed(call: Call) -> joining.JoinLines:
    """Applications, newest first."""
    query = call.query_as(joining.JoinLinesQuery)
    found = await applications.applications(
        call.context.pool,
        call.context.auth.vault,
        call.town.number,
        query.state,
        query.before,
        query.limit,
    )
    more = len(found) == query.limit
    lines = [_line(each) for each in found]
    return joining.JoinLines(lines, found[-1].application if more else None)


async def shown(call: Call) -> joining.JoinApplication:
    """One application, and what may be the same shop."""
    async with transaction(call.context.pool) as connection:
        return await _shown(call, connection, await _found(call, connection))


async def ask(call: Call) -> joining.JoinApplication:
    """Asks the applicant something."""
    text, vault, town = call.body_as(joining.JoinText).text, call.context.auth.vault, call.town
    async with acting(call) as act:
        found = await _found(call, act.connection)
        try:
            await applications.ask(act.connection, vault, town.number, found, text, call.now)
        except ShopApplicationRefused as refused:
            raise refusal(refused) from refused
        told = await _shown(call, act.connection, await _found(call, act.connection))
        await _have_told(act.connection, call.town.number, found)
        await act.record("shop_application.asked", _subject(found))
    return told


async def decline(call: Call) -> joining.JoinApplication:
    """Declines, with a reason."""
    text, vault, town = call.body_as(joining.JoinText).text, call.context.auth.vault, call.town
    async with acting(call) as act:
        found = await _found(call, act.connection)
        try:
            await applications.decline(
                act.connection, vault, town.number, found, text, call.session.name, call.now
            )
        except ShopApplicationRefused as refused:
            raise refusal(refused) from refused
        told = await _shown(call, act.connection, await _found(call, act.connection))
        await _have_told(act.connection, call.town.number, found)
        await act.record("shop_application.declined", _subject(found))
    return told


async def accept(call: Call) -> joining.ShopJoined:
    """Makes the shop, and everything that lets it begin."""
    body, town, vault = call.body_as(joining.AcceptShop), call.town.number, call.context.auth.vault
    groups = checked_groups(call.town.profile, body.groups)
    wanted = [(mark.scheme, marks.new_mark(mark)) for mark in body.marks]
    by = By(call.session.operator, call.session.name)
    async with acting(call) as act:
        await act.alone()
        connection, found = act.connection, await _found(call, act.connection)
        if found.state not in applications.OPEN:
            raise Refused("application_settled")
        written = await notes.notes(connection, vault, town, found.application)
        if body.digest != _digest(call, found, written):  # The applicant may correct it any time.
            raise Refused("review_changed", field="digest")
        if not body.despite_alike:
            _check_alike(await alike.alike(connection, vault, town, found))
        shop = await opening.open_applied(
            connection, vault, town, found.details, found.contact, groups, by, call.now
        )
        for scheme, mark in wanted:
            await marks.put_mark(call, connection, shop.account, scheme, mark)
        tablets = [await _tablet(call, act, shop.account, label) for label in body.tablets]
        invitation = await _invitation(call, connection, shop.account)
        await applications.accept(connection, town, found, shop.account, by.name, call.now)
        await _have_told(connection, town, found)
        after = {"shop": shop.account, "title": shop.name, "groups": ", ".join(groups)}
        await act.record("shop_application.accepted", _subject(found), after=after)
    call.context.public_answers.forget(town)
    return joining.ShopJoined(shop_info(shop), tablets, invitation)


async def erase(call: Call) -> api.Done:
    """Forgets who applied, once it is decided; that there was an application stays."""
    async with acting(call) as act:
        found = await _found(call, act.connection)
        try:
            await applications.erase(act.connection, call.town.number, found)
        except ShopApplicationRefused as refused:
            raise refusal(refused) from refused
        await act.record("shop_application.erased", _subject(found))
    return api.Done()


# -- the shop's manager ----------------------------------------------------------------------------


async def invite(call: Call) -> joining.ShopInvitation:
    """A new invitation for a shop's manager; the shop's older ones work no longer."""
    shop = await shop_of(call)
    async with acting(call) as act:
        invitation = await _invitation(call, act.connection, shop.account)
        await act.record("shop.manager_invited", f"shop:{shop.account}")
    return invitation


async def join(call: Call) -> api.SignedIn:
    """Lets a shop's manager in, who chose name, password and PIN."""
    body, town, auth = call.body_as(joining.StaffJoin), call.town.number, call.context.auth
    password_hash = await auth.hashing.hash_password(body.password)
    pin_hash = await auth.hashing.hash_pin(body.manager_pin)
    async with transaction(call.context.pool) as connection:
        shop = await opening.use_invitation(connection, town, body.invitation, call.now)
        if shop is None:
            raise Refused("invitation_over", field="invitation")
        post = Post(Rank.SHOP, shop=shop)
        try:
            number = await staff.add_staff(
                connection, town, body.name, password_hash, post, call.now
            )
        except StaffNameTaken as error:
            raise Refused("name_taken", field="name") from error
        await identity.set_manager_pin(connection, town, shop, pin_hash)
        client = call.request.client
        who = Actor(ActorKind.STAFF, number, body.name, client.host if client else "unknown")
        await audit.record(connection, town, who, "staff.joined", f"staff:{number}", call.now)
    return keep(call, await auth.doors.sign_in_staff(town, body.name, body.password, call.now))


# -- their parts -----------------------------------------------------------------------------------


async def _have_told(connection: Connection, town: int, found: Application) -> None:
    """Has the applicant told, once the act is done."""
    await tell_applicant.defer(connection, town, application=found.application, key=uuid7())


async def _found(call: Call, connection: Connection) -> Application:
    number, vault = call.path_as(ApplicationPath).application, call.context.auth.vault
    found = await applications.application(connection, vault, call.town.number, number)
    if found is None:
        raise Refused("not_found", "There is no such application.", field="application")
    return found


def _check_alike(same: list[Alike]) -> None:
    if same:
        what = [
            f"shop {each.shop}" if each.shop is not None else f"application {each.application}"
            for each in same
        ]
        message = (
            f"This may be {', '.join(dict.fromkeys(what))}. Look at it; if it is another shop, "
            "accept with despite_alike."
        )
        raise Refused("shop_known", message, field="despite_alike")


async def _tablet(call: Call, act: Act, shop: int, label: str) -> api.Enrolment:
    number = await accounts.open_terminal(act.connection, call.town.number, shop, label, call.now)
    if number is None:
        raise no_shop()
    return await new_enrolment(call, act, number)


async def _invitation(call: Call, connection: Connection, shop: int) -> joining.ShopInvitation:
    code, expires_at = new_token(), call.now + INVITATION_TTL
    await opening.invite(connection, call.town.number, shop, code, expires_at)
    # In the fragment, which browsers send to no server: it reaches no log on its way.
    qr = f"{call.context.settings.public_url}/{call.town.code}/shop#join={code}"
    return joining.ShopInvitation(shop, qr, qr_svg(qr), milliseconds(expires_at))


async def _shown(call: Call, connection: Connection, found: Application) -> joining.JoinApplication:
    town, vault = call.town.number, call.context.auth.vault
    written = await notes.notes(connection, vault, town, found.application)
    same = await alike.alike(connection, vault, town, found)
    return joining.JoinApplication(
        line=_line(found),
        details=details_info(found.details),
        contact=_contact(found.contact) if found.contact else None,
        notes=[note_info(note) for note in written],
        alike=[joining.AlikeShop(each.why, each.shop, each.application) for each in same],
        digest=_digest(call, found, written),
    )


def _digest(call: Call, found: Application, written: list[Note]) -> str:
    """Names what was told and written; keyed, for it covers a whole account number."""
    text = msgspec.json.encode((found.details, found.contact, written)).decode()
    return call.context.auth.vault.digest(call.town.number, "shop_application", text).hex()[:16]


def _contact(contact: Contact) -> joining.JoinContact:
    person, phone, email, account = (
        contact.person,
        contact.phone,
        contact.email,
        contact.bank_account,
    )
    if account is None:
        return joining.JoinContact(person, phone, email, None, None, None, None, None)
    bank, branch = banks.names(account.bank_code, account.branch_code)
    return joining.JoinContact(
        person,
        phone,
        email,
        bank=f"{account.bank_code} {bank}".rstrip(),
        branch=f"{account.branch_code} {branch}".rstrip(),
        account_type=account.account_type,
        number_tail=account.number[-TAIL_DIGITS:],
        holder=account.holder,
    )


def _line(found: Application) -> joining.JoinLine:
    details, decided_at = found.details, found.decided_at
    return joining.JoinLine(
        application=found.application,
        state=found.state.value,
        name=details.name,
        kind=details.kind,
        area=details.area,
        applied_at=milliseconds(found.applied_at),
        decided_at=None if decided_at is None else milliseconds(decided_at),
        decided_by=found.decided_by,
        shop=found.shop,
    )


def _subject(found: Application) -> str:
    return f"shop_application:{found.application}"
