"""Operators find out in the studio why the bot spoke, on real servers with a made-up day."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect
from support.background import BackgroundLoop, eventually
from support.pair import Pair
from support.project import ADMIN_KEY, TRIGGER
from support.studio_pair import open_studio, running_studio
from support.user import User
from support.workshop import Workshop

from example_bot.demo.configuration import gets_the_toast

USERS = 60
OpenStudio = Callable[..., AbstractAsyncContextManager[Page]]


@pytest.fixture(scope="module")
def studio_pair(workshop: Workshop, background: BackgroundLoop) -> Iterator[Pair]:
    """Real servers, whose database holds a day."""
    with running_studio(workshop, background, USERS) as pair:
        yield pair


@pytest.fixture
def open_page(browser: Browser, studio_pair: Pair) -> OpenStudio:
    """``async with open_page("#/triggers") as page``: signed in; at the end nothing may have failed."""

    @asynccontextmanager
    async def opened(route: str = "#/now", **options: Any) -> AsyncIterator[Page]:
        context = await browser.new_context(viewport={"width": 1280, "height": 800}, **options)
        complaints: list[str] = []
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        context.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        try:
            yield await open_studio(context, studio_pair, route)
            assert complaints == []
        finally:
            await context.close()

    return opened


def new_user(pair: Pair, name: str) -> User:
    """A user who gets toasts, and is not among those who are compared with them."""
    users = (User(pair, name) for _ in iter(int, 1))
    return next(user for user in users if gets_the_toast(user.id))


async def got_toast(user: User) -> None:
    async with user.feed() as feed:
        await user.send_story(user.story())
        toast = await feed.toast()
        for event in ("rendered", "seen", "dismissed"):
            await user.acknowledge(toast, event)


async def test_now_shows_who_is_here_and_how_near_help_is(studio_pair: Pair, open_page: OpenStudio) -> None:
    user = new_user(studio_pair, "nora")
    story = user.story()
    captured = [request for request in story if request.is_capture]
    async with user.feed(), open_page() as page:
        await user.send_story(captured[:-1])
        row = page.locator(".session-row").filter(has_text=user.id)
        await expect(row).to_contain_text("2 of 3")
        await user.send_story(captured[-1:])
        await expect(row).to_contain_text("Changing projects one at a time?")
        await expect(page.get_by_role("heading", name="Silence today")).to_be_visible()
        await expect(page.locator(".silence").first).to_contain_text(TRIGGER)
        await row.click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Why, why not")
        assert user.session_id in page.url


async def test_a_session_says_why_at_each_moment(studio_pair: Pair, open_page: OpenStudio) -> None:
    user = new_user(studio_pair, "sara")
    await got_toast(user)
    async with open_page(f"#/session/{user.session_id}?user={user.id}") as page:
        sentence = page.locator(".headline")
        await expect(sentence).to_contain_text(TRIGGER)
        await expect(page.locator("path.tick").first).to_be_attached()
        # Back to the beginning: nothing was near there.
        await page.get_by_role("slider").press("Home")
        await expect(sentence).to_contain_text("nothing has happened recently")
        # The moment is in the URL, so a colleague sees the same.
        await page.reload()
        await expect(sentence).to_contain_text("nothing has happened recently")


async def pauses_are(pair: Pair, wanted: list[str]) -> None:
    async def are_in_force() -> bool:
        pauses = (await pair.health())["engine"]["pauses"]
        return [each["trigger_id"] for each in pauses] == wanted

    await eventually(are_in_force, what=f"the paused triggers are {wanted}")


async def test_a_trigger_is_paused_and_resumed(studio_pair: Pair, open_page: OpenStudio) -> None:
    async with open_page("#/triggers") as page:
        row = page.locator(f'tr[data-trigger="{TRIGGER}"]')
        await expect(row).to_contain_text("Live for 50 %")
        await row.get_by_role("link", name=TRIGGER).click()
        await expect(page.get_by_role("heading", name="Does it help?")).to_be_visible()
        await page.get_by_role("button", name="Pause", exact=True).click()
        await page.get_by_label("Why?").fill("The toast has a typo")
        await page.get_by_label("Your name").fill("Olga")
        await page.get_by_role("dialog").get_by_role("button", name="Pause").click()
        await expect(page.locator("main")).to_contain_text("because “The toast has a typo”")
        await pauses_are(studio_pair, [TRIGGER])
        await page.get_by_role("button", name="Resume", exact=True).click()
        await page.get_by_role("dialog").get_by_role("button", name="Resume").click()
        await expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
        await pauses_are(studio_pair, [])


async def test_a_golden_path_shows_what_users_miss(open_page: OpenStudio) -> None:
    async with open_page("#/paths") as page:
        await page.get_by_role("link", name="Bulk edit projects").click()
        main = page.locator("main")
        await expect(main).to_contain_text("mastered it")
        await expect(main).to_contain_text("Missed most")
        await expect(main.get_by_role("row").filter(has_text="Pick Bulk edit")).to_contain_text("%")
        await page.get_by_role("link", name="Who would benefit from it now?").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("People")
        await expect(page.locator("main tbody tr").first).to_be_visible()


async def test_a_rule_is_tried_on_the_recorded_day(open_page: OpenStudio, tmp_path: Path) -> None:
    async with open_page(f"#/rules/{TRIGGER}") as page:
        toasts = page.locator(".backtest .figure").first
        await expect(toasts).to_contain_text("as loaded")
        await page.get_by_label("At least").fill("5")
        await page.get_by_label("At least").press("Enter")
        await expect(toasts).to_contain_text("against loaded")
        await page.get_by_role("button", name="Show the change").click()
        async with page.expect_download() as downloading:
            await page.get_by_role("button", name="Download autoplay.yml").click()
        await (await downloading.value).save_as(tmp_path / "autoplay.yml")
        text = (tmp_path / "autoplay.yml").read_text(encoding="utf-8")
        assert "at_least: 5" in text
        assert "product_id: demo" in text


async def test_a_user_is_found_exported_and_deleted(
    studio_pair: Pair, open_page: OpenStudio, tmp_path: Path
) -> None:
    user = new_user(studio_pair, "delia")
    await got_toast(user)
    async with open_page(f"#/people?q={user.id}") as page:
        await page.get_by_role("link", name=user.id).click()
        async with page.expect_download() as downloading:
            await page.get_by_role("button", name="Export").click()
            await page.get_by_label("Your name").fill("Olga")
            await page.get_by_role("dialog").get_by_role("button", name="Export").click()
        await (await downloading.value).save_as(tmp_path / "user.json")
        exported = json.loads((tmp_path / "user.json").read_text(encoding="utf-8"))
        assert exported["user_id"] == user.id
        assert [offer["status"] for offer in exported["offers"]] == ["dismissed"]
        await page.get_by_role("button", name="Delete…").click()
        await page.get_by_label("Your name").fill("Olga")
        await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        await expect(page.get_by_text("The log of changes names the user")).to_be_visible()
    assert studio_pair.offers_to(user.id) == []


async def test_signs_in_with_the_key_and_out(browser: Browser, studio_pair: Pair) -> None:
    context = await browser.new_context()
    try:
        page = await context.new_page()
        await page.goto(f"{studio_pair.base}/studio#/triggers")
        key = page.get_by_label("Admin key")
        await key.fill("not-the-key")
        await key.press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("This is not the admin key")
        await key.fill(ADMIN_KEY)
        await key.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Triggers")
        storage = await page.evaluate(
            "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href])"
        )
        assert ADMIN_KEY not in storage
        assert "autoplay_studio" not in storage
        await page.get_by_role("button", name="Sign out").click()
        await expect(key).to_be_visible()
        await page.reload()
        await expect(key).to_be_visible()
    finally:
        await context.close()
