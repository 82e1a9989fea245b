"""What a wallet's holder reads: balance, history, what became of a payment; and its pushes."""

from msgspec import Raw

from gateway.http.call import Call
from gateway.http.queries import HistoryQuery, PaymentPath
from gateway.protocol import api
from gateway.protocol.messages import State
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger import identity, persons, reading
from ledger.identity import Push
from notifier.subscriptions import Subscription, SubscriptionRefused, check_subscription


async def wallet(call: Call) -> api.WalletInfo:
    """Who is signed in; of the phone number its end, to tell two numbers apart."""
    account = call.session.account
    vault = call.context.auth.vault
    person = await persons.person_by_wallet(call.context.pool, vault, call.town.number, account)
    if person is None:
        return api.WalletInfo(account, call.session.name, "")
    return api.WalletInfo(account, person.name, person.phone[-4:])


async def balance(call: Call) -> api.Balance:
    """What can be spent now."""
    account = call.session.account
    found = await reading.balance(call.context.pool, call.town.number, account, call.now)
    if found is None:
        raise Refused("not_found", "This wallet is not in the ledger; ask the town's office.")
    return api.Balance(
        total=found.total,
        parts=[
            api.BalancePart(
                part.instrument,
                part.amount,
                [
                    api.Lot(
                        lot.amount,
                        lot.funder,
                        None if lot.expires_at is None else milliseconds(lot.expires_at),
                    )
                    for lot in part.lots
                ],
                part.held,
                None if part.held_until is None else milliseconds(part.held_until),
            )
            for part in found.parts
        ],
        at=milliseconds(call.now),
        seq=found.seq,
    )


async def history(call: Call) -> api.History:
    """Entries of the session's account, wallet or shop, newest first."""
    query = call.query_as(HistoryQuery)
    account = call.session.account
    lines = await reading.history(
        call.context.pool, call.town.number, account, query.before, query.limit
    )
    return api.History(
        lines=[
            api.HistoryLine(
                line.entry,
                Raw(line.receipt.encode()),
                line.reversed,
                line.shown_to_wallet,
                line.shown_to_shop,
            )
            for line in lines
        ],
        next=lines[-1].entry if len(lines) == query.limit else None,
    )


async def payment(call: Call) -> api.StatusBody:
    """What became of a command of the session's account. Somebody else's is not found."""
    payment = call.path_as(PaymentPath).id
    account = call.session.account
    # Asked before the database: what ends in between is then found there.
    waits = call.context.live.in_progress(call.town.number, payment)
    receipt = await reading.status(call.context.pool, call.town.number, account, payment)
    if receipt is not None:
        return api.StatusBody(payment, State.PROCESSED, Raw(receipt.encode()))
    return api.StatusBody(payment, State.IN_PROGRESS if waits else State.NOT_FOUND, None)


async def save_push(call: Call) -> api.Done:
    """Keeps where this browser can be reached by Web Push."""
    body, session, context = call.body_as(api.PushSubscription), call.session, call.context
    subscription = Subscription(
        call.town.number, session.account, body.endpoint, body.p256dh, body.auth
    )
    try:
        check_subscription(subscription, loopback=context.settings.demo)
    except SubscriptionRefused as error:
        raise Refused("invalid", f"{error}.", field="endpoint") from None
    push = Push(body.endpoint, body.p256dh, body.auth)
    await identity.save_push(
        context.pool, call.town.number, session.session, session.account, push, call.now
    )
    return api.Done()


async def forget_push(call: Call) -> api.Done:
    """Sends this browser no more pushes."""
    await identity.forget_push(call.context.pool, call.town.number, call.session.session)
    return api.Done()
