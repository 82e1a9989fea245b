"""Staffing by operators: chains of shops, who is of a shop's staff, and over what they stand."""

from msgspec.structs import asdict

from gateway.http.acts import Act, acting
from gateway.http.call import Call
from gateway.http.queries import ShopPath, StaffPath
from gateway.http.shops import no_shop
from gateway.protocol import api, api_staff
from gateway.protocol.api_staff import NewStaff, StaffPost
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger import accounts, identity, staff
from ledger.requests import Rank
from ledger.staff import Chain, ChainNameTaken, Member, Post, StaffNameTaken

# -- chains ----------------------------------------------------------------------------------------


async def chains(call: Call) -> api_staff.Chains:
    """The town's chains and their shops."""
    found = await staff.chains(call.context.pool, call.town.number)
    return api_staff.Chains([_chain_info(each) for each in found])


async def add_chain(call: Call) -> api_staff.ChainInfo:
    """A new chain, with no shops yet."""
    name = call.body_as(api_staff.NewChain).name
    async with acting(call) as act:
        try:
            chain = await staff.add_chain(act.connection, call.town.number, name, call.now)
        except ChainNameTaken as error:
            raise Refused("name_taken", field="name") from error
        await act.record("chain.opened", f"chain:{chain.chain}", after={"title": name})
    return _chain_info(chain)


async def set_shop_chain(call: Call) -> api.Done:
    """Puts a shop into a chain, or into none; who stands over the chain stands over it at once."""
    shop, chain = call.path_as(ShopPath).shop, call.body_as(api_staff.ShopChain).chain
    town = call.town.number
    async with acting(call) as act:
        if chain is not None and await staff.chain(act.connection, town, chain) is None:
            raise Refused("not_found", "There is no chain with this number.", field="chain")
        known, before = await staff.set_shop_chain(act.connection, town, shop, chain)
        if not known:
            raise no_shop()
        await act.record(
            "shop.chain_changed", f"shop:{shop}", before={"chain": before}, after={"chain": chain}
        )
    return api.Done()


# -- staff -----------------------------------------------------------------------------------------


async def listed(call: Call) -> api_staff.StaffList:
    """Everybody who is or was of a shop's staff."""
    found = await staff.staff(call.context.pool, call.town.number)
    return api_staff.StaffList([_line(each) for each in found])


async def add(call: Call) -> api_staff.StaffLine:
    """Lets somebody in at the shop site, at a post."""
    body, town = call.body_as(NewStaff), call.town.number
    password_hash = await call.context.auth.hashing.hash_password(body.password)
    async with acting(call) as act:
        post = await _sound_post(call, act, body)
        try:
            number = await staff.add_staff(
                act.connection, town, body.name, password_hash, post, call.now
            )
        except StaffNameTaken as error:
            raise Refused("name_taken", field="name") from error
        await act.record("staff.added", f"staff:{number}", after=asdict(post))
    return _line(Member(number, body.name, "", post, call.now, None))


async def set_post(call: Call) -> api.Done:
    """Gives somebody another post; at once, wherever they are signed in."""
    async with acting(call) as act:
        member = await _present(call, act)
        post = await _sound_post(call, act, call.body_as(StaffPost))
        await staff.set_post(act.connection, call.town.number, member.staff, post)
        await act.record(
            "staff.post_changed",
            f"staff:{member.staff}",
            before=asdict(member.post),
            after=asdict(post),
        )
    return api.Done()


async def set_password(call: Call) -> api.Done:
    """Gives somebody a new password, and signs them out everywhere."""
    body, town = call.body_as(api_staff.NewPassword), call.town.number
    password_hash = await call.context.auth.hashing.hash_password(body.password)
    async with acting(call) as act:
        number = (await _present(call, act)).staff
        await staff.set_password(act.connection, town, number, password_hash)
        ended = await identity.end_sessions_of(act.connection, town, "staff", number, call.now)
        await act.record("staff.password_changed", f"staff:{number}")
    await call.context.auth.sessions.told_ended(town, ended, "signed_out")
    return api.Done()


async def close(call: Call) -> api.Done:
    """Lets somebody in no more. Their name stays theirs, for the audit's sake."""
    town = call.town.number
    async with acting(call) as act:
        member = await _present(call, act)
        await staff.close(act.connection, town, member.staff, call.now)
        ended = await identity.end_sessions_of(
            act.connection, town, "staff", member.staff, call.now
        )
        await act.record(
            "staff.closed", f"staff:{member.staff}", before=asdict(member.post), after={}
        )
    await call.context.auth.sessions.told_ended(town, ended, "signed_out")
    return api.Done()


async def _present(call: Call, act: Act) -> Member:
    """Whoever the path names, if they have not left; nobody else changes staff meanwhile."""
    await act.alone()
    number = call.path_as(StaffPath).staff
    member = await staff.staff_by_number(act.connection, call.town.number, number)
    if member is None:
        raise Refused("not_found", "There is nobody with this number.", field="staff")
    if member.closed_at is not None:
        raise Refused("left", field="staff")
    return member


async def _sound_post(call: Call, act: Act, body: NewStaff | StaffPost) -> Post:
    """The post that a body names, if there is such a thing in this town."""
    post, town = Post(Rank(body.rank), body.chain, body.area, body.shop), call.town.number
    if post.problem is not None:
        field, text = post.problem
        raise Refused("invalid", f"The field {field}: {text}.", field=field)
    if post.rank not in call.town.profile.roles:
        raise Refused("rank_unknown", field="rank")
    if post.chain is not None and await staff.chain(act.connection, town, post.chain) is None:
        raise Refused("not_found", "There is no chain with this number.", field="chain")
    if post.shop is not None and await accounts.shop(act.connection, town, post.shop) is None:
        raise no_shop()
    if post.area is not None and not await staff.shops_under(act.connection, town, post):
        raise Refused("not_found", "No shop of this chain is in this area.", field="area")
    return post


def _chain_info(chain: Chain) -> api_staff.ChainInfo:
    return api_staff.ChainInfo(chain.chain, chain.name, chain.shops)


def _line(member: Member) -> api_staff.StaffLine:
    post, closed_at = member.post, member.closed_at
    return api_staff.StaffLine(
        staff=member.staff,
        name=member.name,
        rank=post.rank,
        chain=post.chain,
        area=post.area,
        shop=post.shop,
        added_at=milliseconds(member.added_at),
        closed_at=None if closed_at is None else milliseconds(closed_at),
    )
