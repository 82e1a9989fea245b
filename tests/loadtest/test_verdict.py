"""The verdict finds whatever is planted, and nothing where all is well."""

from collections.abc import Callable
from uuid import UUID

import msgspec
import pytest

from gateway.protocol.ids import new_id
from gateway.protocol.messages import Receipt, Role
from loadtest.seen import Place, Seen, Sighting
from loadtest.verdict import Party, Truth, judge

WALLET, SHOP = 2001, 3001


def receipt(payment: UUID, amount: int, balance: int | None) -> bytes:
    """A payment's receipt: the wallet's copy has a balance."""
    return msgspec.json.encode(
        Receipt(
            id=payment,
            kind="payment",
            outcome="done",
            at=1_750_000_000_000,
            amount=amount,
            wallet=WALLET,
            shop=SHOP,
            balance=None if balance is None else {"coin": balance, "point": 0},
        )
    )


class Run:
    """Three payments of 100 from one wallet to one shop, seen and kept without a fault."""

    def __init__(self) -> None:
        self.payments = [new_id() for _ in range(3)]
        self.wallet, self.shop = Seen(Role.WALLET, WALLET), Seen(Role.TERMINAL, SHOP)
        self.wallet.enter(5, resync=False)
        self.shop.enter(70, resync=False)
        self.left = [900, 800, 700]
        mine = {p: receipt(p, 100, left) for p, left in zip(self.payments, self.left, strict=True)}
        theirs = {p: receipt(p, 100, None) for p in self.payments}
        for n, payment in enumerate(self.payments):
            self.wallet.answers[payment] = mine[payment]
            self.wallet.tell(Sighting(6 + n, "payment", payment, mine[payment]))
            self.shop.tell(Sighting(71 + n, "payment", payment, theirs[payment]))
        self.wallet_truth = Truth(8, dict(mine), {"coin": 700})
        self.shop_truth = Truth(73, dict(theirs))

    def findings(self) -> list[str]:
        """What the verdict has to say."""
        truths = {
            Party(Role.WALLET, WALLET): self.wallet_truth,
            Party(Role.TERMINAL, SHOP): self.shop_truth,
        }
        return judge([self.wallet, self.shop], truths).findings


def test_a_good_run_has_no_findings() -> None:
    """Everybody was told the same as the ledger keeps."""
    run = Run()
    assert run.findings() == []


def lose_an_event(run: Run) -> None:
    """The shop's last payment never reached its tablet."""
    del run.shop.events[73]
    run.shop.last = 72


def lose_an_answer(run: Run) -> None:
    """A payment's outcome stayed unknown."""
    run.wallet.unanswered.add(new_id())


def forget_a_payment(run: Run) -> None:
    """The ledger does not know what the payer was answered."""
    run.wallet_truth.answers[run.payments[0]] = None


def change_an_amount(run: Run) -> None:
    """The ledger keeps another amount than the shop was shown."""
    run.shop_truth.answers[run.payments[1]] = receipt(run.payments[1], 101, None)


def change_the_balance(run: Run) -> None:
    """A yen more is in the wallet than its last event said."""
    run.wallet_truth = Truth(8, run.wallet_truth.answers, {"coin": 701})


def tell_one_party_only(run: Run) -> None:
    """The shop's feed, complete by its numbers, lacks a payment."""
    del run.shop.events[73]
    run.shop_truth = Truth(72, run.shop_truth.answers)


def answer_without_an_event(run: Run) -> None:
    """Done, by the answer, and in nobody's feed."""
    payment = new_id()
    run.wallet.answers[payment] = run.wallet_truth.answers[payment] = receipt(payment, 1, 699)


def invent_an_event(run: Run) -> None:
    """A screen was told something that its feed does not have."""
    payment = new_id()
    body = run.shop_truth.answers[payment] = receipt(payment, 100, None)
    run.shop.tell(Sighting(74, "payment", payment, body))


@pytest.mark.parametrize(
    ("plant", "found"),
    [
        (lose_an_event, f"terminal {SHOP}: events that never came: 73"),
        (lose_an_answer, "commands without a final answer"),
        (forget_a_payment, "answers that the ledger gives otherwise"),
        (change_an_amount, f"terminal {SHOP}: events that the ledger tells otherwise"),
        (change_the_balance, "its last event says {'coin': 700}, the ledger {'coin': 701}"),
        (tell_one_party_only, "told to one party only"),
        (answer_without_an_event, "answered as done and shown on no screen"),
        (invent_an_event, "events that the feed does not have: 74"),
    ],
)
def test_a_planted_fault_is_found(plant: Callable[[Run], None], found: str) -> None:
    """Each kind of fault, by itself, is named."""
    run = Run()
    plant(run)
    assert any(found in finding for finding in run.findings()), run.findings()


@pytest.mark.parametrize(
    ("order", "trouble"),
    [
        ([1, 2, 2, 3], Place.DOUBLE),
        ([1, 3], Place.GAP),
        ([1, 3, 2], Place.REORDERED),
    ],
)
def test_a_feed_out_of_order_is_noticed(order: list[int], trouble: Place) -> None:
    """Gaps, doubles and reorderings are told apart."""
    seen = Seen(Role.TERMINAL, SHOP)
    seen.enter(0, resync=False)
    places = [seen.tell(Sighting(seq, "payment", new_id(), b"{}")) for seq in order]
    assert trouble in places
    assert seen.troubles[trouble] == 1


def test_a_feed_entered_late_misses_nothing_before() -> None:
    """What lies before the position of the first connection was loaded, not followed."""
    seen = Seen(Role.WALLET, WALLET)
    seen.enter(40, resync=False)
    seen.tell(Sighting(41, "payment", new_id(), b"{}"))
    seen.enter(41, resync=False)
    assert seen.missing(42) == [42]
