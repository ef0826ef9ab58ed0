"""The channels in Rasa: what ``credentials.yml`` makes of them, and the chat socket with a real client."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
import socketio
from rasa.core.channels import channel as channels
from rasa.core.channels.channel import UserMessage
from rasa.core.channels.socketio import SocketIOInput
from rasa.shared.exceptions import RasaException
from socketio.exceptions import ConnectionRefusedError  # noqa: A004 - its own, not the built-in one
from support.background import eventually
from support.run import asynchronous
from support.sanic_server import fresh_app, serving

from rasa_autoplay.channel import AutoplayInput
from rasa_autoplay.chat_channel import AutoplaySocketIOInput
from rasa_autoplay.common.identity.user_tokens import UserTokens, mint_token
from rasa_autoplay.gateway.access.identity_modes import ReportedIdentity, RequiredIdentity
from rasa_autoplay.gateway.access.request_limits import RequestLimits
from rasa_autoplay.gateway.chat.guard import ChatGuard
from rasa_autoplay.gateway.chat.listener import as_metadata, listen_to_chat
from rasa_autoplay.gateway.chat.missed_answers import MissedAnswers, has_participants
from rasa_autoplay.gateway.chat.rasa_versions import socketio_server
from rasa_autoplay.gateway.chat.rate_limits import ChatRates
from rasa_autoplay.gateway.chat.session_owners import LocalSessionOwners
from rasa_autoplay.gateway.chat.sockets import ChatSockets
from rasa_autoplay.settings.credentials_fingerprint import fingerprints_of_channel
from rasa_autoplay.settings.rate_limits import RateLimitSettings
from rasa_autoplay.settings.secret import Secret
from rasa_autoplay.settings.yaml_file import YamlFile

GOOD = {"product_id": "demo", "identity": "none"}
HIDDEN = "s3cret-word"
SECTION = "rasa_autoplay.channel.AutoplayInput"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AUTOPLAY_CONFIG", raising=False)


# --- AutoplayInput -----------------------------------------------------------------------------------------


def test_builds_the_channel_from_its_credentials_section() -> None:
    channel = AutoplayInput.from_credentials({**GOOD, "capture": True})
    assert isinstance(channel, AutoplayInput)
    assert channel.name() == "autoplay"


@pytest.mark.parametrize(
    ("section", "words"),
    [
        (None, [f"{SECTION}.product_id: this key is required", f"{SECTION}.identity", "identity: none"]),
        ({}, ["product_id", "identity"]),
        ({**GOOD, "captur": True}, ["unknown key; did you mean 'capture'?"]),
        ({**GOOD, "identity": "required"}, [f"{SECTION}.jwt_key: ", f"{SECTION}.link: "]),
        ({**GOOD, "stream": {"url": "https://x"}}, ["AUTOPLAY_TOKEN"]),
        (
            {**GOOD, "admin_key": [HIDDEN], "shared": {"redis": "pigeon"}},
            [f"{SECTION}.admin_key", f"{SECTION}.shared.redis"],
        ),
    ],
)
def test_invalid_section_raises_an_error_that_rasa_shows(
    section: Mapping[str, Any] | None, words: list[str]
) -> None:
    # Rasa reports any other exception than a RasaException as a class that it cannot find.
    with pytest.raises(RasaException) as refusal:
        AutoplayInput.from_credentials(section)
    for word in words:
        assert word in str(refusal.value)
    assert HIDDEN not in str(refusal.value)


@pytest.mark.parametrize("written", ["${PRODUCT}", '"${PRODUCT}"', "de${REST}"])
def test_fills_in_variables_of_the_engines_file_when_rasa_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    (tmp_path / "autoplay.yml").write_text(f"product_id: {written}", encoding="utf-8")
    monkeypatch.setenv("PRODUCT", "demo")
    monkeypatch.setenv("REST", "mo")
    assert AutoplayInput.from_credentials(GOOD).name() == "autoplay"
    with pytest.raises(RasaException, match=r"'other' .* autoplay\.yml:1, 'demo'"):
        AutoplayInput.from_credentials({**GOOD, "product_id": "other"})


def test_missing_demo_page_raises_an_error_that_rasa_shows() -> None:
    channel = AutoplayInput.from_credentials({**GOOD, "demo_page": "nowhere"})
    with pytest.raises(RasaException, match="demo_page"):
        channel.blueprint(_nothing)


async def _nothing(_message: UserMessage) -> None:
    return None


@asynchronous
async def test_starts_and_stops_the_channel_with_its_server(caplog: pytest.LogCaptureFixture) -> None:
    app = fresh_app()
    chat = AutoplaySocketIOInput.from_credentials({"session_persistence": True})
    app.ctx.agent, app.ctx.input_channels = None, [chat]
    chat.blueprint(_nothing)
    app.blueprint(AutoplayInput.from_credentials(GOOD).blueprint(_nothing), url_prefix="/webhooks/autoplay")
    before = asyncio.all_tasks()
    async with serving(app) as origin:
        assert origin
        assert "any browser may speak for any user" in caplog.text
        assert len(chat._listeners()) == 1
    left = [
        task for task in asyncio.all_tasks() - before if not task.done() and "autoplay" in task.get_name()
    ]
    assert not left


@asynchronous
async def test_health_identifies_the_loaded_credentials_without_secrets(tmp_path: Path) -> None:
    section = {**GOOD, "admin_key": HIDDEN * 3, "link": {"secret": "k" * 40}}
    lines = [
        "product_id: demo",
        "identity: none",
        f"admin_key: {HIDDEN * 3}",
        f"link: {{secret: {'k' * 40}}}",
    ]
    (tmp_path / "credentials.yml").write_text("\n  ".join([f"{SECTION}:", *lines]), "utf-8")
    app = fresh_app()
    channels.register([AutoplayInput.from_credentials(section)], app, route="/webhooks/")
    async with (
        serving(app) as origin,
        aiohttp.ClientSession() as http,
        http.get(f"{origin}/webhooks/autoplay/") as answer,
    ):
        health = await answer.text()
    loaded = json.loads(health)["configuration"]
    expected = fingerprints_of_channel(YamlFile(tmp_path / "credentials.yml").raw()[SECTION], "k" * 40)
    assert loaded == {"file": "credentials.yml", "loaded_at": loaded["loaded_at"], **expected}
    assert set(expected) == {"fingerprint", "secrets"}
    assert HIDDEN not in health


def test_every_route_has_a_name_of_its_own() -> None:
    # Newer versions of Sanic refuse to start otherwise.
    secrets = {f"{vendor}_secret": "s" * 40 for vendor in ("posthog", "amplitude", "fullstory")}
    section = {**GOOD, **secrets, "capture": True, "webhook_secret": "s" * 40}
    blueprint = AutoplayInput.from_credentials(section).blueprint(_nothing)
    names = [route.name for route in blueprint._future_routes]
    assert len(names) > 20
    assert sorted(set(names)) == sorted(names)


@asynchronous
async def test_rejects_several_workers() -> None:
    app = fresh_app()
    app.ctx.agent, app.ctx.input_channels = None, []
    app.blueprint(AutoplayInput.from_credentials(GOOD).blueprint(_nothing), url_prefix="/webhooks/autoplay")
    app.register_listener(lambda app, _loop: setattr(app.state, "workers", 2), "before_server_start")
    with pytest.raises(RasaException, match="SANIC_WORKERS=1"):
        async with serving(app):
            pass


# --- AutoplaySocketIOInput ---------------------------------------------------------------------------------


class Bot:
    """Stands in for Rasa: stores a message and repeats it."""

    def __init__(self) -> None:
        self.heard: list[UserMessage] = []

    async def __call__(self, message: UserMessage) -> None:
        self.heard.append(message)
        await message.output_channel.send_text_message(message.sender_id, f"You said {message.text}")

    @property
    def texts(self) -> list[str]:
        return [str(message.text) for message in self.heard]


class Listener:
    """Records what the gateway hears, and checks that it hears it before the bot."""

    def __init__(self, bot: Bot) -> None:
        self.told: list[tuple[str, Any]] = []
        self.bot_had_heard: list[int] = []
        self._bot = bot

    def __call__(self, sender_id: str, metadata: Mapping[str, Any] | None) -> None:
        self.told.append((sender_id, metadata))
        self.bot_had_heard.append(len(self._bot.heard))


Make = Callable[[Mapping[str, Any]], Any]
CHANNELS: dict[str, Make] = {
    "ours": AutoplaySocketIOInput.from_credentials,
    "stock": SocketIOInput.from_credentials,
}


class Chat:
    """A socket channel of either kind with a listener, without a server."""

    def __init__(self, make: Make, **credentials: Any) -> None:
        section = {"session_persistence": True, "metadata_key": "customData", **credentials}
        self.bot = Bot()
        self.listener = Listener(self.bot)
        self.channel = make(section)
        self.blueprint = self.channel.blueprint(self.bot)
        self.app = SimpleNamespace(ctx=SimpleNamespace(input_channels=[SimpleNamespace(), self.channel]))
        listen_to_chat(self.app, self.listener)
        self.server = socketio_server(self.channel)
        self.emitted: list[tuple[str, Any, str]] = []
        self.server.emit = self._emit

    async def _emit(self, event: str, data: Any = None, room: str = "", **_options: Any) -> None:
        self.emitted.append((event, data, room))

    async def gets(self, event: str, data: Any, sid: str = "sid1") -> None:
        await self.server.handlers[self.channel.namespace or "/"][event](sid, data)

    async def message(self, text: Any, **fields: Any) -> None:
        await self.gets("user_uttered", {"session_id": "w1", "message": text, **fields})


@pytest.fixture(params=list(CHANNELS))
def make(request: pytest.FixtureRequest) -> Make:
    return CHANNELS[request.param]


def test_keeps_rasas_channel_name_and_options() -> None:
    channel = AutoplaySocketIOInput.from_credentials(
        {
            "session_persistence": True,
            "metadata_key": "customData",
            "namespace": "/chat",
            "socketio_path": "/s",
        }
    )
    assert isinstance(channel, AutoplaySocketIOInput)
    assert channel.name() == "socketio"
    assert (channel.session_persistence, channel.metadata_key) == (True, "customData")
    assert (channel.namespace, channel.socketio_path) == ("/chat", "/s")


@asynchronous
async def test_reports_a_message_and_then_answers_it(make: Make) -> None:
    chat = Chat(make)
    await chat.message("hello", customData={"userId": "u1"})
    assert chat.bot.texts == ["hello"]
    assert chat.listener.told == [("w1", {"userId": "u1"})]
    assert chat.listener.bot_had_heard == [0]
    assert chat.emitted[-1][0] == "bot_uttered"


@pytest.mark.parametrize("namespace", [None, "/chat"])
@asynchronous
async def test_works_in_any_namespace(make: Make, namespace: str | None) -> None:
    chat = Chat(make, namespace=namespace)
    await chat.message("hello")
    assert [sender for sender, _ in chat.listener.told] == ["w1"]


@pytest.mark.parametrize("text", ["", None])
@asynchronous
async def test_ignores_an_empty_message(make: Make, text: Any) -> None:
    chat = Chat(make)
    await chat.message(text)
    assert (chat.bot.heard, chat.listener.told, chat.emitted) == ([], [], [])


@pytest.mark.parametrize("text", ["/session_start", "/silence_timeout"])
@asynchronous
async def test_reports_no_message_that_rasa_pro_makes_itself(make: Make, text: str) -> None:
    chat = Chat(make)
    await chat.message(text)
    assert (chat.bot.texts, chat.listener.told) == ([text], [])


@asynchronous
async def test_accepts_metadata_as_text(make: Make) -> None:
    chat = Chat(make)
    await chat.message("hello", customData='{"userId": "u1"}')
    assert chat.listener.told == [("w1", {"userId": "u1"})]


@pytest.mark.parametrize("session_id", [42, 1.5, True])
@asynchronous
async def test_reports_a_session_id_that_is_not_text_as_rasa_reads_it(make: Make, session_id: Any) -> None:
    chat = Chat(make)
    await chat.message("hello", session_id=session_id)
    assert [sender for sender, _ in chat.listener.told] == [chat.bot.heard[0].sender_id] == [str(session_id)]


@asynchronous
async def test_uses_the_socket_id_as_sender_without_session_persistence(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    chat = Chat(make, session_persistence=False)
    assert "session_persistence: true" in caplog.text
    await chat.message("hello")
    assert [sender for sender, _ in chat.listener.told] == [chat.bot.heard[0].sender_id] == ["sid1"]


@asynchronous
async def test_answers_although_a_listener_fails(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    def broken(_sender_id: str, _metadata: Mapping[str, Any] | None) -> None:
        raise RuntimeError("a mistake of ours")

    chat = Chat(make)
    listen_to_chat(chat.app, broken)
    await chat.message("hello")
    assert chat.bot.texts == ["hello"]
    assert any(record.exc_info for record in caplog.records)


class Rooms:
    """``enter_room`` of an old or a new python-socketio."""

    def __init__(self, *, is_coroutine: bool) -> None:
        self.entered: list[tuple[str, str, str | None]] = []
        self.enter_room = self._enter_later if is_coroutine else self._enter

    def _enter(self, sid: str, room: str, namespace: str | None = None) -> None:
        self.entered.append((sid, room, namespace))

    async def _enter_later(self, sid: str, room: str, namespace: str | None = None) -> None:
        await asyncio.sleep(0)
        self._enter(sid, room, namespace)


@pytest.mark.parametrize("is_coroutine", [False, True])
@pytest.mark.parametrize("namespace", [None, "/chat"])
@asynchronous
async def test_joins_the_room_with_every_python_socketio_version(
    is_coroutine: bool, namespace: str | None
) -> None:
    chat, rooms = Chat(CHANNELS["ours"], namespace=namespace), Rooms(is_coroutine=is_coroutine)
    chat.server.enter_room = rooms.enter_room
    await chat.gets("session_request", {"session_id": "w1"})
    assert rooms.entered == [("sid1", "w1", namespace)]
    assert chat.emitted == [("session_confirm", "w1", "sid1")]


@pytest.mark.parametrize(
    "data", [None, {}, {"session_id": None}, {"session_id": ""}, {"session_id": 42}, "w1", []]
)
@asynchronous
async def test_gives_a_new_window_a_session(data: Any) -> None:
    chat, rooms = Chat(CHANNELS["ours"]), Rooms(is_coroutine=False)
    chat.server.enter_room = rooms.enter_room
    for _ in range(2):
        await chat.gets("session_request", data)
    ids = [confirmed for _, confirmed, _ in chat.emitted]
    assert len(set(ids)) == 2
    assert all(isinstance(each, str) and len(each) == 32 for each in ids)
    assert [room for _, room, _ in rooms.entered] == ids


@asynchronous
async def test_joins_no_room_without_session_persistence() -> None:
    chat, rooms = Chat(CHANNELS["ours"], session_persistence=False), Rooms(is_coroutine=False)
    chat.server.enter_room = rooms.enter_room
    await chat.gets("session_request", {"session_id": "w1"})
    assert rooms.entered == []
    assert chat.emitted == [("session_confirm", "w1", "sid1")]


@pytest.mark.parametrize("channels", [None, [], [SimpleNamespace()]])
def test_missing_socket_channel_logs_the_remedy(channels: Any, caplog: pytest.LogCaptureFixture) -> None:
    listen_to_chat(SimpleNamespace(ctx=SimpleNamespace(input_channels=channels)), lambda *_: None)
    assert "AutoplaySocketIOInput with session_persistence: true" in caplog.text


def test_warns_when_the_stock_channel_has_changed(caplog: pytest.LogCaptureFixture) -> None:
    channel = SimpleNamespace(
        sio=SimpleNamespace(handlers={}),
        namespace=None,
        session_persistence=True,
        user_message_evt="user_uttered",
    )
    listen_to_chat(SimpleNamespace(ctx=SimpleNamespace(input_channels=[channel])), lambda *_: None)
    assert "'user_uttered'" in caplog.text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"userId": "u1"}, {"userId": "u1"}),
        ('{"userId": "u1"}', {"userId": "u1"}),
        ("{", None),
        ("[1]", None),
        ("", None),
        (None, None),
        (42, None),
        (["u1"], None),
    ],
)
def test_reads_the_metadata_that_widgets_send(value: Any, expected: Any) -> None:
    assert as_metadata(value) == expected


# --- with a real client ------------------------------------------------------------------------------------


class Window:
    """A chat widget: a Socket.IO client with its own session."""

    def __init__(self, session_id: str) -> None:
        self.session_id = session_id
        self.client = socketio.AsyncClient(reconnection=False)
        self.confirmed: asyncio.Queue[str] = asyncio.Queue()
        self.bubbles: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.client.on("session_confirm", self.confirmed.put)
        self.client.on("bot_uttered", self.bubbles.put)

    async def connect(self, origin: str, token: str = "") -> None:
        await self.client.connect(origin, transports=["websocket"], auth={"token": token})
        await self.client.emit("session_request", {"session_id": self.session_id})

    async def open(self, origin: str, token: str = "") -> None:
        await self.connect(origin, token)
        assert await asyncio.wait_for(self.confirmed.get(), 60.0) == self.session_id

    async def write(self, text: str) -> None:
        await self.client.emit("user_uttered", {"session_id": self.session_id, "message": text})

    async def next_bubble(self) -> str:
        return str((await asyncio.wait_for(self.bubbles.get(), 60.0))["text"])


@asynccontextmanager
async def served(chat: Chat) -> AsyncIterator[str]:
    del chat.server.emit  # the real class
    app = fresh_app()
    app.blueprint(chat.blueprint)
    async with serving(app) as origin:
        yield origin


@asynchronous
async def test_window_receives_only_its_own_bot_messages(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    chat = Chat(make)
    mine, theirs = Window("w1"), Window("w2")
    async with served(chat) as origin:
        for window in (mine, theirs):
            await window.open(origin)
        await mine.write("")
        await mine.write("hello")
        assert await mine.next_bubble() == "You said hello"
        await theirs.write("good day")
        assert await theirs.next_bubble() == "You said good day"
        assert mine.bubbles.empty()
        assert [sender for sender, _ in chat.listener.told] == ["w1", "w2"]
        output = chat.channel.get_output_channel()
        await output.send_text_message("w1", "I speak first")
        assert await mine.next_bubble() == "I speak first"
        assert theirs.bubbles.empty()
        closing: list[Awaitable[None]] = [window.client.disconnect() for window in (mine, theirs)]
        await asyncio.gather(*closing)


# --- the user of a chat session ----------------------------------------------------------------------------

JWT_KEY = "k" * 40


def guard_of(identity: Any, owners: LocalSessionOwners) -> ChatGuard:
    """A guard with the default limits."""
    rates = ChatRates(RateLimitSettings(), time.monotonic)
    sockets = ChatSockets(RateLimitSettings(), rates, RequestLimits(RateLimitSettings(), time.monotonic))
    return ChatGuard(identity, owners, sockets, rates)


class GuardedChat(Chat):
    """A socket channel that requires tokens."""

    def __init__(
        self, make: Make, identity: type[RequiredIdentity | ReportedIdentity], **options: Any
    ) -> None:
        super().__init__(make, **options)
        self.identity = identity(UserTokens([Secret(JWT_KEY)], "demo", time.time))
        self.owners = LocalSessionOwners()
        self.guard = guard_of(self.identity, self.owners)
        self.guard.watch(self.channel)
        #: What the server knows about each connection; python-socketio's own store is empty without a server.
        self.environs: dict[str, dict[str, Any]] = {}
        self.server.get_environ = lambda sid, _namespace: self.environs.get(sid)
        self.server.leave_room = lambda *_arguments, **_options: None
        self.rooms = Rooms(is_coroutine=False)
        self.server.enter_room = self.rooms.enter_room

    async def connects(self, sid: str, auth: Any = None, query: str = "") -> Any:
        handlers = self.server.handlers[self.channel.namespace or "/"]
        environ = self.environs[sid] = {"QUERY_STRING": query}
        assert await self.server.eio.handlers["connect"](f"eio-{sid}", environ) is None
        return await handlers["connect"](sid, environ, auth)

    async def opens(self, sid: str, user_id: str, session_id: str) -> str:
        """Connect and request a session; return the confirmed one."""
        await self.connects(sid, {"token": mint_token(user_id, JWT_KEY)})
        await self.gets("session_request", {"session_id": session_id}, sid)
        event, confirmed, room = self.emitted[-1]
        assert (event, room) == ("session_confirm", sid)
        return str(confirmed)


@asynchronous
async def test_requires_the_users_token(make: Make) -> None:
    chat = GuardedChat(make, RequiredIdentity)
    token = mint_token("u1", JWT_KEY)
    assert await chat.connects("sid1", {"token": token}) is not False
    assert await chat.connects("sid2", None, f"EIO=4&token={token}&transport=polling") is not False
    for auth in (None, {}, {"token": ""}, {"token": 42}, {"token": "forged"}, "token", [token]):
        with pytest.raises(ConnectionRefusedError, match="token"):
            await chat.connects("sid3", auth)
    with pytest.raises(ConnectionRefusedError, match="expired"):
        await chat.connects("sid3", {"token": mint_token("u1", JWT_KEY, expires_in_s=-60)})


@asynchronous
async def test_session_belongs_to_the_user_that_opened_it(make: Make) -> None:
    chat = GuardedChat(make, RequiredIdentity)
    assert await chat.opens("sid1", "u1", "w1") == "w1"
    assert await chat.opens("sid2", "u1", "w1") == "w1", "after a page load"
    fresh = await chat.opens("sid3", "u2", "w1")
    assert fresh != "w1"
    assert (await chat.owners.owner_of("w1"), await chat.owners.owner_of(fresh)) == ("u1", "u2")
    assert [room for sid, room, _ in chat.rooms.entered if sid == "sid3"] == [fresh]


@asynchronous
async def test_rejects_messages_in_another_users_session(make: Make) -> None:
    chat = GuardedChat(make, RequiredIdentity)
    await chat.opens("sid1", "u1", "w1")
    await chat.opens("sid2", "u2", "w2")
    for session_id in ("w1", 42):
        await chat.gets("user_uttered", {"session_id": session_id, "message": "I am u1"}, "sid2")
    assert chat.bot.texts == ["I am u1"], "a number is a name like any other: its own"
    assert chat.bot.heard[0].sender_id == "42"
    await chat.gets("user_uttered", {"session_id": "42", "message": "mine?"}, "sid1")
    assert len(chat.bot.heard) == 1


@pytest.mark.parametrize(
    "said", [None, {"userId": "u2"}, '{"userId": "u2"}', {"customData": {"userId": "u2"}}]
)
@asynchronous
async def test_passes_the_tokens_user_to_the_bot_despite_browser_claims(make: Make, said: Any) -> None:
    chat = GuardedChat(make, RequiredIdentity)
    await chat.opens("sid1", "u1", "w1")
    await chat.gets("user_uttered", {"session_id": "w1", "message": "hi", "customData": said}, "sid1")
    heard = chat.bot.heard[0].metadata
    assert heard["userId"] == "u1"
    assert heard.get("customData", heard)["userId"] == "u1"
    assert chat.listener.told[0][1] == heard


@asynchronous
async def test_report_mode_counts_and_lets_all_users_chat(make: Make) -> None:
    chat = GuardedChat(make, ReportedIdentity)
    await chat.opens("sid1", "u1", "w1")
    await chat.connects("sid2")
    await chat.gets("session_request", {"session_id": "w1"}, "sid2")
    assert chat.emitted[-1] == ("session_confirm", "w1", "sid2")
    await chat.gets("user_uttered", {"session_id": "w1", "message": "hi"}, "sid2")
    assert chat.bot.texts == ["hi"]
    assert chat.identity.health()["would_be_refused"] == {"no_token": 1, "wrong_user": 2}


@asynchronous
async def test_a_window_that_reconnects_gets_the_answers_that_it_has_missed(make: Make) -> None:
    chat = Chat(make)
    del chat.server.emit  # the real class
    identity = RequiredIdentity(UserTokens([Secret(JWT_KEY)], "demo", time.time))
    guard_of(identity, LocalSessionOwners()).watch(chat.channel)
    app = fresh_app()
    app.blueprint(chat.blueprint)
    mine, back, theirs = Window("w1"), Window("w1"), Window("w1")
    async with serving(app) as origin:
        await mine.open(origin, mint_token("u1", JWT_KEY))
        output = chat.channel.get_output_channel()
        await mine.client.disconnect()
        await eventually(lambda: not has_participants(chat.channel, "w1"), what="the window is gone")
        for number in range(25):
            await output.send_text_message("w1", f"Answer {number}")
        # Another user who names the session gets a new one, and nothing of this one.
        await theirs.connect(origin, mint_token("u2", JWT_KEY))
        assert await theirs.confirmed.get() != "w1"
        await back.open(origin, mint_token("u1", JWT_KEY))
        assert [await back.next_bubble() for _ in range(20)] == [f"Answer {n}" for n in range(5, 25)]
        await output.send_text_message("w1", "Now")
        assert await back.next_bubble() == "Now"
        assert theirs.bubbles.empty()
        await asyncio.gather(back.client.disconnect(), theirs.client.disconnect())


def test_missed_answers_are_forgotten_after_a_minute() -> None:
    now = [0.0]
    missed = MissedAnswers(lambda: now[0])
    sent: list[Any] = []

    async def emit(*arguments: Any, **_options: Any) -> None:
        sent.append(arguments)

    manager = SimpleNamespace(get_participants=lambda *_: iter(()))
    server = SimpleNamespace(emit=emit, manager=manager)
    channel = SimpleNamespace(
        sio=server, namespace=None, session_persistence=True, bot_message_evt="bot_uttered"
    )
    missed.watch(channel)

    async def say() -> None:
        await server.emit("bot_uttered", {"text": "old"}, room="w1")
        now[0] = 59.0
        await server.emit("bot_uttered", {"text": "new"}, to="w1")
        await server.emit("session_confirm", "w1", room="w1")

    asyncio.run(say())
    assert sent == [("session_confirm", "w1")]
    now[0] = 61.0
    assert missed.take("w1") == [{"text": "new"}]
    assert missed.take("w1") == []


@asynchronous
async def test_refused_messages_name_the_reason(make: Make) -> None:
    chat = GuardedChat(make, RequiredIdentity)
    await chat.opens("sid1", "u1", "w1")
    await chat.opens("sid2", "u2", "w2")
    hear = chat.server.handlers["/"]["user_uttered"]
    assert await hear("sid2", {"session_id": "w1", "message": "hi"}) == {"refused": "session"}
    message = {"session_id": "w1", "message": "hi"}
    answers = [await hear("sid1", message) for _ in range(RateLimitSettings().chat_messages_per_minute + 1)]
    assert answers[0] is None
    assert answers[-1] == {"refused": "too_often"}


@asynchronous
async def test_closed_socket_has_no_user(make: Make) -> None:
    chat = GuardedChat(make, RequiredIdentity)
    await chat.opens("sid1", "u1", "w1")
    await chat.server.handlers["/"]["disconnect"]("sid1")
    await chat.message("still here")
    assert chat.bot.heard == []
