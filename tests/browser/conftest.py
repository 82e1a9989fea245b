"""A stage for each browser story, and the check that nothing went wrong unseen."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.stage import PATIENCE_MS, Stage
from tests.support.gateways import StartGateway
from tests.support.people import People
from tests.support.pictures import LaunchBrowser, screens_folder


@pytest.fixture
def settings() -> dict[str, str]:
    """What the story's gateway is told beside the usual; a file of stories may say more."""
    return {}


@pytest.fixture
async def stage(
    start_gateway: StartGateway,
    settings: dict[str, str],
    people: People,
    launch_browser: LaunchBrowser,
    tmp_path: Path,
) -> AsyncIterator[Stage]:
    """A gateway with the built screens, and Chromium with a camera."""
    screens_folder()
    expect.set_options(timeout=PATIENCE_MS)
    camera = tmp_path / "camera.mjpeg"
    gateway, browser = await asyncio.gather(
        start_gateway(port=None, **settings), launch_browser(camera)
    )
    opened = Stage(gateway, people, browser, camera)
    yield opened
    assert opened.faults() == []
