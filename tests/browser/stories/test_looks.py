"""Large and narrow, light and dark, with and without motion: every state can be seen, read and reached."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, expect
from support.axe import axe_violations
from support.host_app import BULK_STEPS, LARGE, NARROW, TOAST_MS, HostApp, Opener

LOOKS = [
    pytest.param(LARGE, "light", id="large-light"),
    pytest.param(LARGE, "dark", id="large-dark"),
    pytest.param(NARROW, "light", id="narrow-light"),
    pytest.param(NARROW, "dark", id="narrow-dark"),
]


async def is_well(app: HostApp, state: str, *parts: Locator) -> None:
    """Nothing sticks out of the window, axe-core has no complaint, and a picture is kept."""
    await app.picture(state)
    wide = await app.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{state}: the page is {wide} px too wide"
    for part in parts:
        await expect(part).to_be_in_viewport(ratio=0.999)
    assert await axe_violations(app.page) == [], state


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS)
async def test_every_state_of_show_me_is_accessible(
    open_app: Opener, viewport: dict[str, int], scheme: str
) -> None:
    async with open_app(viewport=viewport, color_scheme=scheme, reduced_motion="reduce") as app:
        await app.visit()
        await is_well(app, "projects")
        await app.begin_edit("Customer portal relaunch")
        await is_well(app, "dialog")
        await app.page.locator("#edit-save").click()
        await app.edit_three("High")
        await expect(app.toast).to_be_visible(timeout=TOAST_MS)
        await is_well(app, "toast", app.toast, app.show_me, app.open_chat)
        await app.show_me.click()
        for number, (title, element) in enumerate(BULK_STEPS, 1):
            await expect(app.tour).to_contain_text(title)
            await is_well(app, f"tour-{number}", app.tour, app.page.locator(element))
            if number == len(BULK_STEPS):
                # What the step asks for must not lie under what explains it.
                await app.page.locator("#bulk-priority").click(trial=True)
                await app.page.locator("#bulk-priority").select_option("Low")
            await app.do_tour_step(title, element)
        await expect(app.tour).to_have_count(0)
        await expect(app.priority_of("P-1042")).to_have_text("Low")
        await app.go_to("Dashboard")
        await is_well(app, "dashboard")


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS)
async def test_every_state_of_open_chat_is_accessible(
    open_app: Opener, viewport: dict[str, int], scheme: str
) -> None:
    async with open_app(viewport=viewport, color_scheme=scheme, reduced_motion="reduce") as app:
        await app.invited()
        await app.open_chat.click()
        await expect(app.bubbles).to_have_count(2)
        await is_well(app, "chat", app.chat)


async def test_nothing_moves_with_reduced_motion(open_app: Opener) -> None:
    async with open_app(reduced_motion="reduce") as app:
        await app.invited()
        assert await app.toast.evaluate("(it) => getComputedStyle(it).animationName") == "none"
        assert await app.toast.evaluate("(it) => it.getAnimations({ subtree: true }).length") == 0


async def test_the_toast_is_dark_in_dark_mode(open_app: Opener) -> None:
    brightness = """(it) => {
      const [red, green, blue] = getComputedStyle(it).backgroundColor.match(/\\d+/g).map(Number);
      return red + green + blue;
    }"""
    async with open_app(color_scheme="dark") as app:
        await app.invited()
        assert await app.toast.evaluate(brightness) < 3 * 70
        # As soon as the system changes.
        await app.page.emulate_media(color_scheme="light")
        await expect(app.toast).to_have_css("background-color", "rgb(255, 255, 255)")
