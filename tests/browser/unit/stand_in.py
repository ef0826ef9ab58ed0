"""A tiny stand-in for the Rasa server and the host app: serves the script, and a feed that tests write."""

from __future__ import annotations

import asyncio
import contextlib
import html
import json
import time
from pathlib import Path
from typing import Any

from aiohttp import web
from support.background import BackgroundLoop, eventually
from support.processes import ROOT, free_port

from rasa_autoplay.script import as_classic_script, as_module, as_tour_module

__all__ = ["STRICT_CSP", "StandIn", "offer", "tour"]

LIBRARIES = ROOT / "example_bot" / "host_app" / "node_modules"
STRICT_CSP = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'"
_PAGE = Path(__file__).parent / "page"
_BASE = "/webhooks/autoplay"


def tour(*steps: tuple[str, str, str], provider: str = "driverjs") -> dict[str, Any]:
    """A tour; a step is its id, its element and its title."""
    listed = [
        {"id": i, "element": element, "title": title, "text": f"About {i}"} for i, element, title in steps
    ]
    return {
        "id": "bulk-edit",
        "flow_id": "bulk-edit",
        "label": "Bulk edit",
        "provider": provider,
        "steps": listed,
    }


def offer(offer_id: str = "offer_1", *, expires_in_s: float = 120.0, **changes: Any) -> dict[str, Any]:
    """An offer as the feed brings it."""
    return {
        "offer_id": offer_id,
        "trigger_id": "bulk_edit_opportunity",
        "body": "Changing projects one at a time? You can select several and change them together. "
        "Shall I show you how?",
        "session_id": "ps_1",
        "expires_at": time.time() + expires_in_s,
        "tours": [
            tour(("options", "#options", "Open table options"), ("toggle", "#toggle", "Pick Bulk edit"))
        ],
        **changes,
    }


async def _nothing(_request: web.Request) -> web.Response:
    return web.Response(status=204)


