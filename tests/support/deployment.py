"""Gateway, link, engine and chat in one process on real servers: everything but Rasa itself."""

from __future__ import annotations

import asyncio
import io
import itertools
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import socketio
from rasa.core.channels import channel as rasa_channels

from rasa_autoplay.channel import AutoplayInput
from rasa_autoplay.chat_channel import AutoplaySocketIOInput
from rasa_autoplay.common.identity.user_tokens import mint_token
from rasa_autoplay.engine.engine import Engine
from rasa_autoplay.engine.hosting.metrics_blueprint import METRICS_PATH, metrics_blueprint
from rasa_autoplay.link.frame_streams import FrameStreams
from rasa_autoplay.link.http.server import link_blueprint
from rasa_autoplay.settings.secret import Secret
from rasa_autoplay.settings.yaml_file import YamlFile
from support.background import eventually
from support.metrics import METRICS_TOKEN, Scrape, scraped
from support.processes import ROOT
from support.rasa_cors import configure_cors
from support.sanic_server import fresh_app, serving
from support.stories import story_of_user

__all__ = [
    "ADMIN_KEY",
    "BASE",
    "DEADLINE_S",
    "JWT_KEY",
    "LINK_SECRET",
    "ActionServer",
    "Deployment",
    "Stream",
    "change_text",
    "deployed",
    "signed",
    "write_engine_file",
]

BASE = "/webhooks/autoplay"
JWT_KEY, LINK_SECRET, ADMIN_KEY = "jwt-" + "k" * 64, "link-secret-word", "admin-secret-word"
#: More seconds than anything here should take.
DEADLINE_S = 60.0
_AUTOPLAY = f"""\
product_id: demo
courtesy: {{min_interval: 0}}
triggers:
  - predicate: "example_bot.triggers:bulk_edit_opportunity"
    id: bulk_edit_opportunity
    body: "Shall I show you how?"
    golden_path: projects-bulk-edit
golden_paths: {json.dumps(str(ROOT / "example_bot" / "golden_paths"))}
"""


class _Agent:
    """What the gateway needs of Rasa's agent: it says in the window what the bot's rule would say."""

    def __init__(self, engine_origin: str) -> None:
        self.action_endpoint = SimpleNamespace(url=f"{engine_origin}/webhook")
        self.domain = SimpleNamespace(intents=["EXTERNAL_proactive"], slots=[])
        self.lock_store = self.processor = self
        #: Messages from users: sender and text.
        self.heard: list[tuple[str, str]] = []
        #: The metadata of each message.
        self.metadata: list[Any] = []

    def is_ready(self) -> bool:
        return True

    @asynccontextmanager
    async def lock(self, _sender_id: str, wait_time_in_seconds: float = 1.0) -> AsyncIterator[None]:
        yield

    async def get_tracker(self, sender_id: str) -> Any:
        return SimpleNamespace(sender_id=sender_id, active_loop_name=None, is_paused=lambda: False)

    def predict_next_with_tracker(self, tracker: Any) -> Any:
        assert tracker.latest_message.intent_name == "EXTERNAL_proactive"
        return {
            "scores": [
                {"action": "action_listen", "score": 0.0},
                {"action": "action_send_proactive", "score": 1.0},
            ]
        }

    async def fetch_tracker_and_update_session(self, sender_id: str, _output: Any) -> Any:
        return SimpleNamespace(sender_id=sender_id, events=[], active_loop_name=None, is_paused=lambda: False)

    async def trigger_intent(
        self, intent_name: str, entities: list[dict[str, str]], output_channel: Any, tracker: Any
    ) -> None:
        text = entities[0]["value"]
        tracker.events.append(SimpleNamespace(type_name="bot", text=text))
        await output_channel.send_text_message(tracker.sender_id, text)

    async def handle_message(self, message: Any) -> None:
        self.heard.append((message.sender_id, message.text))
        self.metadata.append(message.metadata)


@dataclass
class Stream:
    """A browser's feed, read as it arrives."""

    response: aiohttp.ClientResponse
    toasts: list[dict[str, Any]] = field(default_factory=list)

    async def read(self) -> None:
        """Read until the stream ends."""
        async for line in self.response.content:
            if line.startswith(b"data: {"):
                self.toasts.append(json.loads(line.removeprefix(b"data:")))

    async def toast(self) -> dict[str, Any]:
        """Return the first toast."""
        await eventually(lambda: self.toasts, within_s=DEADLINE_S, what="a toast")
        return self.toasts[0]


