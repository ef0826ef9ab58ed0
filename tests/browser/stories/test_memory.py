"""What the app remembers of a user: each visit is another browser, as on another day."""

from __future__ import annotations

from playwright.async_api import expect
from support.background import eventually
from support.host_app import BULK_STEPS, TOAST_MS, Opener, new_user
from support.pair import Pair

OPEN_STEP = "You haven't done “Select projects” in “Bulk edit projects” yet. Want me to show you where it is?"


async def remembered(pair: Pair, user_id: str, visits: int, steps: str) -> None:
    """Wait until that many visits stand in the database, and the newest shows these steps."""

    def written() -> bool:
        rows = pair.query(
            "select findings from autoplay_session_analyses where user_id = ? order by started_at", user_id
        )
        return len(rows) == visits and steps in str(rows[-1][0])

    await eventually(written, what=f"{visits} visits of {user_id} are remembered")


async def test_the_second_visit_offers_the_missed_step_until_mastery(open_app: Opener, pair: Pair) -> None:
    user_id = new_user()
    async with open_app(user_id=user_id) as app:
        await app.visit()
        await app.page.locator("#projects-table-options").click()
        await app.page.locator("#projects-bulk-edit-toggle").click()
        await remembered(pair, user_id, 1, '"done":["options","bulk-edit"]')
        assert pair.offers_to(user_id) == []
    async with open_app(user_id=user_id) as app:
        await app.visit()
        await expect(app.toast).to_be_visible(timeout=TOAST_MS)
        await expect(app.toast).to_contain_text(OPEN_STEP)
        await app.picture("second-visit")
        await app.show_me.click()
        for title, element in BULK_STEPS:
            await expect(app.tour).to_contain_text(title)
            if element == "#bulk-apply":
                await app.page.locator("#bulk-priority").select_option("Low")
            await app.do_tour_step(title, element)
        await expect(app.tour).to_have_count(0)
        await remembered(pair, user_id, 2, '"completed":1')
        offers = pair.offers_to(user_id)
    async with open_app(user_id=user_id) as app:
        await app.visit()
        # Written down once their past was read, and the triggers were asked about it.
        await remembered(pair, user_id, 3, "")
        await app.edit_three()
        await pair.has_counted(user_id, 3)
        await app.says_nothing()
        assert pair.offers_to(user_id) == offers


async def test_an_unchanged_preset_is_not_a_missed_step(open_app: Opener, pair: Pair) -> None:
    user_id = new_user()
    async with open_app(user_id=user_id) as app:
        await app.visit()
        await app.page.locator("#projects-table-options").click()
        await app.page.locator("#projects-bulk-edit-toggle").click()
        for project_id in ("P-1042", "P-1045", "P-1047"):
            await app.tick(project_id)
        await expect(app.page.locator("#bulk-priority")).to_have_value("High")
        await app.page.locator("#bulk-apply").click()
        await remembered(
            pair,
            user_id,
            1,
            '"completed":1,"completion_pct":100.0,"done":["options","bulk-edit","select","apply"]',
        )
    async with open_app(user_id=user_id) as app:
        await app.visit()
        await remembered(pair, user_id, 2, "")
        await app.edit_three()
        await pair.has_counted(user_id, 3)
        await app.says_nothing()
        assert pair.offers_to(user_id) == []


async def test_one_user_uses_show_me_and_then_open_chat_in_a_second_tab(open_app: Opener, pair: Pair) -> None:
    """Show me to its end; then the three edits again in a fresh tab, then Open chat: nobody signs in anew."""
    async with open_app(user_id=None) as app:
        app.user_id = "anna-berg"
        await app.page.goto(f"{pair.base}/demo/projects", wait_until="domcontentloaded")
        await app.page.wait_for_function("() => window.rasaAutoplay?.copilot")
        await app.edit_three()
        await expect(app.toast).to_be_visible(timeout=TOAST_MS)
        await app.show_me.click()
        for title, element in BULK_STEPS:
            await expect(app.tour).to_contain_text(title)
            if element == "#bulk-apply":
                await app.page.locator("#bulk-priority").select_option("Low")
            await app.do_tour_step(title, element)
        await expect(app.tour).to_have_count(0)
        await remembered(pair, app.user_id, 1, '"completed":1')
        again = await app.another_tab()
        again.user_id = None
        await again.invited()
        assert [
            offer
            for (offer,) in pair.query(
                "select distinct trigger_id from autoplay_offers where user_id = 'anna-berg'"
            )
        ] == ["bulk_edit_opportunity"]
        await again.open_chat.click()
        await expect(again.bubbles).to_have_count(2)
        await expect(again.bubbles.nth(1)).to_contain_text('Press "Apply to N"')
