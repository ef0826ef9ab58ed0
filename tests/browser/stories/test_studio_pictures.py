"""The pictures of docs/studio.md: taken here, so that they show what is.

``STUDIO_PICTURES=1 .venv/bin/python -m pytest tests/browser/stories/test_studio_pictures.py`` takes them anew
into ``docs/studio``; otherwise they go to pytest's temporary folder, which shows that they could be taken.
"""

from __future__ import annotations

import asyncio
import io
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import Browser, Page, expect
from support.background import BackgroundLoop
from support.pair import Pair
from support.processes import ROOT
from support.slow_traffic import PROPOSAL, propose_for_slow_traffic
from support.studio_pair import open_studio, running_studio
from support.workshop import Workshop

from example_bot.demo.browser import Browser as UserBrowser
from example_bot.demo.day.crowd import Crowd
from example_bot.demo.day.people import USERS, made_up_users

#: Servers of its own, with a whole day.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

_MAX_BYTES = 90_000
_LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1280, "height": 860}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 860}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 375, "height": 760}, "device_scale_factor": 2},
}
#: For each picture: the route, and what is visible once the screen is whole.
_SCREENS = {
    "now": ("#/now", ".session-row .bar-track"),
    "trigger": ("#/triggers/bulk_edit_opportunity", ".intervals .dot"),
    "paths": ("#/paths", "main .path-facts"),
    "rules": ("#/rules/bulk_edit_opportunity", "text=Exact"),
    "proposals": (f"#/proposals/{PROPOSAL}", ".track"),
    "people": ("#/people", "main tbody tr"),
}
#: Playwright never calls a page idle whose frames are the second ones of this page.
_FRAMES_ANEW = {"proposals"}
#: The newest session whose user has finished a tour.
_SESSION = """
SELECT user_id, session_id FROM autoplay_offers JOIN autoplay_receipts USING (offer_id)
WHERE event = 'tour_finished' AND created_at < (SELECT max(created_at) FROM autoplay_offers) - 3600
ORDER BY (SELECT count(*) FROM autoplay_recordings r
          WHERE r.session_id = autoplay_offers.session_id AND kind = 'decision') DESC, created_at LIMIT 1
"""


@pytest.fixture(scope="module")
def servers(
    workshop: Workshop, background: BackgroundLoop, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    """Real servers with a whole day, and a proposal."""
    with running_studio(workshop, background, USERS) as pair:
        recording = tmp_path_factory.mktemp("recording") / "traffic.jsonl"
        propose_for_slow_traffic(pair.project.folder, recording)
        yield pair


@asynccontextmanager
async def crowded(pair: Pair) -> AsyncIterator[None]:
    """Let made-up users work while the context lasts."""
    async with UserBrowser(pair.base) as browser:
        working = asyncio.get_running_loop().create_task(
            Crowd(browser, f"{pair.base}/demo", made_up_users()).work()
        )
        try:
            yield
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)


async def take(page: Page, name: str, pictures: Path) -> None:
    """Keep the window, as small a file as is still good to look at."""
    await page.mouse.move(2, 2)
    shot = await page.screenshot(animations="disabled")
    folder = ROOT / "docs" / "studio" if os.environ.get("STUDIO_PICTURES") else pictures
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / f"{name}.webp"
    Image.open(io.BytesIO(shot)).convert("RGB").save(place, quality=82, method=6)
    assert place.stat().st_size < _MAX_BYTES


async def test_takes_the_pictures_of_the_studio(browser: Browser, servers: Pair, pictures: Path) -> None:
    with closing(sqlite3.connect(servers.project.database)) as connection:
        user_id, session_id = connection.execute(_SESSION).fetchone()
    screens = {"session": (f"#/session/{session_id}?user={user_id}", "path.tick"), **_SCREENS}
    async with crowded(servers):
        for look, options in _LOOKS.items():
            context = await browser.new_context(**options, reduced_motion="reduce")
            context.set_default_timeout(60_000)
            page = await open_studio(context, servers)
            for name, (route, whole) in screens.items():
                await page.evaluate("(route) => { location.hash = route; }", route)
                await page.locator(whole).first.wait_for(state="attached")
                await expect(page.locator("[aria-busy=true]")).to_have_count(0)
                if name not in _FRAMES_ANEW:
                    await page.wait_for_load_state("networkidle")
                await take(page, f"{name}-{look}", pictures)
            await context.close()
