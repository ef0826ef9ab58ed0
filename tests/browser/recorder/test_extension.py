"""The extension records in an app that has no autoplay.js and a strict policy."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import BrowserContext, Worker, async_playwright, expect
from support.chromium import ARGUMENTS, require_browser
from support.deployment import ADMIN_KEY, BASE, deployed
from support.processes import free_port
from support.run import asynchronous

from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.tools.browser_extension import write_extension

PAGE = """<!doctype html><title>App</title><button id=save>Save</button><a href=/other>Other page</a>"""
POLICY = (
    "default-src 'none'; script-src 'none'; connect-src 'none'; style-src 'none'; form-action 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)


def test_writes_only_into_a_folder_of_its_own(tmp_path: Path) -> None:
    write_extension(tmp_path / "new", "https://bot.example.com/prefix/")
    write_extension(tmp_path / "new", "https://bot.example.com/prefix/")
    manifest = json.loads((tmp_path / "new" / "manifest.json").read_text("utf-8"))
    assert manifest["homepage_url"] == "https://bot.example.com/prefix/webhooks/autoplay/studio"
    assert manifest["permissions"] == ["activeTab", "scripting", "storage"]
    assert "host_permissions" not in manifest
    (tmp_path / "notes.txt").write_text("mine", "utf-8")
    with pytest.raises(AutoplayError, match="has other files, such as new"):
        write_extension(tmp_path, "https://bot.example.com")
    with pytest.raises(AutoplayError, match="is not an HTTP address"):
        write_extension(tmp_path / "other", "bot.example.com")


async def _page(_request: web.Request) -> web.Response:
    headers = {"Content-Security-Policy": POLICY, "Cross-Origin-Opener-Policy": "same-origin"}
    return web.Response(text=PAGE, content_type="text/html", headers=headers)


@asynccontextmanager
async def _app() -> AsyncIterator[str]:
    """Serve an app that allows no script and no connection; the result is its origin."""
    app = web.Application()
    app.router.add_get("/{path:.*}", _page)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _browser(folder: Path, profile: Path) -> AsyncIterator[tuple[BrowserContext, Worker]]:
    """Start Chromium with the extension; the second result is its service worker."""
    options: dict[str, Any] = {
        "executable_path": require_browser(),
        "args": [
            *(each for each in ARGUMENTS if each != "--headless"),
            "--headless=new",
            f"--disable-extensions-except={folder}",
            f"--load-extension={folder}",
        ],
        "ignore_default_args": ["--disable-extensions"],
        "headless": False,
    }
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(profile, **options)
        workers = context.service_workers
        try:
            yield context, workers[0] if workers else await context.wait_for_event("serviceworker")
        finally:
            await context.close()


@pytest.mark.slow
@asynchronous
async def test_records_on_a_page_with_a_strict_policy(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    async with (
        _app() as app,
        deployed(project, allowed_origins=[app]) as served,
    ):
        folder = tmp_path / "extension"
        write_extension(folder, served.origin)
        # Playwright cannot press the toolbar's button, which lets the extension into the tab.
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        allowed = {**manifest, "host_permissions": [f"{app}/*"]}
        (folder / "manifest.json").write_text(json.dumps(allowed), "utf-8")
        headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
        body = {"page": f"{app}/projects"}
        async with served.http.post(
            f"{served.origin}{BASE}/recorder/links", json=body, headers=headers
        ) as made:
            link = (await made.json())["link"]
        async with _browser(folder, tmp_path / "profile") as (context, worker):
            page = await context.new_page()
            await page.goto(link)
            press = "async () => start((await chrome.tabs.query({ url: '<all_urls>' })).at(-1).id)"
            await worker.evaluate(press)
            panel = page.locator("rasa-autoplay-recorder")
            await panel.locator(".frame").wait_for()
            assert page.url == f"{app}/projects", "the token has left the address bar"
            await page.locator("#save").click()
            await expect(panel.get_by_text("Save").first).to_be_visible()
            await expect(panel.get_by_text("Traffic shows: Click Save")).to_be_visible()
            await page.goto(f"{app}/other")
            await panel.locator(".frame").wait_for()
            await expect(panel.get_by_text("Save").first).to_be_visible()
            # Without a link, nothing starts.
            other = await context.new_page()
            await other.goto(f"{app}/projects")
            await worker.evaluate(press)
            titles = """async () => {
                const tabs = await chrome.tabs.query({});
                return Promise.all(tabs.map(({ id: tabId }) => chrome.action.getTitle({ tabId })));
            }"""
            assert [each for each in await worker.evaluate(titles) if each.startswith("Open a link of")]
            assert await other.locator("rasa-autoplay-recorder").count() == 0
