"""What several readers of settings ask of a text."""

from ipaddress import ip_address


def words(text: str) -> tuple[str, ...]:
    """A list as a setting says it: words with commas or spaces between them."""
    return tuple(text.replace(",", " ").split())


def is_loopback(host: str) -> bool:
    """Whether a server listening on ``host`` can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
