"""A page of another origin cannot frame, read or drive the studio, even one of the same site that may ask us.

The Rasa server and the attacker's page have different ports of one host: browsers call that one site, so the
session's cookie goes along with the attacker's requests.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from aiohttp import ClientSession, web
from playwright.sync_api import Browser, Page, expect
from support.background import BackgroundLoop
from support.gateway import ServedGateway, served_gateway
from support.processes import free_port

KEY = "key-of-the-operators-in-a-browser"
_WITHIN_S = 60.0
#: Refused by us, or by the browser after its preflight, which tests/attacks/test_studio.py does without.
REFUSED = (401, "TypeError")


async def _attackers_page(_request: web.Request) -> web.Response:
    return web.Response(text="<!doctype html><title>Attacker</title>", content_type="text/html")


class _Servers:
    """The Rasa server, and the attacker's."""

    def __init__(self, served: ServedGateway, attacker: str) -> None:
        self.served = served
        self.attacker = attacker
        self.base = f"{served.origin}/webhooks/autoplay/"


@pytest.fixture
def servers(stand_in_loop: BackgroundLoop) -> Iterator[_Servers]:
    stack = AsyncExitStack()

    async def start() -> _Servers:
        port = free_port()
        attacker = f"http://127.0.0.1:{port}"
        served = await stack.enter_async_context(served_gateway(admin_key=KEY, allowed_origins=[attacker]))
        app = web.Application()
        app.router.add_get("/", _attackers_page)
        runner = web.AppRunner(app)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", port).start()
        return _Servers(served, attacker)

    yield stand_in_loop.run(start(), _WITHIN_S)
    stand_in_loop.run(stack.aclose(), _WITHIN_S)


@pytest.fixture
def signed_in(chromium: Browser, servers: _Servers) -> Iterator[Page]:
    """A page of the studio, signed in with the key."""
    context = chromium.new_context()
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{servers.base}studio")
    page.get_by_label("Admin key").fill(KEY)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Live sessions")).to_be_visible()
    yield page
    context.close()
    assert not complaints


def _ask(page: Page, url: str, options: str) -> Any:
    """Ask from a page like its own scripts; return the status, or why there is no answer."""
    return page.evaluate(
        f"async (url) => fetch(url, {options}).then((answer) => answer.status, (problem) => problem.name)",
        url,
    )


def test_another_origin_reads_and_changes_nothing(signed_in: Page, servers: _Servers) -> None:
    # The address of the studio's own page: here the cookie counts.
    own = "{ headers: { 'X-Autoplay-Studio': '1' } }"
    assert _ask(signed_in, f"{servers.base}explain/u1", own) == 200
    assert "autoplay_studio" not in signed_in.evaluate("document.cookie")

    attacker = signed_in.context.new_page()
    attacker.goto(servers.attacker)
    servers.served.link.asked.clear()
    with_cookie = "credentials: 'include'"
    as_studio = f"{{ {with_cookie}, headers: {{ 'X-Autoplay-Studio': '1' }} }}"
    assert _ask(attacker, f"{servers.base}explain/u1", f"{{ {with_cookie} }}") == 401
    assert _ask(attacker, f"{servers.base}explain/u1", as_studio) in REFUSED
    forged = (
        f"{{ {with_cookie}, headers: {{ 'X-Autoplay-Studio': '1', 'X-Forwarded-Host': location.host }} }}"
    )
    assert _ask(attacker, f"{servers.base}explain/u1", forged) in REFUSED
    for path in ("users/demo/u1/delete", "sessions/details", "pauses", "studio/ticket"):
        simple = f"{{ {with_cookie}, method: 'POST', body: '{{\"by\": \"Eve\"}}', mode: 'no-cors' }}"
        _ask(attacker, servers.base + path, simple)
        posted = as_studio.replace(
            "{ credentials", "{ method: 'POST', body: '{\"by\": \"Eve\"}', credentials", 1
        )
        assert _ask(attacker, servers.base + path, posted) in REFUSED, path
    # Its sign-in and its files are closed to other origins altogether.
    for path in ("studio", "studio/session", "studio/sign-out", "studio/main.js"):
        assert (
            _ask(attacker, servers.base + path, f"{{ {with_cookie}, method: 'POST', body: '{{}}' }}")
            == "TypeError"
        )
        assert _ask(attacker, servers.base + path, f"{{ {with_cookie} }}") == "TypeError"
    assert servers.served.link.asked == []
    assert _ask(signed_in, f"{servers.base}explain/u1", own) == 200, "the session is still there"


