"""The frame: sign-in, navigation, theme, command palette, and the shared modules."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from browser.studio.stand_in import KEY, StudioStandIn


def test_signs_in_with_the_key_and_out(studio: Callable[..., Page], server: StudioStandIn) -> None:
    server.is_signed_in = False
    page = studio("#/people")
    page.get_by_label("Admin key").fill("a wrong one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("This is not the admin key.")
    page.get_by_label("Admin key").fill(KEY)
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation")).to_be_visible()
    assert page.url.endswith("#/people"), "the place that the person wanted"
    stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert KEY not in stored
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Admin key")).to_be_visible()
