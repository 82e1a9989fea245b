"""Opening the providers of a town, as the settings name them."""

from config.settings import Settings
from gateway.providers.adapter import HttpProvider
from gateway.providers.interface import Provider
from gateway.providers.machines import CashMachines


def open_providers(settings: Settings, town: str) -> dict[str, Provider]:
    """Every provider of the settings for one town, by the code that the ways call it by."""
    return {
        code: HttpProvider(
            code,
            each,
            town=town,
            callback=f"{settings.public_url}/api/{town}/providers/{code}/callback",
        )
        if each.url
        else CashMachines(code, each)
        for code, each in settings.providers.items()
    }
