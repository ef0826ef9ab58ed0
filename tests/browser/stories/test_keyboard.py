"""Without a mouse."""

from __future__ import annotations

from playwright.async_api import expect
from support.host_app import BULK_STEPS, THREE_PROJECTS, TOAST_MS, HostApp, Opener


async def edit_by_keys(app: HostApp, project: str) -> None:
    edit = app.page.get_by_role("button", name=f"Edit {project}")
    await app.tab_to(edit)
    await app.press("Enter")
    priority = app.page.locator("#edit-priority")
    await expect(priority).to_be_focused()
    await app.press("U")  # Urgent
    await app.tab_to(app.page.locator("#edit-save"))
    await app.press("Enter")
    await expect(app.page.locator("#edit-dialog")).to_be_hidden()
    await expect(edit).to_be_focused()


async def invited_by_keys(app: HostApp) -> None:
    await app.visit()
    for project in THREE_PROJECTS:
        await edit_by_keys(app, project)
    await expect(app.toast).to_be_visible(timeout=TOAST_MS)
    # F6 goes to the first button that is there.
    await expect(app.show_me).to_be_visible()


async def test_show_me_works_by_keyboard(open_app: Opener) -> None:
    async with open_app() as app:
        await invited_by_keys(app)
        await app.press("F6")
        await expect(app.show_me).to_be_focused()
        await app.picture("focus-in-the-toast")
        await app.press("Enter")
        for title, element in BULK_STEPS[:3]:
            await expect(app.tour).to_contain_text(title)
            await app.tab_to(app.page.locator(element))
            await app.picture(f"tour-{element[1:]}")
            await app.press("Space" if "checkbox" in element else "Enter")
        await app.press("F6", "Enter")  # Next
        await expect(app.tour).to_contain_text("Apply")
        await app.tab_to(app.page.locator("#bulk-priority"), "Shift+Tab")
        await app.press("L")  # Low
        await app.tab_to(app.page.locator("#bulk-apply"))
        await app.press("Enter")
        await expect(app.tour).to_have_count(0)
        await expect(app.priority_of("P-1042")).to_have_text("Low")


async def test_open_chat_works_by_keyboard(open_app: Opener) -> None:
    async with open_app() as app:
        await invited_by_keys(app)
        await app.press("F6", "Tab")
        await expect(app.open_chat).to_be_focused()
        await app.press("Enter")
        await expect(app.bubbles).to_have_count(2)


async def test_escape_closes_the_toast_and_restores_the_focus(open_app: Opener) -> None:
    async with open_app() as app:
        await invited_by_keys(app)
        edit = app.page.get_by_role("button", name=f"Edit {THREE_PROJECTS[2]}")
        # The focus was not taken away from what the user does.
        await expect(edit).to_be_focused()
        await app.press("F6")
        await expect(app.show_me).to_be_focused()
        await app.press("F6")
        await expect(edit).to_be_focused()
        await app.press("F6", "Escape")
        await expect(app.toast).to_be_hidden()
        await expect(edit).to_be_focused()
        await app.receipt("dismissed")


async def test_escape_leaves_the_tour(open_app: Opener) -> None:
    async with open_app() as app:
        await invited_by_keys(app)
        await app.press("F6", "Enter")
        await expect(app.tour).to_contain_text("Open table options")
        await app.press("Escape")
        await expect(app.tour).to_have_count(0)
