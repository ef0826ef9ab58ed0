"""Somebody edits three projects one by one, a toast comes, and either of its buttons leads to the end."""

from __future__ import annotations

from playwright.async_api import expect
from support.host_app import BULK_STEPS, Opener

QUESTION = (
    "Changing projects one at a time? You can select several and change them together. Shall I show you how?"
)
STEPS = [
    "Open the small ⋯ menu at the top right of the table, beside the status filter.",
    'In the menu, choose "Bulk edit". Every row gets a checkbox.',
    "Tick the projects that you want to change.",
    "In the toolbar that appears at the bottom, choose the new priority.",
    'Press "Apply to N" (N = how many you ticked): they all change together.',
]


async def test_show_me_leads_through_the_bulk_edit(open_app: Opener) -> None:
    async with open_app() as app:
        await app.invited()
        await expect(app.toast).to_contain_text(QUESTION)
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
        await expect(app.toast).to_have_count(0)
        for project_id in ("P-1042", "P-1051"):
            await expect(app.priority_of(project_id)).to_have_text("Low")
        await expect(app.priority_of("P-1045")).to_have_text("Urgent")
        await app.picture("after-the-tour")
        await app.receipt("rendered")
        await app.receipt("accepted")


async def test_open_chat_asks_and_explains_without_user_input(open_app: Opener) -> None:
    async with open_app() as app:
        await app.invited()
        await app.open_chat.click()
        await expect(app.chat).to_be_visible()
        await expect(app.toast).to_have_count(0)
        await expect(app.bubbles.first).to_have_text(QUESTION)
        await expect(app.bubbles).to_have_count(2)
        # No greeting in front, and the steps are a list with its numbers.
        await expect(app.bubbles.nth(1)).to_contain_text("Bulk edit projects:")
        await expect(app.bubbles.nth(1).locator("ol > li")).to_have_text(STEPS)
        await expect(app.bubbles.nth(1).locator("li").last).to_have_css("list-style-type", "decimal")
        await app.picture("chat")
        await app.receipt("bubble_2_delivered")
