"""The README's pictures: taken here, so that they show what is.

``README_PICTURES=1 .venv/bin/python -m pytest tests/browser/stories/test_pictures.py`` takes them anew into
``docs/pictures``; otherwise they go to pytest's temporary folder, which shows that they could be taken.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import FloatRect, Page, Route, expect
from support.host_app import HostApp, Opener
from support.processes import ROOT
from support.window_app import window_app

_WINDOW = {"width": 1040, "height": 800}
#: Beside the app's navigation, and as high as the chat with what lies under it.
_LEFT, _HIGH = 236, 736
_MAX_BYTES = 200_000


async def take(app: HostApp, name: str, pictures: Path, *, top: float) -> None:
    """Keep the window without its navigation, as small a file as is still good to look at."""
    # What confirms the last save is gone, and the pointer is nowhere.
    await expect(app.page.locator("#confirmation")).to_be_empty()
    await app.page.mouse.move(2, 2)
    clip: FloatRect = {"x": _LEFT, "y": top, "width": _WINDOW["width"] - _LEFT, "height": _HIGH}
    keep(await app.page.screenshot(clip=clip, animations="disabled"), name, pictures)


def keep(shot: bytes, name: str, pictures: Path) -> None:
    """Keep a picture in few colours."""
    folder = ROOT / "docs" / "pictures" if os.environ.get("README_PICTURES") else pictures
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / f"{name}.png"
    Image.open(io.BytesIO(shot)).convert("RGB").quantize(192).save(place, optimize=True)
    assert place.stat().st_size < _MAX_BYTES


@pytest.mark.slow
async def test_takes_the_readmes_pictures(open_app: Opener, pictures: Path) -> None:
    look = {
        "viewport": _WINDOW,
        "device_scale_factor": 2,
        "color_scheme": "light",
        "reduced_motion": "reduce",
    }
    async with open_app(**look) as app:
        await app.invited()
        await app.toast.hover()
        await take(app, "toast", pictures, top=_WINDOW["height"] - _HIGH)
        await app.show_me.click()
        await expect(app.tour).to_contain_text("Open table options")
        await app.page.locator("#projects-table-options").click()
        await expect(app.tour).to_contain_text("Pick Bulk edit")
        await take(app, "tour", pictures, top=0)
    async with open_app(**look) as app:
        await app.invited()
        await app.open_chat.click()
        await expect(app.bubbles).to_have_count(2)
        await take(app, "chat", pictures, top=_WINDOW["height"] - _HIGH)


@pytest.mark.slow
async def test_takes_the_chat_windows_pictures(open_app: Opener, pictures: Path) -> None:
    sharp = {"device_scale_factor": 2, "reduced_motion": "reduce"}
    async with window_app(open_app, viewport=_WINDOW, **sharp) as chat:
        network = await _Network.of(chat.app.page)
        await chat.invited()
        await chat.app.open_chat.click()
        await expect(chat.bot).to_have_count(2)
        await take(chat.app, "chat-window", pictures, top=_WINDOW["height"] - _HIGH)
        network.cut()
        await chat.input.fill("What does urgent mean?")
        await chat.app.press("Enter")
        await expect(chat.host.get_by_role("button", name="Try now")).to_be_visible()
        await take(chat.app, "chat-window-offline", pictures, top=_WINDOW["height"] - _HIGH)
    phone = {"viewport": {"width": 375, "height": 667}, "color_scheme": "dark"}
    async with window_app(open_app, **phone, **sharp) as chat:
        await chat.invited()
        await chat.app.open_chat.click()
        await expect(chat.bot).to_have_count(2)
        await expect(chat.app.page.locator("#confirmation")).to_be_empty()
        keep(await chat.app.page.screenshot(animations="disabled"), "chat-window-phone", pictures)


class _Network:
    """The chat's requests, which can be cut off: without websockets, which Playwright cannot cut."""

    def __init__(self) -> None:
        self._is_cut = False

    @classmethod
    async def of(cls, page: Page) -> _Network:
        """Take the page's requests; before it is loaded."""
        network = cls()
        await page.add_init_script("sessionStorage['rasa-autoplay-chat-polls'] = Date.now()")
        await page.route("**/socket.io/**", network._answer)
        return network

    async def _answer(self, route: Route) -> None:
        await (route.abort() if self._is_cut else route.continue_())

    def cut(self) -> None:
        """Refuse all requests from now on."""
        self._is_cut = True
