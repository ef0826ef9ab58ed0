"""A user edits three projects one by one in the Next.js app, whose menu is Radix' in a portal."""

from __future__ import annotations

import pytest
from playwright.async_api import expect
from support.host_app import BULK_STEPS, TOAST_MS

from browser.nextjs.conftest import OpenNext

pytestmark = pytest.mark.slow


async def test_show_me_leads_through_the_bulk_edit(open_next: OpenNext) -> None:
    async with open_next() as app:
        await app.invited()
        await expect(app.chat).to_have_count(0)
        await app.picture("toast")
        await app.show_me.click()
        for number, (title, element) in enumerate(BULK_STEPS, 1):
            await expect(app.tour).to_contain_text(title)
            await expect(app.page.locator(element)).to_be_in_viewport()
            await app.picture(f"tour-{number}")
            if element == "#bulk-apply":
                await app.tick("P-1051")
                await app.page.locator("#bulk-priority").select_option("Low")
            await app.do_tour_step(title, element)
        await expect(app.tour).to_have_count(0)
        for project_id in ("P-1042", "P-1051"):
            await expect(app.priority_of(project_id)).to_have_text("Low")
        await expect(app.priority_of("P-1045")).to_have_text("Urgent")
        await app.receipt("accepted")


async def test_open_chat_asks_the_question_and_explains_the_steps(open_next: OpenNext) -> None:
    async with open_next() as app:
        await app.invited()
        await app.open_chat.click()
        await expect(app.bubbles).to_have_count(2)
        await expect(app.bubbles.first).to_contain_text("Shall I show you how?")
        await expect(app.bubbles.nth(1)).to_contain_text('Press "Apply to N"')
        await expect(app.bubbles.nth(1).locator("ol > li")).to_have_count(5)
        await app.picture("chat")
        await app.receipt("bubble_2_delivered")


async def test_offers_no_tour_on_a_page_without_its_elements(open_next: OpenNext) -> None:
    async with open_next() as app:
        await app.visit()
        await app.edit_three()
        await app.go_to("Dashboard")
        await expect(app.toast).to_be_visible(timeout=TOAST_MS)
        await expect(app.open_chat).to_be_visible()
        await expect(app.show_me).to_be_hidden()
        await app.picture("dashboard")


async def test_shows_no_toast_to_a_user_who_knows_bulk_edit(open_next: OpenNext) -> None:
    async with open_next() as app:
        await app.visit()
        await app.page.locator("#projects-table-options").click()
        await app.page.locator("#projects-bulk-edit-toggle").click()
        await app.page.get_by_role("button", name="Leave selection").click()
        await app.edit_three()
        assert app.user_id
        await app.pair.has_counted(app.user_id, 3)
        await app.says_nothing()
        assert app.pair.offers_to(app.user_id) == []


async def test_contacts_no_other_host(open_next: OpenNext) -> None:
    """The policy blocks the fonts that rasa-webchat would load from another host; nothing else goes there."""
    async with open_next() as app:
        await app.invited()
        await app.open_chat.click()
        await expect(app.bubbles).to_have_count(2)
        assert app.hosts() == {"127.0.0.1"}
