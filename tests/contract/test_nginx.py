"""The nginx configuration of the documentation, in a real nginx before a real deployment."""

from __future__ import annotations

import functools
import inspect
import io
import json
import re
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import socketio
from support.background import BackgroundLoop, eventually
from support.deployment import BASE, DEADLINE_S, JWT_KEY, Deployment, deployed, signed
from support.documentation import blocks
from support.nginx import nginx
from support.processes import ROOT
from support.run import asynchronous

from rasa_autoplay.common.identity.user_tokens import mint_token

PREFIX = "/bot"
#: Addresses of users, from a block reserved for documentation (RFC 5737).
ANNA, MALLORY = "198.51.100.1", "198.51.100.7"


def snippet(rasa_origin: str) -> str:
    """Return what the documentation tells to paste, for a Rasa server at another port."""
    (block,) = blocks("nginx")
    return block.text.replace("http://127.0.0.1:5005", rasa_origin)


@dataclass
class Site:
    """A deployment behind nginx, which all tests share, because it takes seconds to start."""

    made: Deployment
    #: The address of the copilot's routes for browsers, and of the chat.
    base: str
    origin: str


@pytest.fixture(scope="module")
def background() -> Iterator[BackgroundLoop]:
    loop = BackgroundLoop()
    yield loop
    loop.close()


@pytest.fixture(scope="module")
def site(background: BackgroundLoop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    stack = AsyncExitStack()

    async def start() -> Site:
        folders = [tmp_path_factory.mktemp(name) for name in ("servers", "nginx")]
        page = str(ROOT / "example_bot" / "host_app")
        limits = {"address_per_minute": 60}
        serving = deployed(folders[0], proxies=1, journal=False, demo_page=page, rate_limits=limits)
        made = await stack.enter_async_context(serving)
        origin = await stack.enter_async_context(nginx(folders[1], snippet(made.origin)))
        return Site(made, f"{origin}{PREFIX}{BASE}", origin)

    yield background.run(start(), DEADLINE_S)
    background.run(stack.aclose(), DEADLINE_S)


def shared(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test on the loop of the shared site."""

    @functools.wraps(test)
    def run(background: BackgroundLoop, site: Site, **more: Any) -> None:
        background.run(test(site, **more), 2 * DEADLINE_S)

    parameters = list(inspect.signature(test).parameters.values())
    added = inspect.Parameter("background", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    run.__signature__ = inspect.Signature([added, *parameters])  # type: ignore[attr-defined]
    return run


@shared
async def test_toasts_come_at_once_and_uncompressed(site: Site) -> None:
    made, base = site.made, site.base
    headers = {**signed("anna"), "Accept-Encoding": "gzip"}
    asked_at = time.monotonic()
    async with made.http.get(f"{base}/proactive/stream/anna?receipts=1", headers=headers) as feed:
        assert feed.status == 200
        assert "Content-Encoding" not in feed.headers
        await feed.content.readuntil(b"event: ping")
        assert time.monotonic() - asked_at < 5.0, "far less than a buffer's worth of events"
        await made.send_story("anna")
        await feed.content.readuntil(b"event: proactive")


@shared
async def test_scripts_arrive_compressed_and_find_each_other_below_the_prefix(site: Site) -> None:
    made, base = site.made, site.base
    for name in ("autoplay.js", "autoplay.mjs", "offers.mjs", "toast.mjs", "tours.mjs", "recorder.mjs"):
        async with made.http.get(f"{base}/{name}", headers={"Accept-Encoding": "gzip"}) as script:
            assert (script.status, script.headers["Content-Encoding"]) == (200, "gzip"), name
            # Whatever it imports is named relative to itself.
            assert not re.findall(r'(?:from |import\()"(?!\./)', await script.text()), name


@pytest.mark.parametrize("transport", ["websocket", "polling"])
@shared
async def test_chat_passes(site: Site, transport: str) -> None:
    made = site.made
    socket = socketio.AsyncClient(reconnection=False, http_session=made.http)
    await socket.connect(
        site.origin,
        auth={"token": mint_token("anna", JWT_KEY)},
        transports=[transport],
        socketio_path=f"{PREFIX}/socket.io",
    )
    assert socket.transport() == transport
    await socket.emit("session_request", {"session_id": "chat-anna"})
    await socket.emit("user_uttered", {"message": "hello", "session_id": "chat-anna"})
    await eventually(
        lambda: ("chat-anna", "hello") in made.agent.heard, within_s=DEADLINE_S, what="anna is heard"
    )
    await socket.disconnect()


class _References(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in ("href", "src") and value]


@shared
async def test_demo_page_works_below_the_prefix(site: Site) -> None:
    made, base = site.made, site.base
    async with made.http.get(f"{base}/demo?user=anna") as page:
        assert (page.status, str(page.url)) == (200, f"{base}/demo/?user=anna")
        references = _References()
        references.feed(await page.text())
    assert len(references.found) > 10
    for reference in references.found:
        url = urljoin(f"{base}/demo/projects", reference)
        if not reference.startswith("#") and "/vendor/" not in url:
            async with made.http.get(url) as found:
                assert (found.status, str(found.url).startswith(f"{base}/demo/")) == (200, True), url
                text = await found.text()
            assert f'"{BASE}' not in text, f"{url} names an address without the prefix"
            assert f"`{BASE}" not in text, url


@shared
async def test_client_is_not_limited_by_the_address_that_it_claims(site: Site) -> None:
    """nginx appends its client's address, here this machine's, and the server believes only that."""
    made, base = site.made, site.base

    async def ask(url: str) -> int:
        async with made.http.get(f"{url}/", headers={"X-Forwarded-For": MALLORY}) as answer:
            return answer.status

    assert {await ask(f"{made.origin}{BASE}") for _ in range(30)} == {200, 429}
    assert await ask(base) == 200
    assert (await made.health())["proxy"]["state"] == "ok"


@shared
async def test_large_captures_and_ids_with_slashes_pass(site: Site) -> None:
    made, base = site.made, site.base
    large = io.BytesIO(json.dumps({"api_key": "phc_x", "batch": [], "pad": "x" * 4_500_000}).encode())
    async with made.http.post(f"{base}/capture/e/", data=large, headers=signed("anna")) as answer:
        assert answer.status == 200
    query = "user_id=tenant%2F7%2Fanna&wait=0"
    async with made.http.get(f"{base}/proactive/stream?{query}", headers=signed("tenant/7/anna")) as feed:
        assert feed.status == 200


@shared
async def test_nothing_else_of_rasa_is_open(site: Site) -> None:
    for path in ("/bot/", "/bot/webhooks/rest/webhook", "/webhooks/autoplay/", "/bot/model"):
        async with site.made.http.get(site.origin + path) as answer:
            assert answer.status == 404, path


@asynchronous
async def test_warns_once_of_a_proxy_that_the_server_does_not_expect(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with deployed(tmp_path) as made:
        assert (await made.health())["proxy"]["state"] == "ok"
        for _ in range(3):
            async with made.http.get(f"{made.origin}/socket.io/", headers={"X-Forwarded-For": ANNA}):
                pass
        proxy = (await made.health())["proxy"]
        assert proxy["state"] == "addresses_ignored"
        assert "SANIC_PROXIES_COUNT" in proxy["remedy"]
    assert caplog.text.count("does not read its clients' addresses") == 1
    assert ANNA not in caplog.text