class ActionServer:
    """The engine on its port; it can end like a killed process, and restart.

    Args:
        folder: holds ``autoplay.yml``.
        link_secret: the secret shared with the gateway.
    """

    def __init__(self, folder: Path, link_secret: str) -> None:
        self._file, self._secret = folder / "autoplay.yml", Secret(link_secret)
        self._serving = AsyncExitStack()
        self.origin = ""

    async def start(self) -> None:
        """Start serving, on the same port as the previous run."""
        streams = FrameStreams()
        self.engine = Engine(YamlFile(self._file), streams, time.time)
        await self.engine.start()
        app = fresh_app()
        app.blueprint(link_blueprint(self.engine, streams, self._secret))
        app.blueprint(metrics_blueprint(Secret(METRICS_TOKEN), self.engine.read_metrics))
        port = int(self.origin.rpartition(":")[2] or 0)
        self.origin = await self._serving.enter_async_context(serving(app, port))
        self._serving.callback(streams.close_all)

    async def kill(self) -> None:
        """End abruptly: whatever is not in the database is lost."""
        under_way = (self.engine._core.driver._decisions, self.engine._core.late_deliveries._pending)
        doomed = {self.engine._ticking, *itertools.chain(*under_way)}
        for task in doomed:
            if task is not None:
                task.cancel()
        await self.engine._reloader.stop()
        await self._serving.aclose()
        await asyncio.gather(*filter(None, doomed), return_exceptions=True)

    async def stop(self) -> None:
        """End in good order."""
        await self._serving.aclose()
        await self.engine.stop()


