"""Strict pages, hostile texts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Route, expect
from support.elsewhere import Elsewhere
from support.host_app import TOAST_MS, HostApp, Opener
from support.hostile import BUTTON, CANARY, HOSTILE
from support.pair import Pair

NOTE_VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sourceFile }) =>
  window.violations.push({ violatedDirective, blockedURI, sourceFile }));
"""

#: Markdown leaves the words of a link whose address is not safe.
RENDERED = re.sub(r"\[(\w+)\]\(javascript:[^)]*\)", r"\1", HOSTILE)


async def strictly(route: Route) -> None:
    """Serve a page with the strictest policy: no inline styles."""
    answer = await route.fetch()
    policy = answer.headers["content-security-policy"].replace(" 'unsafe-inline'", "")
    await route.fulfill(response=answer, headers={**answer.headers, "content-security-policy": policy})


async def violations(app: HostApp) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await app.evaluate("() => window.violations")
    return found


async def test_works_under_a_strict_content_security_policy(open_app: Opener) -> None:
    """No inline script, no inline style: the page without the chat widget, which writes styles of its own."""
    async with open_app() as app:
        await app.page.add_init_script(NOTE_VIOLATIONS)
        await app.page.route("**/demo/projects**", strictly)
        await app.page.route("**/rasa-webchat.js", lambda route: route.abort())
        await app.visit(with_chat=False)
        await app.edit_three()
        await expect(app.toast).to_be_visible(timeout=TOAST_MS)
        assert await app.toast.evaluate("(it) => getComputedStyle(it).display") == "grid", "it has its styles"
        await app.show_me.click()
        await expect(app.tour).to_contain_text("Open table options")
        await app.page.locator("#projects-table-options").click()
        await expect(app.tour).to_contain_text("Pick Bulk edit")
        assert await violations(app) == []


async def test_only_the_chat_widget_violates_a_strict_policy(open_app: Opener) -> None:
    async with open_app() as app:
        await app.page.add_init_script(NOTE_VIOLATIONS)
        await app.invited()
        await app.open_chat.click()
        await expect(app.bubbles).to_have_count(2)
        # Web fonts: of another host, and icons written into its own style sheet.
        refused = {violation["blockedURI"].partition("?")[0] for violation in await violations(app)}
        assert refused <= {"https://fonts.googleapis.com/css", "data"}


@pytest.mark.parametrize("as_module", [False, True], ids=["tag", "module"])
async def test_works_in_an_app_of_another_origin_under_a_strict_policy(
    open_app: Opener, pair: Pair, as_module: bool
) -> None:
    async with open_app() as app:
        await app.page.add_init_script(NOTE_VIOLATIONS)
        assert app.user_id
        async with Elsewhere(pair, app.user_id, as_module=as_module).served() as address:
            await app.page.goto(address)
            await app.page.wait_for_function("() => window.rasaAutoplay?.copilot && window.posthog?.__loaded")
            for _ in range(3):
                await app.page.locator("#save").click()
            await expect(app.toast).to_be_visible(timeout=TOAST_MS)
            # None of the tour's elements is on this page.
            await expect(app.show_me).to_be_hidden()
            await app.evaluate("() => (document.querySelector('h1').id = 'projects-table-options')")
            await expect(app.show_me).to_be_visible()
            await app.toast.get_by_role("button", name="Later").click()
            await app.receipt("snoozed")
            assert await violations(app) == []


async def offered_hostile_texts(app: HostApp) -> None:
    await app.visit()
    await app.evaluate(
        """(label) => {
          const button = document.createElement("button");
          button.textContent = label;
          button.id = "fine-print";
          document.querySelector(".page-head").append(button);
        }""",
        BUTTON,
    )
    await app.page.locator("#fine-print").click()
    await expect(app.toast).to_be_visible(timeout=TOAST_MS)


async def is_unharmed(app: HostApp) -> None:
    assert await app.evaluate(f"() => window.{CANARY}") is None


async def test_toast_and_tour_show_hostile_texts_as_plain_text(open_app: Opener) -> None:
    # Without the page's policy: that must not be what saves us.
    async with open_app(bypass_csp=True) as app:
        await offered_hostile_texts(app)
        await expect(app.toast.locator(".text")).to_contain_text(RENDERED)
        assert await app.toast.locator(".text :is(img, a, script, b)").count() == 0
        await app.picture("hostile-toast")
        await app.show_me.click()
        await expect(app.tour.locator(".title")).to_have_text(HOSTILE)
        await expect(app.tour.locator(".text")).to_have_text(RENDERED)
        assert await app.tour.locator(":is(img, a, script, b)").count() == 0
        await app.picture("hostile-tour")
        await is_unharmed(app)


async def test_the_chat_shows_hostile_texts_as_plain_text(open_app: Opener) -> None:
    async with open_app(bypass_csp=True) as app:
        await offered_hostile_texts(app)
        await app.open_chat.click()
        await expect(app.bubbles).to_have_count(2)
        await expect(app.bubbles.first).to_contain_text("click")
        await app.picture("hostile-chat")
        assert await app.bubbles.locator("script").count() == 0
        assert await app.bubbles.locator("[onerror]").count() == 0
        for link in await app.bubbles.locator("a, img").all():
            address = await link.evaluate("(it) => it.href || it.src")
            assert not address.startswith(("javascript:", "data:")), address
        for bubble in await app.bubbles.all():
            await bubble.click()
        await is_unharmed(app)
