"""When nothing is to be said."""

from __future__ import annotations

from playwright.async_api import expect
from support.host_app import THREE_PROJECTS, TOAST_MS, HostApp, Opener


async def stays_silent(app: HostApp, *, saves: int) -> None:
    assert app.user_id
    await app.pair.has_counted(app.user_id, saves)
    await app.says_nothing()
    assert app.pair.offers_to(app.user_id) == []


async def test_shows_no_toast_to_a_user_who_knows_bulk_edit(open_app: Opener) -> None:
    async with open_app() as app:
        await app.visit()
        await app.page.locator("#projects-table-options").click()
        await app.page.locator("#projects-bulk-edit-toggle").click()
        await app.page.get_by_role("button", name="Leave selection").click()
        await app.edit_three()
        await stays_silent(app, saves=3)


async def test_shows_the_toast_after_the_third_edit_and_not_the_second(open_app: Opener) -> None:
    async with open_app() as app:
        await app.visit()
        await app.edit_three(projects=THREE_PROJECTS[:2])
        await stays_silent(app, saves=2)
        await app.edit(THREE_PROJECTS[2])
        await expect(app.toast).to_be_visible(timeout=TOAST_MS)


async def test_cancelled_edits_do_not_count(open_app: Opener) -> None:
    async with open_app() as app:
        await app.visit()
        for project, way_out in zip(THREE_PROJECTS, ("#edit-cancel", "#edit-close", ""), strict=True):
            await app.begin_edit(project)
            await (app.page.locator(way_out).click() if way_out else app.press("Escape"))
            await expect(app.page.locator("#edit-dialog")).to_be_hidden()
        # One that was saved afterwards shows that they are not counted.
        await app.edit(THREE_PROJECTS[0])
        await stays_silent(app, saves=1)