class Deployment:
    """All servers, and clients for them.

    Args:
        origin: the Rasa server's origin.
        actions: the action server.
        agent: the stand-in for Rasa's agent.
        key: signs users' tokens.
        stack: closes what was opened.
    """

    def __init__(
        self, origin: str, actions: ActionServer, agent: _Agent, key: str, stack: AsyncExitStack
    ) -> None:
        self.origin, self.actions, self.agent = origin, actions, agent
        #: The Rasa server's Sanic app.
        self.app: Any = None
        self._key = key
        self._stack = stack
        self.http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        stack.push_async_callback(self.http.close)

    @property
    def engine(self) -> Engine:
        """The running engine."""
        return self.actions.engine

    @property
    def engine_origin(self) -> str:
        """The action server's origin."""
        return self.actions.origin

    async def request(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        """Send a request; return the status and the JSON body, or its text if it is not JSON."""
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        data = None if content is None else io.BytesIO(content)
        async with self.http.request(
            method, f"{self.origin}{BASE}{path}", data=data, headers=headers
        ) as response:
            text = await response.text()
            is_json = response.content_type == "application/json"
            return response.status, json.loads(text) if is_json else text

    async def post(self, path: str, body: Any, user: str = "") -> tuple[int, Any]:
        """Post JSON, signed in as ``user``."""
        return await self.request("POST", path, body, signed(user, self._key) if user else None)

    async def health(self) -> dict[str, Any]:
        """Return the channel's health."""
        status, health = await self.request("GET", "/")
        assert status == 200, health
        return dict(health)

    async def gateway_metrics(self) -> Scrape:
        """Scrape the Rasa server, whose channel must have the metrics token."""
        return await scraped(f"{self.origin}{BASE}/metrics", http=self.http)

    async def engine_metrics(self) -> Scrape:
        """Scrape the action server."""
        return await scraped(f"{self.engine_origin}{METRICS_PATH}", http=self.http)

    async def listen(
        self, user: str, as_user: str = "", last_event_id: str = "", *, sends_receipts: bool = False
    ) -> Stream:
        """Open a feed and keep reading it.

        Args:
            user: the feed's user.
            as_user: the signed-in user; the same one by default.
            last_event_id: the last event that this browser received.
            sends_receipts: the page reports what it shows, as autoplay.js does.
        """
        headers = {
            **signed(as_user or user, self._key),
            **({"Last-Event-ID": last_event_id} if last_event_id else {}),
        }
        query = "?receipts=1" if sends_receipts else ""
        opening = self.http.get(f"{self.origin}{BASE}/proactive/stream/{user}{query}", headers=headers)
        stream = Stream(await self._stack.enter_async_context(opening))
        if stream.response.status == 200:
            reading = asyncio.get_running_loop().create_task(stream.read())
            self._stack.callback(reading.cancel)
        return stream

    async def send_story(self, user: str, session: str = "", as_user: str = "") -> list[int]:
        """Send the story of three edits from the user's browser; return the status of each response."""
        story = story_of_user(
            "edit_three_projects",
            user_id=user,
            session_id=session or f"ps-{user}",
            email=f"{user}@example.com",
        )
        statuses = []
        for request in story:
            if request.is_capture:
                headers = {"Content-Type": request.content_type, **signed(as_user or user, self._key)}
                path = f"/capture{request.path}?{request.query}"
                statuses.append((await self.request("POST", path, request.body, headers))[0])
        return statuses

    async def offer_to(self, user: str) -> dict[str, Any]:
        """Open a feed, send the story, and return the toast that the user is shown."""
        stream = await self.listen(user)
        await self.send_story(user)
        return await stream.toast()

    async def check_still_serves(self, user: str = "somebody-else") -> None:
        """Check that another user is still served: toast, receipt and tour."""
        toast = await self.offer_to(user)
        receipt = {"offer_id": toast["offer_id"], "event": "rendered"}
        assert await self.post("/proactive/ack", receipt, user) == (200, {"status": "ok"})
        status, _ = await self.post("/tour/start", {"user_id": user, "tour_id": "projects-bulk-edit"}, user)
        assert status == 200

    async def window(self, user: str, session: str) -> tuple[Any, str, list[str]]:
        """Let the user's chat widget request a session.

        Returns:
            Its socket, the session that it got, and what the bot says in it.
        """
        socket = socketio.AsyncClient(reconnection=False)
        confirmed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        said: list[str] = []
        socket.on("session_confirm", confirmed.set_result)
        socket.on("bot_uttered", lambda message: said.append(message["text"]))
        await socket.connect(
            self.origin, auth={"token": mint_token(user, self._key)}, transports=["websocket"]
        )
        self._stack.push_async_callback(socket.disconnect)
        await socket.emit("session_request", {"session_id": session})
        return socket, await asyncio.wait_for(confirmed, DEADLINE_S), said


def signed(user: str, key: str = JWT_KEY) -> dict[str, str]:
    """Return the header of a signed-in user."""
    return {"Authorization": f"Bearer {mint_token(user, key)}"}


def write_engine_file(
    folder: Path,
    session: str = "interaction_timeout: 10s, cooldown: 20s",
    more: str = "",
    database: str = "sqlite:///autoplay.db",
    rules: str = _AUTOPLAY,
) -> None:
    """Write ``autoplay.yml``.

    Args:
        folder: an empty one.
        session: the ``session`` section of ``autoplay.yml``.
        more: further lines of that file.
        database: the value of ``database.url``.
        rules: the rest of that file.
    """
    own = f"session: {{{session}}}\ndatabase: {{url: {json.dumps(database)}}}\n{more}"
    (folder / "autoplay.yml").write_text(f"{rules}{own}", encoding="utf-8")


async def change_text(made: Deployment, folder: Path, body: str) -> None:
    """Write another body, and wait until the engine uses it."""
    before = (await made.health())["engine"]["configuration"]["fingerprint"]
    file = folder / "autoplay.yml"
    file.write_text(file.read_text("utf-8").replace("Shall I show you how?", body), "utf-8")

    async def is_in_force() -> bool:
        return bool((await made.health())["engine"]["configuration"]["fingerprint"] != before)

    await eventually(is_in_force, within_s=DEADLINE_S, what="the new version is in force")


@asynccontextmanager
async def deployed(
    folder: Path,
    session: str = "interaction_timeout: 10s, cooldown: 20s",
    more: str = "",
    *,
    database: str = "sqlite:///autoplay.db",
    rules: str = _AUTOPLAY,
    proxies: int = 0,
    cors: str | None = None,
    actions: ActionServer | None = None,
    **channel: Any,
) -> AsyncIterator[Deployment]:
    """Serve a deployment.

    Args:
        folder: an empty one.
        session: the ``session`` section of ``autoplay.yml``.
        more: further lines of that file.
        database: the value of ``database.url``.
        rules: the rest of the file; the example's trigger by default.
        proxies: the number of proxies in front of the Rasa server; X-Forwarded-For then holds addresses.
        cors: the ``--cors`` value of ``rasa run``.
        actions: the action server; by default one with a single engine.
        channel: further keys of the channel's section; ``identity: required`` by default.
    """
    write_engine_file(folder, session, more, database, rules)
    section = {
        "product_id": "demo",
        "capture": True,
        "identity": "required",
        "jwt_key": JWT_KEY,
        "admin_key": ADMIN_KEY,
        "link": {"secret": LINK_SECRET},
        **channel,
    }
    async with AsyncExitStack() as stack:
        actions = actions or ActionServer(folder, section["link"]["secret"])
        await actions.start()
        stack.push_async_callback(actions.stop)
        app = fresh_app()
        app.config.PROXIES_COUNT = proxies
        app.ctx.agent = agent = _Agent(actions.origin)
        configure_cors(app, cors)
        socket = {"session_persistence": True, "metadata_key": "customData"}
        channels = [AutoplayInput.from_credentials(section), AutoplaySocketIOInput.from_credentials(socket)]
        rasa_channels.register(channels, app, route="/webhooks/")
        origin = await stack.enter_async_context(serving(app))
        made = Deployment(origin, actions, agent, str(section["jwt_key"]), stack)
        made.app = app

        async def is_whole() -> bool:
            return bool((await made.health())["link"]["state"] == "connected")

        await eventually(is_whole, within_s=DEADLINE_S, what="gateway and engine have met")
        yield made
