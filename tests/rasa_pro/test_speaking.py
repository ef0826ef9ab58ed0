"""The bot speaks first through Rasa Pro's processors, trackers, stores, locks and output channel.

Only a server with a licence can load a model. So the processors are made without one, with the parts that a
model would have given them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
import socketio
from rasa.core import processor as processors
from rasa.core.agent import Agent
from rasa.core.channels import channel as rasa_channels
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.core.tracker_stores.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ConversationPaused
from rasa.shared.core.flows import FlowsList
from support.run import asynchronous
from support.sanic_server import fresh_app, serving

from rasa_autoplay.channel import RASA
from rasa_autoplay.chat_channel import AutoplaySocketIOInput
from rasa_autoplay.common.conversation.message_proofs import MessageProofs
from rasa_autoplay.common.conversation.proactive import PROACTIVE_INTENT
from rasa_autoplay.common.conversation.show_me import TourButton
from rasa_autoplay.errors import ChatUndelivered
from rasa_autoplay.gateway.chat.injection_choice import INJECTIONS
from rasa_autoplay.gateway.chat.rasa_chat import RasaChat
from rasa_autoplay.gateway.chat.rasa_server import RasaServer
from rasa_autoplay.gateway.rasa_hooks import hook_rasa
from rasa_autoplay.settings.secret import Secret

try:
    from rasa.mantle.processor import MantleMessageProcessor
except ImportError:  # Rasa Pro 3.14 has no Mantle
    MantleMessageProcessor = None

pytestmark = pytest.mark.filterwarnings("ignore:pkg_resources is deprecated:UserWarning")

TEXT = "Shall I show you how?"
BUTTON = TourButton("Show me on the page", "bulk")
CALM = getattr(processors, "CalmMessageProcessor", processors.MessageProcessor)
ENGINES = {"calm": CALM, **({"mantle": MantleMessageProcessor} if MantleMessageProcessor else {})}
#: The domain of a CALM assistant, here with the intent in it, which changes nothing.
DOMAIN = Domain.from_dict(
    {"version": "3.1", "intents": [PROACTIVE_INTENT], "slots": {"size": {"type": "text"}}}
)


def agent_with(engine: str) -> Any:
    """Rasa's agent with a processor of this engine."""
    agent = Agent(domain=DOMAIN, tracker_store=InMemoryTrackerStore(DOMAIN), lock_store=InMemoryLockStore())
    processor = object.__new__(ENGINES[engine])
    processor.__dict__.update(
        domain=DOMAIN,
        tracker_store=agent.tracker_store,
        lock_store=agent.lock_store,
        nlg=TemplatedNaturalLanguageGenerator({}),
        action_endpoint=None,
        model_filename="a model",
        model_metadata=SimpleNamespace(model_id="m", assistant_id="a", domain=DOMAIN),
        is_calm_assistant=True,
        engine_version=engine,
        privacy_manager=None,
        timer_manager=None,
        endpoints=None,
        _flows=FlowsList(underlying_flows=[]),
    )
    agent.processor = processor
    return agent


@asynccontextmanager
async def window_of(agent: Any, say: str) -> AsyncIterator[tuple[RasaChat, asyncio.Queue[dict[str, Any]]]]:
    """Open a chat window with the session w1; yields the copilot's chat, and what arrives in the window."""
    channel = AutoplaySocketIOInput.from_credentials(
        {"session_persistence": True, "metadata_key": "customData"}
    )
    app = fresh_app()
    app.ctx.agent = agent
    rasa_channels.register([channel], app, route="/webhooks/")
    server = RasaServer()
    server.attach(app, RASA)
    window = socketio.AsyncClient(reconnection=False)
    confirmed: asyncio.Queue[str] = asyncio.Queue()
    bubbles: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    window.on("session_confirm", confirmed.put)
    window.on("bot_uttered", bubbles.put)
    async with serving(app) as origin:
        await window.connect(origin, transports=["websocket"])
        try:
            await window.emit("session_request", {"session_id": "w1"})
            await asyncio.wait_for(confirmed.get(), 60.0)
            yield RasaChat(server, INJECTIONS[say](MessageProofs(Secret("s")))), bubbles
        finally:
            await window.disconnect()


async def stored(agent: Any) -> list[Any]:
    """The events of the conversation in the tracker store."""
    tracker = await agent.tracker_store.retrieve("w1")
    return list(tracker.events) if tracker else []


@pytest.mark.parametrize("say", ["auto", "event"])
@pytest.mark.parametrize("engine", ENGINES)
@asynchronous
async def test_a_message_reaches_the_window_and_the_tracker_store(engine: str, say: str) -> None:
    agent = agent_with(engine)
    async with window_of(agent, say) as (chat, bubbles):
        await chat.say("w1", TEXT, BUTTON)
        bubble = await asyncio.wait_for(bubbles.get(), 60.0)
        assert bubble["text"] == TEXT
        assert [each["payload"] for each in bubble["quick_replies"]] == [BUTTON.payload]
        assert [each.text for each in await stored(agent) if each.type_name == "bot"] == [TEXT]


@asynchronous
async def test_calm_begins_a_session_before_the_bot_speaks() -> None:
    agent = agent_with("calm")
    async with window_of(agent, "auto") as (chat, bubbles):
        await chat.say("w1", TEXT)
        await asyncio.wait_for(bubbles.get(), 60.0)
        kinds = [each.type_name for each in await stored(agent)]
        assert kinds.index("session_started") < kinds.index("bot")


@pytest.mark.parametrize("engine", ENGINES)
@asynchronous
async def test_speaks_in_a_paused_conversation_and_leaves_it_paused(engine: str) -> None:
    agent = agent_with(engine)
    tracker = await agent.processor.get_tracker("w1")
    tracker.update(ConversationPaused(), DOMAIN)
    await agent.tracker_store.save(tracker)
    async with window_of(agent, "auto") as (chat, bubbles):
        await chat.say("w1", TEXT)
        assert (await asyncio.wait_for(bubbles.get(), 60.0))["text"] == TEXT
        assert [each.type_name for each in await stored(agent)] == ["pause", "bot"]
        assert await chat.is_undisturbed("w1") is False


@pytest.mark.parametrize("engine", ENGINES)
@asynchronous
async def test_a_demanded_intent_is_refused_with_the_remedy(engine: str) -> None:
    agent = agent_with(engine)
    async with window_of(agent, "intent") as (chat, bubbles):
        with pytest.raises(ChatUndelivered, match="say: auto"):
            await chat.say("w1", TEXT)
        assert bubbles.empty()


@pytest.mark.parametrize("engine", ENGINES)
@asynchronous
async def test_users_cannot_write_the_reserved_intent(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = ENGINES[engine]
    base = next(each for each in kind.__mro__ if "parse_message" in vars(each))
    monkeypatch.setattr(base, "parse_message", _reads_the_reserved_intent)
    hook_rasa()
    parsed = await agent_with(engine).processor.parse_message(object(), None)
    assert parsed["intent"]["name"] == "nlu_fallback"


async def _reads_the_reserved_intent(_processor: Any, _message: Any, _tracker: Any = None) -> dict[str, Any]:
    return {"intent": {"name": PROACTIVE_INTENT}, "entities": [], "intent_ranking": []}
