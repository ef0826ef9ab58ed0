"""A page in Chromium with real servers: it asks, its user agrees, gets help, and withdraws."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, Route, expect
from support.background import eventually
from support.chromium import launched, require_browser, require_libraries
from support.deployment import BASE, DEADLINE_S, Deployment, deployed
from support.run import asynchronous

pytestmark = pytest.mark.slow

ANNA = "anna-marker-7c1d"
_PAGE = f"""<!doctype html><html lang="en"><title>App</title><body><h1>Projects</h1>
<p id="banner" hidden>May we help you with what you do here? <button id="yes">Yes</button></p>
<script>
window.told = [];
addEventListener("rasa-autoplay-consent", ({{ detail }}) => {{
  told.push(detail.given);
  banner.hidden = detail.given;
}});
yes.onclick = () => rasaAutoplay.copilot.consent(true);
</script>
<script src="{BASE}/autoplay.js" data-user-id="{ANNA}"></script></body></html>"""
_TOAST_MS = 30_000


async def opened(context: BrowserContext, made: Deployment) -> Page:
    page = await context.new_page()

    async def answer(route: Route) -> None:
        await route.fulfill(body=_PAGE, content_type="text/html")

    await page.route(f"{made.origin}/app", answer)
    await page.goto(f"{made.origin}/app")
    return page


async def told(page: Page, *expected: bool) -> None:
    """Wait until the page has been told these answers, in this order."""

    async def is_so() -> bool:
        return bool(await page.evaluate("told") == list(expected))

    await eventually(is_so, within_s=DEADLINE_S, what=f"the page is told {expected}")


def files_with(folder: Path, marker: str) -> list[str]:
    files = [file for file in folder.rglob("*") if file.is_file() and file.suffix != ".png"]
    return [str(file) for file in files if marker.encode() in file.read_bytes()]


@asynchronous
async def test_user_agrees_gets_help_and_withdraws(tmp_path: Path) -> None:
    require_libraries()
    channel: dict[str, Any] = {"identity": "none", "consent": "required"}
    journal = {"folder": str(tmp_path / "journal")}
    async with deployed(tmp_path, journal=journal, **channel) as made, launched(require_browser()) as browser:
        context = await browser.new_context()
        page = await opened(context, made)
        await told(page, False)
        await expect(page.locator("#banner")).to_be_visible()
        await page.screenshot(path=tmp_path / "asks.png")
        await made.send_story(ANNA)
        assert await made.engine.sessions.latest_of("demo", ANNA) is None
        assert files_with(tmp_path, ANNA) == []

        await page.click("#yes")
        await told(page, False, True)
        await expect(page.locator("#banner")).to_be_hidden()
        await made.send_story(ANNA, session="ps-second")
        await expect(page.get_by_text("Shall I show you how?")).to_be_visible(timeout=_TOAST_MS)
        other = await opened(context, made)
        await expect(other.get_by_text("Shall I show you how?")).to_be_visible(timeout=_TOAST_MS)
        await page.screenshot(path=tmp_path / "helps.png")

        assert await page.evaluate("rasaAutoplay.copilot.consent(false)") is True
        for tab in (page, other):
            await expect(tab.get_by_text("Shall I show you how?")).to_be_hidden()
            kept = set(await tab.evaluate("Object.keys(localStorage)"))
            # The time at which a tab was last open names nobody.
            assert kept <= {"rasa-autoplay-alive"}
        # Of several tabs, the one that holds the feed is told.
        await told(page, False, True, False)
        await page.screenshot(path=tmp_path / "withdrawn.png")
        assert await made.engine.sessions.latest_of("demo", ANNA) is None
        await context.close()
    assert files_with(tmp_path, ANNA) == []
