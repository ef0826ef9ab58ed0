"""Speaking through Rasa, whose agent hides failures: each silent failure must become an error."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from support.run import asynchronous

from rasa_autoplay.common.conversation.message_proofs import PROOF_KEY, MessageProofs
from rasa_autoplay.common.conversation.proactive import PROACTIVE_ENTITY, PROACTIVE_INTENT
from rasa_autoplay.errors import ChatUndelivered
from rasa_autoplay.gateway.chat.injection import RasaClasses
from rasa_autoplay.gateway.chat.injection_choice import INJECTIONS
from rasa_autoplay.gateway.chat.rasa_chat import RasaChat
from rasa_autoplay.gateway.chat.rasa_server import RasaServer, socket_channel
from rasa_autoplay.settings.secret import Secret

TEXT = "Shall I show you how?"
PROOFS = MessageProofs(Secret("link-secret"))


def event(kind: str, text: str | None) -> Any:
    return SimpleNamespace(type_name=kind, text=text)


CLASSES = RasaClasses(lambda text, _data: event("bot", text), None, str, str)


class Tracker:
    def __init__(self) -> None:
        self.events: list[Any] | deque[Any] = [event("bot", TEXT), event("user", "thanks")]
        self.sender_id = "w1"
        self.active_loop_name: str | None = None
        self.has_pause = False

    def is_paused(self) -> bool:
        return self.has_pause

    def update(self, new: Any, domain: Any) -> None:
        assert domain.intents
        self.events.append(new)


class Agent:
    """An agent that works, unless configured otherwise."""

    def __init__(self) -> None:
        self.ready = True
        self.domain = SimpleNamespace(intents=["greet", PROACTIVE_INTENT])
        self.lock_store = self
        self.processor = self
        self.trackers: dict[str, Tracker] = {}
        self.locked: list[tuple[str, float]] = []
        self.is_locked = False
        self.triggered: list[dict[str, Any]] = []
        self.saved: list[Tracker] = []
        #: The tracker events of a turn.
        self.turn: Callable[[Tracker, str], None] = lambda tracker, text: tracker.events.extend(
            [event("user", f"EXTERNAL: {PROACTIVE_INTENT}"), event("slot", None), event("bot", text)]
        )
        self.lock_failure: Exception | None = None

    def is_ready(self) -> bool:
        return self.ready

    @asynccontextmanager
    async def lock(self, conversation_id: str, wait_time_in_seconds: float = 1.0) -> AsyncIterator[None]:
        if self.lock_failure:
            raise self.lock_failure
        self.locked.append((conversation_id, wait_time_in_seconds))
        self.is_locked = True
        try:
            yield
        finally:
            self.is_locked = False

    async def get_tracker(self, sender_id: str) -> Tracker:
        assert self.is_locked
        return self.trackers.setdefault(sender_id, Tracker())

    async def execute_side_effects(self, events: list[Any], tracker: Tracker, output_channel: Any) -> None:
        assert self.is_locked
        output_channel.sent += [(tracker.sender_id, each.text) for each in events]

    async def save_tracker(self, tracker: Tracker) -> None:
        assert self.is_locked
        self.saved.append(tracker)

    async def fetch_tracker_and_update_session(self, sender_id: str, output_channel: Any) -> Tracker:
        assert self.is_locked
        return self.trackers.setdefault(sender_id, Tracker())

    async def trigger_intent(
        self, intent_name: str, entities: list[dict[str, Any]], output_channel: Any, tracker: Tracker
    ) -> None:
        assert self.is_locked
        self.triggered.append({"intent": intent_name, "entities": entities, "output": output_channel})
        self.turn(tracker, entities[0]["value"])


class Socket:
    """A Socket.IO channel with these rooms; a namespace that no client has joined is unknown."""

    def __init__(self, *rooms: str, namespace: str | None = None) -> None:
        self.sio = SimpleNamespace(manager=self)
        self.namespace = namespace
        self._rooms = {namespace or "/": rooms} if rooms else {}
        self.output = SimpleNamespace(sent=[])

    def get_participants(self, namespace: str, room: str) -> list[tuple[str, str]]:
        return [("sid", "eio") for each in self._rooms[namespace] if each == room]

    def get_output_channel(self) -> Any:
        return self.output


class Server:
    def __init__(self, *channels: Any) -> None:
        self.agent: Agent | None = Agent()
        self.ctx = self
        self.input_channels: list[Any] | None = [SimpleNamespace(), *channels]

    @property
    def chat(self) -> RasaChat:
        server = RasaServer()
        server.attach(self, CLASSES)
        return RasaChat(server, INJECTIONS["intent"](PROOFS))

    async def refusal(self, sender_id: str = "w1") -> ChatUndelivered:
        with pytest.raises(ChatUndelivered) as refused:
            await self.chat.say(sender_id, TEXT)
        assert refused.value.remedy, "every refusal says what to do"
        return refused.value


@asynchronous
async def test_bot_says_the_text_through_its_own_intent() -> None:
    socket = Socket("w1")
    server = Server(socket)
    await server.chat.say("w1", TEXT)
    assert server.agent is not None
    (triggered,) = server.agent.triggered
    (entity,) = triggered["entities"]
    proof = entity.pop(PROOF_KEY)
    assert triggered == {
        "intent": "EXTERNAL_proactive",
        "entities": [{"entity": "proactive_text", "value": TEXT}],
        "output": socket.output,
    }
    assert PROOFS.covers_text(proof, "w1", TEXT), "the action server can tell whose text it is"
    assert (PROACTIVE_INTENT, PROACTIVE_ENTITY) == ("EXTERNAL_proactive", "proactive_text")


@pytest.mark.parametrize(("loop", "is_paused"), [("order_form", False), (None, True), ("order_form", True)])
@asynchronous
async def test_sends_without_a_turn_during_a_form_or_a_handoff(loop: str | None, is_paused: bool) -> None:
    socket = Socket("w1")
    server = Server(socket)
    assert server.agent is not None
    tracker = server.agent.trackers["w1"] = Tracker()
    tracker.active_loop_name, tracker.has_pause = loop, is_paused
    before = len(tracker.events)
    await server.chat.say("w1", f"{TEXT} [x](javascript:alert(1))")
    assert server.agent.triggered == []
    (said,) = list(tracker.events)[before:]
    assert said.type_name == "bot"
    assert "javascript" not in said.text
    assert socket.output.sent == [("w1", said.text)]
    assert server.agent.saved == [tracker]


@asynchronous
async def test_locks_the_conversation_and_polls_the_lock_often() -> None:
    server = Server(Socket("w1"))
    await server.chat.say("w1", TEXT)
    assert server.agent is not None
    ((conversation, poll_s),) = server.agent.locked
    assert conversation == "w1"
    assert poll_s <= 0.1


def silence(tracker: Tracker, _text: str) -> None:
    """The action server is down: the turn happens without a message."""
    tracker.events.append(event("user", f"EXTERNAL: {PROACTIVE_INTENT}"))


def fallback(tracker: Tracker, _text: str) -> None:
    tracker.events.extend([event("user", "x"), event("bot", "Sorry, I didn't get that.")])


def only_heard(tracker: Tracker, text: str) -> None:
    tracker.events.append(event("user", text))


def image(tracker: Tracker, _text: str) -> None:
    tracker.events.append(event("bot", None))


@pytest.mark.parametrize("turn", [silence, fallback, only_heard, image])
@asynchronous
async def test_fails_when_the_bot_does_not_say_the_text(
    turn: Callable[[Tracker, str], None],
) -> None:
    server = Server(Socket("w1"))
    assert server.agent is not None
    server.agent.turn = turn
    refusal = await server.refusal()
    assert "action server" in refusal.remedy
    assert not server.agent.is_locked


@asynchronous
async def test_rejects_proof_from_earlier_bot_messages() -> None:
    server = Server(Socket("w1"))
    await server.chat.say("w1", TEXT)
    assert server.agent is not None
    server.agent.turn = silence
    await server.refusal()


@asynchronous
async def test_accepts_the_proof_among_other_text() -> None:
    server = Server(Socket("w1"))
    assert server.agent is not None
    server.agent.turn = lambda tracker, text: tracker.events.extend(
        [event("bot", "Hello!"), event("bot", text), event("bot", "Anything else?")]
    )
    await server.chat.say("w1", TEXT)


@asynchronous
async def test_finds_the_proof_in_a_bounded_tracker() -> None:
    server = Server(Socket("w1"))
    assert server.agent is not None
    tracker = server.agent.trackers["w1"] = Tracker()
    tracker.events = deque(tracker.events, maxlen=2)
    await server.chat.say("w1", TEXT)
    server.agent.turn = silence
    await server.refusal()


@pytest.mark.parametrize("namespace", [None, "/chat"])
@asynchronous
async def test_looks_for_a_window_in_the_channels_namespace(namespace: str | None) -> None:
    server = Server(Socket("w1", namespace=namespace))
    await server.chat.say("w1", TEXT)
    await server.refusal("w2")


@pytest.mark.parametrize("socket", [Socket(), Socket("another")], ids=["no windows", "others"])
@asynchronous
async def test_says_nothing_without_a_window(socket: Socket) -> None:
    server = Server(socket)
    refusal = await server.refusal()
    assert "sender_id" in refusal.remedy
    assert "session_persistence" in refusal.remedy
    assert server.agent is not None
    assert not server.agent.triggered


@asynchronous
async def test_fails_without_a_socket_channel() -> None:
    assert "AutoplaySocketIOInput" in (await Server().refusal()).remedy
    server = Server()
    server.input_channels = None
    assert "Socket.IO" in (await server.refusal()).message


@asynchronous
async def test_fails_without_a_model() -> None:
    server = Server(Socket("w1"))
    assert server.agent is not None
    server.agent.ready = False
    assert "rasa train" in (await server.refusal()).remedy
    server.agent = None
    assert "rasa train" in (await server.refusal()).remedy


@asynchronous
async def test_fails_when_the_model_lacks_the_intent() -> None:
    server = Server(Socket("w1"))
    assert server.agent is not None
    server.agent.domain.intents.remove(PROACTIVE_INTENT)
    refusal = await server.refusal()
    assert PROACTIVE_INTENT in refusal.message
    assert "train" in refusal.remedy
    assert not server.agent.triggered, "it would become a fallback"


@asynchronous
async def test_looks_up_the_agent_at_each_use() -> None:
    server = Server(Socket("w1"))
    chat = server.chat
    server.agent = newer = Agent()
    await chat.say("w1", TEXT)
    assert len(newer.triggered) == 1


@pytest.mark.parametrize("where", ["lock", "turn"])
@asynchronous
async def test_rasa_failure_becomes_an_error_without_its_text(where: str) -> None:
    server = Server(Socket("w1"))
    assert server.agent is not None
    failure = RuntimeError("redis://:s3cret-word@lock-store")
    if where == "lock":
        server.agent.lock_failure = failure
    else:

        def turn(_tracker: Tracker, _text: str) -> None:
            raise failure

        server.agent.turn = turn
    refusal = await server.refusal()
    assert "RuntimeError" in refusal.message
    assert "s3cret-word" not in str(refusal)


def test_socket_channel_is_the_one_with_a_socket() -> None:
    socket = Socket("w1")
    assert socket_channel(Server(SimpleNamespace(sio=None), socket)) is socket
    assert socket_channel(Server()) is None
