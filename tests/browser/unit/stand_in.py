"""A tiny stand-in for the Rasa server and the host app: serves the script, and a feed that tests write.

What a browser sends arrives in its own time. So nothing of it can be read at once: ``until_…`` waits for what
is to come, and what must not have come is read from the :class:`Asked` that ``Visitor.settled()`` gives.
"""

from __future__ import annotations

import asyncio
import contextlib
import html
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web
from support.background import BackgroundLoop, eventually
from support.processes import ROOT, free_port

from rasa_autoplay.gateway.routes.browser_script import (
    as_chat_module,
    as_classic_script,
    as_consent_module,
    as_module,
    as_offer_module,
    as_own_toast_module,
    as_rasa_widget_module,
    as_tip_module,
    as_toast_module,
    as_tour_module,
)

__all__ = ["STRICT_CSP", "Asked", "StandIn", "offer", "tour"]

LIBRARIES = ROOT / "example_bot" / "host_app" / "node_modules"
STRICT_CSP = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'"
_PAGE = Path(__file__).parent / "page"
STATIC = ROOT / "rasa_autoplay" / "gateway" / "static"
_BASE = "/webhooks/autoplay"
#: Only what never comes waits for so long; a busy machine is given the time.
_WITHIN_S = 30.0


def tour(*steps: tuple[str, str, str], provider: str = "driverjs", **flags: Any) -> dict[str, Any]:
    """A tour; a step is its id, its element and its title. ``flags`` has more of a step, by its id."""
    listed = [
        {"id": i, "element": element, "title": title, "text": f"About {i}", **flags.get(i, {})}
        for i, element, title in steps
    ]
    return {
        "id": "bulk-edit",
        "flow_id": "bulk-edit",
        "label": "Show me",
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
        "expires_in_s": expires_in_s,
        "tours": [
            tour(("options", "#options", "Open table options"), ("toggle", "#toggle", "Pick Bulk edit"))
        ],
        **changes,
    }


async def _nothing(_request: web.Request) -> web.Response:
    return web.Response(status=204)


@dataclass(frozen=True)
class Asked:
    """What browsers had asked up to one moment, in order."""

    #: Path below the base, and body.
    posts: tuple[tuple[str, dict[str, Any]], ...]
    #: The queries of all feed requests, with the user.
    feeds: tuple[dict[str, str], ...]
    #: How many feeds were open at once, at most.
    most_open: int
    #: How often what shows tours was asked for.
    tours_loaded: int

    @property
    def paths(self) -> list[str]:
        """Where something was posted."""
        return [path for path, _ in self.posts]

    @property
    def tours(self) -> list[str]:
        """What was reported of tours."""
        return [path for path in self.paths if path in ("tour/start", "tour/step", "tour/end")]

    def posted(self, path: str) -> list[dict[str, Any]]:
        """The bodies that were posted to a path."""
        return [body for to, body in self.posts if to == path]

    def receipts(self, offer_id: str = "offer_1") -> list[str]:
        """What was reported of an offer."""
        return [body["event"] for body in self.posted("proactive/ack") if body["offer_id"] == offer_id]


