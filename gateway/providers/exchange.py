"""What an amount of ours is on the other side: the exchange rate, and which amounts it divides."""

from config.profile import Way


def their_amount(way: Way, amount: int) -> int | None:
    """What ``amount`` yen of ours cost on the provider's side; None where it leaves a remainder."""
    whole, remainder = divmod(amount * way.rate_denominator, way.rate_numerator)
    return whole if remainder == 0 and whole > 0 else None