def test_another_origin_cannot_frame_the_studio(signed_in: Page, servers: _Servers) -> None:
    attacker = signed_in.context.new_page()
    said: list[str] = []
    attacker.on("console", lambda message: said.append(message.text))
    attacker.goto(servers.attacker)
    for name in ("studio", "studio/preview.html"):
        attacker.evaluate(
            """(src) => new Promise((done) => {
              const frame = document.createElement("iframe");
              frame.src = src;
              frame.onload = done;
              document.body.append(frame);
            })""",
            servers.base + name,
        )
    assert len(attacker.frames) == 3
    assert all(frame.url.startswith("chrome-error:") for frame in attacker.frames[1:])
    assert sum("frame" in text for text in said) >= 2


def test_a_window_that_another_origin_opens_is_out_of_its_reach(signed_in: Page, servers: _Servers) -> None:
    attacker = signed_in.context.new_page()
    attacker.goto(servers.attacker)
    with attacker.expect_popup() as opened:
        attacker.evaluate("(url) => { window.handle = window.open(url); }", f"{servers.base}studio#/now")
    expect(opened.value.get_by_role("heading", name="Live sessions")).to_be_visible()
    assert opened.value.evaluate("window.opener") is None
    attacker.wait_for_function("window.handle.closed")


def test_signing_out_ends_the_session(signed_in: Page, servers: _Servers) -> None:
    cookies = signed_in.context.cookies()
    (cookie,) = [each for each in cookies if each["name"] == "autoplay_studio"]
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/webhooks/autoplay/")
    signed_in.get_by_role("button", name="Sign out").click()
    expect(signed_in.get_by_label("Admin key")).to_be_visible()
    assert signed_in.context.cookies() == []
    # A copy of the cookie is useless, too.
    copied = {"name": cookie["name"], "value": cookie["value"], "url": servers.base}
    signed_in.context.add_cookies([copied])  # type: ignore[list-item] # the fields that it needs
    signed_in.reload()
    expect(signed_in.get_by_label("Admin key")).to_be_visible()


async def _forward(request: web.Request, origin: str) -> web.Response:
    """Forward like a proxy that removes the prefix and keeps the host."""
    headers = {name: value for name, value in request.headers.items() if name.lower() != "content-length"}
    url = f"{origin}/{request.match_info['path']}"
    data = await request.read() or None
    async with (
        ClientSession(auto_decompress=False) as http,
        http.request(request.method, url, data=data, headers=headers) as answer,
    ):
        return web.Response(status=answer.status, body=await answer.read(), headers=answer.headers)


def test_works_below_the_prefix_of_a_proxy(
    chromium: Browser, servers: _Servers, stand_in_loop: BackgroundLoop
) -> None:
    stack = AsyncExitStack()

    async def start() -> str:
        app = web.Application()
        app.router.add_route(
            "*", "/bots/one/{path:.*}", lambda request: _forward(request, servers.served.origin)
        )
        runner = web.AppRunner(app)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        port = free_port()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        return f"http://127.0.0.1:{port}/bots/one/webhooks/autoplay"

    base = stand_in_loop.run(start(), _WITHIN_S)
    context = chromium.new_context()
    try:
        page = context.new_page()
        page.goto(f"{base}/studio#/now")
        page.get_by_label("Admin key").fill(KEY)
        page.keyboard.press("Enter")
        expect(page.get_by_text("Nobody is using the app right now.")).to_be_visible()
        assert context.cookies()[0]["path"] == "/bots/one/webhooks/autoplay/"
        page.reload()
        expect(page.get_by_text("Nobody is using the app right now.")).to_be_visible()
    finally:
        context.close()
        stand_in_loop.run(stack.aclose(), _WITHIN_S)