class StandIn:
    """Serves on one port, and can go away and come back.

    Args:
        background: where it runs.
    """

    #: As the next answer to a path: the request is left waiting.
    NO_ANSWER = 0

    def __init__(self, background: BackgroundLoop) -> None:
        self._background = background
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        #: Statuses of the next answers to a path; afterwards 200.
        self.answers: dict[str, list[int]] = {}
        #: What else the answers to a path say.
        self.details: dict[str, dict[str, Any]] = {}
        self.policy = ""
        #: The files of texts that were asked for.
        self.texts_loaded: list[str] = []
        #: Time between the heartbeats of a feed, seconds.
        self.heartbeat_s = 15.0
        #: Whether a proxy stands between that holds a feed's answer back until it ends.
        self.holds_back = False
        #: How long a second of ``wait`` is.
        self.second_s = 1.0
        #: The connections that are half-open: nothing that is written to them arrives.
        self._half_open: set[int] = set()
        self._posts: list[tuple[str, dict[str, Any]]] = []
        self._feeds: list[dict[str, str]] = []
        self._most_open = 0
        self._tours_loaded = 0
        #: The frames to each open connection, by the number of its request; None ends it.
        self._open: dict[int, asyncio.Queue[bytes | None]] = {}
        #: What a connection that ended has not written: for the next one.
        self._unsent: list[bytes] = []
        self._runner: web.AppRunner | None = None

    def start(self) -> None:
        """Listen."""
        self._background.run(self._start(), _WITHIN_S)

    async def _start(self) -> None:
        app = web.Application()
        app.router.add_get(f"{_BASE}/autoplay.js", self._classic)
        app.router.add_get(f"{_BASE}/autoplay.mjs", self._module)
        app.router.add_get(f"{_BASE}/offers.mjs", self._offers)
        app.router.add_get(f"{_BASE}/toast.mjs", self._toast)
        app.router.add_get(f"{_BASE}/own_toast.mjs", self._own_toast)
        app.router.add_get(f"{_BASE}/tours.mjs", self._tours)
        app.router.add_get(f"{_BASE}/chat.mjs", self._chat)
        app.router.add_get(f"{_BASE}/rasa-widget.mjs", self._rasa_widget)
        app.router.add_get(f"{_BASE}/posthog_consent.mjs", self._consent)
        app.router.add_get(f"{_BASE}/texts/{{name}}", self._texts)
        app.router.add_get(f"{_BASE}/tips.mjs", self._tips)
        app.router.add_get(f"{_BASE}/proactive/stream/{{user_id}}", self._feed)
        app.router.add_get(f"{_BASE}/proactive/stream", self._feed)
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
        self._background.run(self._stop(), _WITHIN_S)

    async def _stop(self) -> None:
        await self._drop()
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

    async def _offers(self, _request: web.Request) -> web.Response:
        status = self._next_status("offers.mjs")
        return web.Response(text=as_offer_module(), content_type="text/javascript", status=status)

    async def _toast(self, _request: web.Request) -> web.Response:
        status = self._next_status("toast.mjs")
        return web.Response(text=as_toast_module(), content_type="text/javascript", status=status)

    async def _own_toast(self, _request: web.Request) -> web.Response:
        return web.Response(text=as_own_toast_module(), content_type="text/javascript")

    async def _tours(self, _request: web.Request) -> web.Response:
        self._tours_loaded += 1
        status = self._next_status("tours.mjs")
        return web.Response(text=as_tour_module(), content_type="text/javascript", status=status)

    async def _chat(self, _request: web.Request) -> web.Response:
        return web.Response(text=as_chat_module(), content_type="text/javascript")

    async def _rasa_widget(self, _request: web.Request) -> web.Response:
        status = self._next_status("rasa-widget.mjs")
        return web.Response(text=as_rasa_widget_module(), content_type="text/javascript", status=status)

    async def _consent(self, _request: web.Request) -> web.Response:
        return web.Response(text=as_consent_module(), content_type="text/javascript")

    async def _texts(self, request: web.Request) -> web.StreamResponse:
        self.texts_loaded.append(request.match_info["name"])
        status = self._next_status("texts")
        if status == self.NO_ANSWER:
            await asyncio.sleep(3600)
        file = STATIC / "texts" / request.match_info["name"]
        return web.FileResponse(file) if status == 200 else web.Response(status=status)

    async def _tips(self, _request: web.Request) -> web.Response:
        return web.Response(text=as_tip_module(), content_type="text/javascript")

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
        number = len(self._feeds)
        path = request.path.removeprefix(_BASE)
        self._feeds.append({**request.match_info, **request.query, "path": path})
        status = self._next_status("feed")
        if status == self.NO_ANSWER:
            await asyncio.sleep(3600)
        if status != 200:
            return web.Response(status=status)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        held: list[bytes] = []

        async def write(frame: bytes) -> None:
            held.append(frame)
            if not self.holds_back:
                await _release(response, request, held)

        await write(b": connected\n\n" + self._heartbeat())
        queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        for waiting in self._unsent:
            queue.put_nowait(waiting)
        self._unsent.clear()
        self._open[number] = queue
        self._most_open = max(self._most_open, len(self._open))
        end = asyncio.get_running_loop().time() + self.second_s * float(request.query.get("wait") or "3600")
        try:
            while frame := await self._next_frame(queue, end):
                if number not in self._half_open:
                    await write(frame)
            await _release(response, request, held)
        finally:
            del self._open[number]
            if not self._open:
                # What a proxy still held back has not arrived; the heartbeat is nobody's loss.
                self._unsent += [*held[1:], *_rest_of(queue)]
        return response

    async def _next_frame(self, queue: asyncio.Queue[bytes | None], end: float) -> bytes | None:
        left_s = end - asyncio.get_running_loop().time()
        try:
            return await asyncio.wait_for(queue.get(), min(left_s, self.heartbeat_s))
        except asyncio.TimeoutError:
            return self._heartbeat() if left_s > self.heartbeat_s else None

    def _heartbeat(self) -> bytes:
        return f"event: ping\ndata: {self.heartbeat_s:g}\n\n".encode()

    async def _post(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        self._posts.append((path, json.loads(await request.read())))
        body = {"status": "ok", **self.details.get(path, {})}
        return web.json_response(body, status=self._next_status(path))

    def _next_status(self, path: str) -> int:
        waiting = self.answers.get(path)
        return waiting.pop(0) if waiting else 200

    def asked(self) -> Asked:
        """What has arrived by now; for ``Visitor.settled``, which knows that nothing is on its way."""
        return Asked(tuple(self._posts), tuple(self._feeds), self._most_open, self._tours_loaded)

    def _until(self, check: Any, what: str) -> Any:
        return self._background.run(eventually(check, within_s=_WITHIN_S, what=what), _WITHIN_S + 5)

    def until_posted(self, path: str, count: int = 1) -> list[dict[str, Any]]:
        """Wait until so many bodies were posted to a path; returns all of them."""

        def bodies() -> list[dict[str, Any]]:
            posted = self.asked().posted(path)
            return posted if len(posted) >= count else []

        found: list[dict[str, Any]] = self._until(bodies, f"{count} posted to {path}")
        return found

    def until_receipt(self, event: str, offer_id: str = "offer_1", times: int = 1) -> None:
        """Wait until that was reported of an offer, so many times."""
        what = f"{times} times {event} of {offer_id}"
        self._until(lambda: self.asked().receipts(offer_id).count(event) >= times, what)

    def until_tours(self, *paths: str) -> None:
        """Wait until exactly that was reported of tours, in that order."""
        self._until(lambda: self.asked().tours == list(paths), f"of tours was reported: {', '.join(paths)}")

    def until_feeds(self, count: int) -> tuple[dict[str, str], ...]:
        """Wait until a feed was asked for so many times; returns the queries of all of them."""
        self._until(lambda: len(self._feeds) >= count, f"a feed was asked for {count} times")
        return self.asked().feeds

    def until_open(self, count: int) -> None:
        """Wait until there are so many connections."""
        self._until(lambda: len(self._open) == count, f"{count} feeds are open")

    def until_tours_loaded(self, count: int) -> None:
        """Wait until what shows tours was asked for so many times."""
        self._until(lambda: self._tours_loaded >= count, f"what shows tours was asked for {count} times")

    @contextlib.contextmanager
    def another_feed(self) -> Iterator[None]:
        """Around what makes a browser listen anew: afterwards it does, and the old feed is gone."""
        before = len(self._feeds)
        yield
        self._until(lambda: self._open and min(self._open) >= before, "another feed is open, and only that")

    def send(self, data: dict[str, Any]) -> None:
        """Write an offer to every open connection, once there is one."""
        self.send_text(json.dumps(data), data["offer_id"])

    def order(self, data: dict[str, Any]) -> None:
        """Order a tour, as an upstream does: an offer that needs no answer, without an id of the feed's."""
        self._send_frame(f"event: tour\ndata: {json.dumps({**data, 'ordered': True})}\n\n")

    def tell_consent(self, *, given: bool) -> None:
        """Say that consent is required, and whether it is given."""
        data = json.dumps({"required": True, "given": given})
        self._send_frame(f"event: consent\ndata: {data}\n\n")

    def open_tips(self) -> None:
        """Say that the user asks for the list of tips in the chat."""
        self._send_frame("event: tips\ndata: {}\n\n")

    def report_progress(self, *done: str, complete: bool = False, following: str = "") -> None:
        """Say which steps of the tour the engine has just seen done."""
        progress = {"tour_id": "bulk-edit", "done": done, "complete": complete, "next": following}
        self._send_frame(f"event: tour_progress\ndata: {json.dumps(progress)}\n\n")

    def send_text(self, data: str, event_id: str = "") -> None:
        """Write any data to every open connection, once there is one."""
        self._send_frame(f"event: proactive\nid: {event_id}\ndata: {data}\n\n")

    def _send_frame(self, frame: str) -> None:
        self._until(lambda: self._open, "a browser listens")
        self._background.run(self._write(frame.encode()), _WITHIN_S)

    async def _write(self, frame: bytes) -> None:
        for queue in self._open.values():
            queue.put_nowait(frame)
        if not self._open:
            self._unsent.append(frame)

    def lose_connections(self) -> None:
        """Leave every connection half-open, as after sleep: neither side learns that nothing arrives."""
        self._half_open.update(self._open)

    def drop(self) -> None:
        """End every connection."""
        self._background.run(self._drop(), _WITHIN_S)

    async def _drop(self) -> None:
        for queue in self._open.values():
            queue.put_nowait(None)


async def _release(response: web.StreamResponse, request: web.Request, held: list[bytes]) -> None:
    """Write what was held back."""
    if not response.prepared:
        await response.prepare(request)
    while held:
        await response.write(held.pop(0))


def _rest_of(queue: asyncio.Queue[bytes | None]) -> list[bytes]:
    """What nobody has taken out of it."""
    rest = [queue.get_nowait() for _ in range(queue.qsize())]
    return [frame for frame in rest if frame is not None]
