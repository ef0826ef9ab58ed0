"""What the docs say about rasa-webchat, on real servers: its styles, its fonts, and held-back messages."""

from __future__ import annotations

import pytest
from playwright.async_api import Request, Route, expect
from support.host_app import TOAST_MS, HostApp, Opener

from browser.stories.test_safety import NOTE_VIOLATIONS, strictly, violations

#: Notes when each of the bot's messages arrives and when it is on the page, in ms of the page's clock.
_NOTE_MESSAGES = """
window.arrived = [];
window.drawn = [];
const Socket = WebSocket;
window.WebSocket = class extends Socket {
  constructor(...how) {
    super(...how);
    const note = ({ data }) => String(data).includes("bot_uttered") && window.arrived.push(performance.now());
    this.addEventListener("message", note);
  }
};
new MutationObserver(() => {
  const count = document.querySelectorAll(".rw-message:not(.rw-typing-indication) .rw-response").length;
  while (window.drawn.length < count) window.drawn.push(performance.now());
}).observe(document, { subtree: true, childList: true });
"""
_HELD_BACK = "() => window.drawn.map((at, index) => at - window.arrived[index])"
_IS_PLACED = "(it) => getComputedStyle(it).position === 'fixed'"


async def _reads_both_bubbles(app: HostApp) -> None:
    await app.open_chat.click()
    await expect(app.bubbles).to_have_count(2)
    await expect(app.bubbles.nth(1)).to_contain_text('Press "Apply to N"')


@pytest.mark.slow
@pytest.mark.parametrize("is_strict", [False, True], ids=["unsafe-inline", "strict"])
async def test_without_unsafe_inline_it_loses_its_looks_and_nothing_else(
    open_app: Opener, is_strict: bool
) -> None:
    async with open_app() as app:
        await app.page.add_init_script(NOTE_VIOLATIONS)
        if is_strict:
            await app.page.route("**/demo/projects**", strictly)
        await app.visit(with_chat=False)
        await app.page.wait_for_function("() => sessionStorage.chat_session")
        await app.edit_three()
        await expect(app.toast).to_be_visible(timeout=TOAST_MS)
        assert await app.toast.evaluate("(it) => getComputedStyle(it).display") == "grid"
        await _reads_both_bubbles(app)
        assert await app.page.locator(".rw-widget-container").evaluate(_IS_PLACED) is not is_strict
        refused = [it for it in await violations(app) if it["blockedURI"] == "inline"]
        assert bool(refused) is is_strict
        assert all("rasa-webchat" in it["sourceFile"] for it in refused)
        await app.picture(f"rasa-webchat-{'strict' if is_strict else 'usual'}")


@pytest.mark.slow
async def test_it_asks_google_for_a_font_and_works_without(open_app: Opener) -> None:
    """Without the page's policy, which would refuse the request before anybody could see it."""
    asked: list[str] = []

    async def refuse(route: Route, request: Request) -> None:
        asked.append(request.url)
        await route.abort()

    async with open_app(bypass_csp=True) as app:
        own = app.pair.origin
        await app.page.route(lambda url: not url.startswith((own, own.replace("http", "ws", 1))), refuse)
        await app.invited()
        await _reads_both_bubbles(app)
        assert asked
        assert all(url.startswith("https://fonts.googleapis.com/css?family=Inter") for url in asked)


@pytest.mark.slow
@pytest.mark.parametrize("is_documented", [True, False], ids=["as documented", "by default"])
async def test_it_holds_messages_back_unless_told_otherwise(open_app: Opener, is_documented: bool) -> None:
    async def forget_the_option(route: Route) -> None:
        answer = await route.fetch()
        text = await answer.text()
        assert "customMessageDelay: () => 0," in text
        await route.fulfill(response=answer, body=text.replace("customMessageDelay: () => 0,", ""))

    async with open_app() as app:
        await app.page.add_init_script(_NOTE_MESSAGES)
        if not is_documented:
            await app.page.route("**/js/help.js", forget_the_option)
        await app.invited()
        # Messages to a closed window are not held back.
        await app.chat_launcher.click()
        await _reads_both_bubbles(app)
        await app.page.wait_for_function("() => window.drawn.length === 2")
        held_ms = await app.evaluate(_HELD_BACK)
        assert len(held_ms) == 2
        if is_documented:
            assert max(held_ms) < 2500
        else:
            # 30 ms for each character, at least 0.8 s and at most 3 s, and one message after the other.
            assert held_ms[0] >= 800
            assert held_ms[1] >= 3000
