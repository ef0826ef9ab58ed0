"""Show me on the example's page: success is success, however the user gets there."""

from __future__ import annotations

from playwright.async_api import expect
from support.host_app import BULK_STEPS, HostApp, Opener


async def _in_bulk_edit(app: HostApp) -> None:
    await app.invited()
    await app.show_me.click()
    await expect(app.tour).to_contain_text("Open table options")
    await app.page.locator("#projects-table-options").click()
    await expect(app.tour).to_contain_text("Pick Bulk edit")
    await app.page.locator("#projects-bulk-edit-toggle").click()
    await expect(app.tour).to_contain_text("Select projects")


async def test_other_rows_and_apply_end_the_tour_with_success(open_app: Opener) -> None:
    async with open_app() as app:
        await _in_bulk_edit(app)
        for project in ("P-1045", "P-1051"):
            await app.tick(project)
        await expect(app.tour).to_contain_text("Select projects")
        await app.page.locator("#bulk-apply").click()
        await expect(app.page.locator("rasa-autoplay-tour .done .title")).to_have_text("Done")
        await app.receipt("tour_finished")
        await expect(app.page.locator("rasa-autoplay-tour")).to_have_count(0)
        await expect(app.chat).to_have_count(0)


async def test_choosing_the_priority_leads_to_apply(open_app: Opener) -> None:
    """Only the chat explains that step, so only the engine sees that it was done."""
    async with open_app() as app:
        await _in_bulk_edit(app)
        await app.tick("P-1051")
        await app.page.locator("#bulk-priority").select_option("Low")
        await expect(app.tour).to_contain_text("Apply")
        await app.picture("tour-after-the-priority")


async def test_a_reload_during_the_tour_continues_it(open_app: Opener) -> None:
    async with open_app() as app:
        await app.invited()
        await app.show_me.click()
        await expect(app.tour).to_contain_text("Open table options")
        await app.page.reload()
        await expect(app.tour).to_contain_text("Open table options")
        await app.page.locator("#projects-table-options").click()
        await expect(app.tour).to_contain_text("Pick Bulk edit")


async def test_leaving_the_page_ends_the_tour_and_returning_continues_it(open_app: Opener) -> None:
    async with open_app() as app:
        await app.invited()
        await app.show_me.click()
        await expect(app.tour).to_contain_text("Open table options")
        await app.go_to("Dashboard")
        await app.receipt("tour_elsewhere")
        await expect(app.chat).to_have_count(0)
        await app.go_to("Projects")
        await app.page.get_by_role("button", name="Continue").click()
        await expect(app.tour).to_contain_text("Open table options")


async def test_the_whole_story_works_by_touch(open_app: Opener) -> None:
    async with open_app(has_touch=True, viewport={"width": 375, "height": 667}) as app:
        await app.invited()
        await app.show_me.tap()
        for title, element in BULK_STEPS:
            await expect(app.tour).to_contain_text(title)
            await app.picture(f"touch-{title.split()[0].lower()}")
            await app.page.locator(element).first.tap()
            if title == "Select projects":
                await app.tour.get_by_role("button", name="Next").tap()
        await app.receipt("tour_finished")
        await expect(app.priority_of("P-1042")).to_have_text("High")
        await expect(app.chat).to_have_count(0)
