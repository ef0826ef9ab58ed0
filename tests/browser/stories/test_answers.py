"""What the user says to a toast, and that it is kept to."""

from __future__ import annotations

import pytest
from playwright.async_api import expect
from support.host_app import HostApp, Opener

#: Interaction timeout and cooldown are 1 s each: afterwards only what was answered keeps the copilot quiet.
PAUSE_MS = 2300


async def is_asked_no_more(app: HostApp) -> None:
    assert app.user_id
    await app.says_nothing(PAUSE_MS)
    await app.edit_three("Low")
    await app.pair.has_counted(app.user_id, 3)
    await app.says_nothing()
    assert len(app.pair.offers_to(app.user_id)) == 1
    await app.visit()
    await app.says_nothing(500)


@pytest.mark.parametrize(
    ("button", "event"), [("Close", "dismissed"), ("Later", "snoozed"), ("Don’t show again", "never")]
)
async def test_a_dismissed_toast_does_not_return(open_app: Opener, button: str, event: str) -> None:
    async with open_app() as app:
        await app.invited()
        await app.receipt("rendered")
        await app.receipt("seen")
        await app.toast.get_by_role("button", name=button).click()
        await expect(app.toast).to_be_hidden()
        await app.receipt(event)
        await is_asked_no_more(app)


async def test_a_timed_out_toast_stays_reachable(open_app: Opener) -> None:
    async with open_app() as app:
        await app.page.clock.install()
        await app.invited()
        await app.page.mouse.move(5, 5)
        await app.page.clock.run_for(25_000)
        await expect(app.pill).to_be_visible()
        await app.receipt("timed_out")
        await app.picture("pill")
        await app.pill.click()
        await expect(app.show_me).to_be_focused()
        await app.show_me.click()
        await expect(app.tour).to_contain_text("Open table options")


async def test_a_toast_does_not_time_out_under_the_pointer(open_app: Opener) -> None:
    async with open_app() as app:
        await app.page.clock.install()
        await app.invited()
        await app.toast.hover()
        await app.page.clock.run_for(40_000)
        await expect(app.toast).to_be_visible()
        await expect(app.pill).to_have_count(0)


async def test_another_page_offers_no_tour(open_app: Opener) -> None:
    async with open_app() as app:
        await app.invited()
        await expect(app.show_me).to_be_visible()
        await app.go_to("Dashboard")
        await expect(app.toast).to_be_visible()
        await expect(app.show_me).to_be_hidden()
        await expect(app.open_chat).to_be_visible()
        await app.picture("toast-on-the-dashboard")
        await app.go_to("Projects")
        await expect(app.show_me).to_be_visible()
        await app.go_to("Dashboard")
        await app.open_chat.click()
        await expect(app.bubbles).to_have_count(2)


@pytest.mark.parametrize("has_moved_on", [True, False], ids=["elsewhere", "still there"])
async def test_a_late_toast_does_not_follow_the_user_to_another_page(
    open_app: Opener, has_moved_on: bool
) -> None:
    """Nobody listens when the offer is made; when the tab listens again, the user may be somewhere else."""
    async with open_app() as app:
        await app.page.route("**/proactive/stream/**", lambda route: route.abort())
        await app.visit()
        await app.edit_three()
        assert app.user_id
        offer_id = await app.pair.offer_to(app.user_id)
        if has_moved_on:
            await app.go_to("Dashboard")
            await app.pair.has_seen_on(app.user_id, "/dashboard")
        await app.page.unroute("**/proactive/stream/**")
        if not has_moved_on:
            await expect(app.toast).to_be_visible()
            return
        await app.receipt("withdrawn")
        await app.says_nothing()
        assert set(app.pair.receipts(offer_id)) == {"withdrawn"}, "nothing was shown, and nothing is charged"


async def test_a_tour_can_be_left_at_any_step(open_app: Opener) -> None:
    async with open_app() as app:
        await app.invited()
        await app.show_me.click()
        await expect(app.tour).to_contain_text("Open table options")
        await app.page.locator("#projects-table-options").click()
        await expect(app.tour).to_contain_text("Pick Bulk edit")
        await app.tour.get_by_role("button", name="Close").click()
        await expect(app.tour).to_have_count(0)
        await app.says_nothing(PAUSE_MS)


async def test_the_chat_continues_when_a_tour_element_is_missing(open_app: Opener) -> None:
    async with open_app() as app:
        await app.invited()
        await app.show_me.click()
        await expect(app.tour).to_contain_text("Open table options")
        await app.page.locator("#projects-table-options").click()
        await expect(app.tour).to_contain_text("Pick Bulk edit")
        await app.press("Escape")  # closes the menu, and with it the step's element
        await app.page.locator("#projects-table-options").evaluate("(it) => it.remove()")
        await expect(app.tour).to_have_count(0)
        await expect(app.chat).to_be_visible()
        await expect(app.bubbles.first).to_be_visible()
