"""Chromium for tests that look at the screens as a person would."""

import os
import shutil
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, async_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
LaunchBrowser = Callable[..., Coroutine[Any, Any, Browser]]


def chromium_path() -> str:
    """Where the machine's Chromium is."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise AssertionError("Chromium is missing; on Debian and Ubuntu: apt-get install chromium")


def screens_folder() -> Path:
    """The built screens; `scripts/test` builds them before it calls pytest."""
    folder = ROOT / "terminal" / "web" / "dist"
    assert folder.is_dir(), "the screens are not built; run scripts/screens"
    return folder


@pytest.fixture
async def launch_browser() -> AsyncIterator[LaunchBrowser]:
    """Starts Chromium, with a picture or film (``.mjpeg``, ``.y4m``) in front of its camera.

    ``camera`` is the file, ``flags`` are Chromium's own; every other option goes to Playwright's
    ``launch``.
    """
    async with async_playwright() as playwright:
        browsers: list[Browser] = []

        async def launch(
            camera: Path | None = None, flags: Sequence[str] = (), **options: Any
        ) -> Browser:
            arguments = [
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--autoplay-policy=no-user-gesture-required",
            ]
            if os.geteuid() == 0:
                arguments.append("--no-sandbox")
            if camera is not None:
                arguments += [
                    "--use-fake-ui-for-media-stream",
                    "--use-fake-device-for-media-stream",
                    f"--use-file-for-fake-video-capture={camera}",
                ]
            arguments += flags  # Last, because the last of two that contradict each other counts.
            browser = await playwright.chromium.launch(
                executable_path=chromium_path(), args=arguments, **options
            )
            browsers.append(browser)
            return browser

        yield launch
        for browser in browsers:
            await browser.close()