class StandIn:
    """Serves on one port, and can go away and come back.

    Args:
        background: where it runs.
    """

    def __init__(self, background: BackgroundLoop) -> None:
        self._background = background
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        #: What was posted: path below the base, and body.
        self.posts: list[tuple[str, dict[str, Any]]] = []
        #: Statuses of the next answers to a path; afterwards 200.
        self.answers: dict[str, list[int]] = {}
        #: The queries of all feed requests.
        self.feeds: list[dict[str, str]] = []
        self.most_open = 0
        #: How often what shows tours was asked for.
        self.tours_loaded = 0
        self.policy = ""
        self._open: set[asyncio.Queue[bytes | None]] = set()
        self._runner: web.AppRunner | None = None

    def start(self) -> None:
        """Listen."""
        self._background.run(self._start(), 10)

    async def _start(self) -> None:
        app = web.Application()
        app.router.add_get(f"{_BASE}/autoplay.js", self._classic)
        app.router.add_get(f"{_BASE}/autoplay.mjs", self._module)
        app.router.add_get(f"{_BASE}/tours.mjs", self._tours)
        app.router.add_get(f"{_BASE}/proactive/stream/{{user_id}}", self._feed)
        app.router.add_post(f"{_BASE}/{{path:.*}}", self._post)
        if LIBRARIES.is_dir():
            app.router.add_static("/libraries", LIBRARIES)
        app.router.add_get("/favicon.ico", _nothing)
        app.router.add_get("/{name:.+}", self._file)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

    def stop(self) -> None:
        """Hang up on everybody."""
        self._background.run(self._stop(), 10)

    async def _stop(self) -> None:
        for queue in self._open:
            queue.put_nowait(None)
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def library(self, name: str) -> str | None:
        """A browser library's text; None when it is not there."""
        file = LIBRARIES / name
        return file.read_text("utf-8") if file.is_file() else None

    async def _classic(self, _request: web.Request) -> web.Response:
        return web.Response(text=as_classic_script(), content_type="text/javascript")

    async def _module(self, _request: web.Request) -> web.Response:
        return web.Response(text=as_module(), content_type="text/javascript")

    async def _tours(self, _request: web.Request) -> web.Response:
        self.tours_loaded += 1
        status = self._next_status("tours.mjs")
        return web.Response(text=as_tour_module(), content_type="text/javascript", status=status)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        headers = {"Content-Security-Policy": self.policy} if self.policy else {}
        file = _PAGE / request.match_info["name"]
        if file.suffix != ".html":
            return web.FileResponse(file, headers=headers)
        attributes = {"src": f"{_BASE}/autoplay.js", **json.loads(request.query.get("tag", "{}"))}
        listed = " ".join(f'{name}="{html.escape(value)}"' for name, value in attributes.items())
        page = file.read_text("utf-8").replace("<!-- the tag -->", f"<script {listed}></script>")
        return web.Response(text=page, content_type="text/html", headers=headers)

    async def _feed(self, request: web.Request) -> web.StreamResponse:
        self.feeds.append({**request.query, "user_id": request.match_info["user_id"]})
        status = self._next_status("feed")
        if status != 200:
            return web.Response(status=status)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b": connected\n\n")
        queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._open.add(queue)
        self.most_open = max(self.most_open, len(self._open))
        end = asyncio.get_running_loop().time() + float(request.query.get("wait") or "3600")
        try:
            while frame := await self._next_frame(queue, end):
                await response.write(frame)
        finally:
            self._open.discard(queue)
        return response

    async def _next_frame(self, queue: asyncio.Queue[bytes | None], end: float) -> bytes | None:
        with contextlib.suppress(asyncio.TimeoutError):
            return await asyncio.wait_for(queue.get(), end - asyncio.get_running_loop().time())
        return None

    async def _post(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        self.posts.append((path, json.loads(await request.read())))
        return web.json_response({"status": "ok"}, status=self._next_status(path))

    def _next_status(self, path: str) -> int:
        waiting = self.answers.get(path)
        return waiting.pop(0) if waiting else 200

    @property
    def open_feeds(self) -> int:
        """How many connections there are now."""
        return len(self._open)

    def until(self, check: Any, what: str, within_s: float = 8.0) -> Any:
        """Wait until ``check()`` gives something true."""
        return self._background.run(eventually(check, within_s=within_s, what=what), within_s + 2)

    def send(self, data: dict[str, Any]) -> None:
        """Write an offer to every open connection, once there is one."""
        self.send_text(json.dumps(data), data["offer_id"])

    def order(self, data: dict[str, Any]) -> None:
        """Order a tour, as an upstream does: an offer that needs no answer, without an id of the feed's."""
        self._send_frame(f"event: tour\ndata: {json.dumps({**data, 'ordered': True})}\n\n")

    def send_text(self, data: str, event_id: str = "") -> None:
        """Write any data to every open connection, once there is one."""
        self._send_frame(f"event: proactive\nid: {event_id}\ndata: {data}\n\n")

    def _send_frame(self, frame: str) -> None:
        self.until(lambda: self._open, "a browser listens")
        self._background.run(self._write(frame.encode()), 5)

    async def _write(self, frame: bytes) -> None:
        for queue in self._open:
            queue.put_nowait(frame)

    def drop(self) -> None:
        """End every connection."""
        self._background.run(self._drop(), 5)

    async def _drop(self) -> None:
        for queue in self._open:
            queue.put_nowait(None)

    def receipts(self, offer_id: str = "offer_1") -> list[str]:
        """What was reported of an offer, in order."""
        return [
            body["event"]
            for path, body in self.posts
            if path == "proactive/ack" and body["offer_id"] == offer_id
        ]

    def posted(self, path: str) -> list[dict[str, Any]]:
        """The bodies that were posted to a path."""
        return [body for to, body in self.posts if to == path]
