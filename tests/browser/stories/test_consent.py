"""A page that asks for consent, on real servers: nothing before the yes, nothing kept after a no."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, ViewportSize, expect
from support.axe import axe_violations
from support.background import BackgroundLoop, eventually
from support.host_app import LARGE, TOAST_MS, HostApp, give_time, new_user
from support.pair import Pair
from support.workshop import Workshop

#: The page's own question: it follows the event, and tells the copilot the answer.
_BANNER = """
  addEventListener("rasa-autoplay-consent", ({ detail }) => {
    window.told = [...(window.told || []), detail];
    document.querySelector("#consent")?.remove();
    const banner = document.createElement("section");
    banner.id = "consent";
    banner.setAttribute("aria-label", "Consent");
    const button = document.createElement("button");
    button.textContent = detail.given ? "No tips any more" : "Yes, give me tips";
    button.onclick = () => rasaAutoplay.copilot.consent(!detail.given);
    banner.append(button);
    document.querySelector("main").prepend(banner);
  });
"""


@pytest.fixture(scope="module")
def asking(workshop: Workshop, background: BackgroundLoop) -> Iterator[Pair]:
    """A pair that requires consent, and records sessions."""
    project = workshop.project("asking")
    project.channel.update(consent="required", journal={"folder": "journal"})
    project.autoplay["recording"] = {"keep": "1d"}
    with workshop.running(project, background) as pair:
        yield pair


@asynccontextmanager
async def asked(
    browser: Browser, pair: Pair, pictures: Path, viewport: ViewportSize
) -> AsyncIterator[HostApp]:
    context = await browser.new_context(viewport=viewport, color_scheme="dark")
    await give_time(context)
    await context.add_init_script(_BANNER)
    try:
        app = HostApp(await context.new_page(), pair, new_user(), pictures)
        yield app
        assert app.errors == []
    finally:
        await context.close()


def kept_of(pair: Pair, user_id: str) -> list[str]:
    """The files of both servers, apart from their logs, that contain a user's id."""
    files = [it for it in pair.project.folder.rglob("*") if it.is_file() and it.suffix != ".log"]
    return [str(it) for it in files if user_id.encode() in it.read_bytes()]


@pytest.mark.slow
@pytest.mark.parametrize("viewport", [LARGE, {"width": 375, "height": 667}], ids=["large", "phone"])
async def test_nothing_before_the_yes_and_nothing_after_the_no(
    browser: Browser, asking: Pair, pictures: Path, viewport: ViewportSize
) -> None:
    async with asked(browser, asking, pictures, viewport) as app:
        user_id = str(app.user_id)
        await app.visit()
        button = app.page.locator("#consent button")
        await expect(button).to_have_text("Yes, give me tips")
        await app.edit_three()
        await app.says_nothing()
        assert kept_of(asking, user_id) == []
        await app.picture("before")

        await button.click()
        await expect(button).to_have_text("No tips any more")
        await app.edit_three("Low")
        await expect(app.toast).to_be_visible(timeout=TOAST_MS)
        await app.picture("toast")
        assert await axe_violations(app.page) == []
        await app.receipt("seen")
        assert kept_of(asking, user_id)

        await button.click()
        await expect(button).to_have_text("Yes, give me tips")
        await expect(app.toast).to_have_count(0)
        await eventually(lambda: kept_of(asking, user_id) == [], what="everything is deleted")
        await app.edit_three("High")
        await app.says_nothing()
        assert kept_of(asking, user_id) == []
        kept = await app.evaluate("() => JSON.stringify(localStorage)")
        assert "Shall I show you how" not in kept
        await app.picture("after")


@pytest.mark.slow
async def test_every_tab_hears_what_one_of_them_was_told(
    browser: Browser, asking: Pair, pictures: Path
) -> None:
    async with asked(browser, asking, pictures, ViewportSize(width=1000, height=700)) as app:
        other = await app.another_tab()
        for tab in (app, other):
            await tab.visit(with_chat=False)
            await expect(tab.page.locator("#consent button")).to_have_text("Yes, give me tips")
        await other.page.locator("#consent button").click()
        for tab in (app, other):
            await expect(tab.page.locator("#consent button")).to_have_text("No tips any more")
