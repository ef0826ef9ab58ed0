"""The whole copilot below a proxy's path prefix: script, modules, capture, feed, tour and chat socket."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import expect
from support.chromium import launched, require_browser, require_libraries
from support.deployment import BASE, DEADLINE_S, deployed
from support.documentation import blocks
from support.nginx import nginx
from support.processes import ROOT
from support.run import asynchronous

_WITHIN_MS = 1000 * DEADLINE_S
_READY = "() => window.rasaAutoplay?.copilot && sessionStorage.chat_session"


@asynchronous
async def test_demo_tells_its_story_below_a_prefix(tmp_path: Path) -> None:
    chromium = require_browser()
    require_libraries()
    folders = {name: tmp_path / name for name in ("servers", "nginx")}
    for folder in folders.values():
        folder.mkdir()
    page_folder = str(ROOT / "example_bot" / "host_app")
    (snippet,) = blocks("nginx")
    async with (
        deployed(folders["servers"], proxies=1, identity="none", demo_page=page_folder) as made,
        nginx(folders["nginx"], snippet.text.replace("http://127.0.0.1:5005", made.origin)) as origin,
        launched(chromium) as browser,
    ):
        page = await browser.new_page()
        page.set_default_timeout(_WITHIN_MS)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(f"{origin}/bot{BASE}/demo?user=anna")
        await page.wait_for_function(_READY)
        assert page.url == f"{origin}/bot{BASE}/demo/projects?user=anna"
        await made.send_story("anna")
        card = page.locator("rasa-autoplay .card")
        await expect(card).to_be_visible(timeout=_WITHIN_MS)
        health = await made.health()
        assert (health["feeds"]["open"], health["chat"]["open"]) == (1, 1)
        await page.locator("rasa-autoplay").get_by_role("button", name="Show me").click()
        await expect(page.get_by_text(re.compile("table options", re.I)).first).to_be_visible()
        assert (await made.health())["sources"]["capture"]["page_views"] >= 1, "posthog-js found the server"
        # The policy of the page refuses the web fonts that rasa-webchat asks another host for.
        here = [url for url in asked if "://127.0.0.1" in url]
        assert [url for url in here if not url.startswith(f"{origin}/bot/")] == []
