"""A user finds a tip again, restarts its tour, and decides what to hear about."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, expect
from support.background import eventually
from support.host_app import THREE_PROJECTS, TOAST_MS, HostApp, Opener
from support.project import TRIGGER

#: The toast becomes a pill after a second.
_SHORT_TOASTS = """
  new MutationObserver((records) => {
    for (const { addedNodes } of records)
      for (const { src, dataset } of addedNodes) if (src && dataset.userId) dataset.toastSeconds = "1";
  }).observe(document, { childList: true, subtree: true });
"""


def tips_of(app: HostApp) -> Locator:
    return app.page.locator("rasa-autoplay-tips dialog")


async def opened_tips(app: HostApp) -> Locator:
    await app.evaluate("() => rasaAutoplay.copilot.openTips()")
    await expect(tips_of(app).get_by_role("heading", name="My tips")).to_be_visible()
    return tips_of(app)


async def closed_gate(app: HostApp) -> str:
    """The gate that stops the example's trigger now; empty if none does."""
    assert app.user_id
    explained = await app.pair.explain(app.user_id)
    (trigger,) = [each for each in explained["triggers"] if each["trigger_id"] == TRIGGER]
    return next((gate["gate"] for gate in trigger["gates"] if gate["stops"]), "")


async def stays_silent(app: HostApp, gate: str) -> None:
    """Edit three projects: the trigger fires, and this gate stops it."""
    await app.edit_three(projects=THREE_PROJECTS)
    await eventually(lambda: closed_gate(app), what="a gate is closed")

    async def is_stopped() -> bool:
        return await closed_gate(app) == gate

    await eventually(is_stopped, what=f"the gate {gate} is closed")
    await app.says_nothing()


async def test_tip_is_found_again_restarted_muted_and_unmuted(open_app: Opener) -> None:
    async with open_app() as app:
        await app.page.add_init_script(_SHORT_TOASTS)
        await app.invited()
        await app.receipt("timed_out")
        await app.evaluate("() => document.activeElement.blur()")
        await expect(app.pill).to_be_visible()

        # Three presses from the page to the list; the fourth opens the card again.
        await app.press("F6", "Tab", "Enter")
        tips = tips_of(app)
        await expect(tips.get_by_text("Changing projects one at a time?")).to_be_visible()
        await expect(tips.get_by_role("button", name="Open")).to_be_focused()
        await app.picture("my-tips-live")
        await app.press("Enter")
        await expect(app.show_me).to_be_focused()
        await app.toast.get_by_role("button", name="Don’t show again").click()
        offer_id = await app.receipt("never")

        # Its tour starts again, and counts as asked for: the offer keeps its answer.
        tips = await opened_tips(app)
        await tips.get_by_role("button", name="Show me again").click()
        await expect(app.tour).to_contain_text("Open table options")
        await app.press("Escape")
        await expect(app.tour).to_have_count(0)
        await app.pair.offer_is(offer_id, "never")

        # The same trigger stays silent, until the user takes "Don't show again" back.
        await stays_silent(app, "answered")
        tips = await opened_tips(app)
        await app.picture("my-tips-past")
        await tips.get_by_role("button", name="Unmute").first.click()
        await expect(tips.get_by_role("heading", name="Muted topics")).to_have_count(0)
        await app.press("Escape")
        await expect(app.toast).to_be_visible(timeout=TOAST_MS)

        # Muting the topic of a live tip takes it away.
        tips = await opened_tips(app)
        await tips.get_by_role("button", name="Mute topic").first.click()
        await expect(tips.get_by_role("heading", name="Muted topics")).to_be_visible()
        await app.press("Escape")
        await expect(app.toast).to_have_count(0)
        await stays_silent(app, "muted_topic")
        tips = await opened_tips(app)
        await tips.get_by_role("button", name="Unmute").first.click()
        await app.press("Escape")
        await expect(app.toast).to_be_visible(timeout=TOAST_MS)


@pytest.mark.slow
async def test_own_quiet_hours_are_kept(open_app: Opener) -> None:
    async with open_app(timezone_id="Asia/Tokyo") as app:
        await app.visit()
        tips = await opened_tips(app)
        # An hour before and after now, by the clock of the user's browser.
        begin, end = await app.evaluate(
            """() => [-1, 1].map((hours) =>
              new Date(Date.now() + hours * 3600000).toTimeString().slice(0, 5))"""
        )
        await tips.get_by_label("From").fill(begin)
        await tips.get_by_label("To").fill(end)
        await tips.get_by_role("button", name="Save").click()
        await expect(tips.get_by_role("button", name="Remove")).to_be_visible()
        await app.press("Escape")
        await stays_silent(app, "own_quiet_hours")
        assert app.user_id
        explained = await app.pair.explain(app.user_id)
        details = [gate["detail"] for each in explained["triggers"] for gate in each["gates"]]
        assert any(f"{begin} to {end}" in detail and "Asia/Tokyo" in detail for detail in details)
        tips = await opened_tips(app)
        await tips.get_by_role("button", name="Remove").click()
        await expect(tips.get_by_role("button", name="Remove")).to_have_count(0)
        await app.press("Escape")
        await expect(app.toast).to_be_visible(timeout=TOAST_MS)
