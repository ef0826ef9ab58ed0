"""A small Rasa bot in this process: real models, trackers, stores and locks, without servers."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import rasa.model_training
from aiohttp import web
from rasa.core.agent import Agent
from rasa.core.brokers.broker import EventBroker
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.shared.core.domain import Domain
from rasa.utils.endpoints import EndpointConfig
from rasa_sdk import Action
from rasa_sdk.events import ConversationPaused
from rasa_sdk.executor import ActionExecutor

from rasa_autoplay.actions import ActionSendProactive
from rasa_autoplay.channel import RASA
from rasa_autoplay.gateway.chat.injection import Injection
from rasa_autoplay.gateway.chat.message_gateway import MessageGateway
from rasa_autoplay.gateway.chat.rasa_chat import RasaChat
from rasa_autoplay.gateway.chat.rasa_server import RasaServer

__all__ = ["Bot", "Broker", "serving_actions", "train_bot", "train_project"]

_CONFIG = """\
recipe: default.v1
assistant_id: small
language: en
pipeline:
- name: WhitespaceTokenizer
- name: KeywordIntentClassifier
  case_sensitive: false
policies:
- name: MemoizationPolicy
- name: RulePolicy
"""
_DOMAIN = """\
version: "3.1"
intents: [greet, great, order, human, thanks]
slots:
  size:
    type: text
    influence_conversation: false
    mappings:
    - {type: from_text, conditions: [{active_loop: order_form, requested_slot: size}]}
forms:
  order_form: {required_slots: [size]}
responses:
  utter_greet: [{text: "How are you?"}]
  utter_happy: [{text: "Carry on!"}]
  utter_ask_size: [{text: "Which size?"}]
  utter_ordered: [{text: It is on its way.}]
  utter_welcome: [{text: You are welcome.}]
actions: [action_hand_over]
"""
_DATA = """\
version: "3.1"
nlu:
- intent: greet
  examples: |
    - hello
- intent: great
  examples: |
    - great
- intent: order
  examples: |
    - a pizza
- intent: human
  examples: |
    - a human
- intent: thanks
  examples: |
    - thanks
rules:
- rule: thanks
  steps: [{intent: thanks}, {action: utter_welcome}]
- rule: human
  steps: [{intent: human}, {action: action_hand_over}]
- rule: order
  steps: [{intent: order}, {action: order_form}, {active_loop: order_form}]
- rule: ordered
  condition: [{active_loop: order_form}]
  steps:
  - action: order_form
  - active_loop: null
  - slot_was_set: [{requested_slot: null}]
  - action: utter_ordered
stories:
- story: a talk
  steps: [{intent: greet}, {action: utter_greet}, {intent: great}, {action: utter_happy}]
"""


class _HandOver(Action):  # type: ignore[misc] # rasa_sdk has no types
    def name(self) -> str:
        return "action_hand_over"

    async def run(self, dispatcher: Any, _tracker: Any, _domain: Any) -> list[dict[str, Any]]:
        dispatcher.utter_message(text="A colleague takes over.")
        return [ConversationPaused()]


def train_bot(folder: Path, domain: str = "", data: str = "") -> str:
    """Train the bot in a few seconds; return its model's path.

    Args:
        folder: an empty folder.
        domain: a further file of the domain; empty for none.
        data: a further file of training data; empty for none.
    """
    for name, text in (("domain/bot.yml", _DOMAIN), ("domain/more.yml", domain), ("data/bot.yml", _DATA)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "data" / "more.yml").write_text(data)
    (folder / "config.yml").write_text(_CONFIG)
    return train_project(folder)


def train_project(folder: Path) -> str:
    """Train a project like ``rasa train``, but in this process; return its model's path."""
    domain = "domain" if (folder / "domain").is_dir() else "domain.yml"
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trained = rasa.model_training.train(
            str(folder / domain), str(folder / "config.yml"), [str(folder / "data")], str(folder / "models")
        )
    return str(trained.model)


@asynccontextmanager
async def serving_actions() -> AsyncIterator[str]:
    """Run the bot's actions and the copilot's; yields the URL of ``action_endpoint``."""
    executor = ActionExecutor()
    for action in (ActionSendProactive(), _HandOver()):
        executor.register_action(action)

    async def webhook(request: web.Request) -> web.Response:
        return web.json_response(await executor.run(await request.json()))

    app = web.Application()
    app.router.add_post("/webhook", webhook)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/webhook"
    finally:
        await runner.cleanup()


class Broker(EventBroker):  # type: ignore[misc] # rasa has no types
    """Keeps what Rasa publishes."""

    def __init__(self) -> None:
        self.published: list[dict[str, Any]] = []

    @classmethod
    async def from_endpoint_config(cls, _config: Any, _loop: Any = None) -> Broker:
        """Not used."""
        return cls()

    def publish(self, event: dict[str, Any]) -> None:
        """Keep an event."""
        self.published.append(event)


class Bot:
    """The bot, and one chat window.

    Args:
        model: a model's path.
        actions_url: the URL of the action server; empty for one that is down.
        make_store: makes a tracker store of a domain and an event broker.
        lock_store: Rasa's lock store.
    """

    def __init__(self, model: str, actions_url: str, make_store: Any, lock_store: Any) -> None:
        self.broker = Broker()
        self.agent = Agent(
            tracker_store=make_store(Domain.empty(), self.broker),
            lock_store=lock_store,
            action_endpoint=EndpointConfig(actions_url or "http://127.0.0.1:1/webhook"),
        )
        self.agent.load_model(model)
        self.window = CollectingOutputChannel()
        manager = SimpleNamespace(get_participants=lambda _namespace, room: [room])
        socket = SimpleNamespace(
            sio=SimpleNamespace(manager=manager), namespace=None, get_output_channel=lambda: self.window
        )
        self.ctx = SimpleNamespace(agent=self.agent, input_channels=[socket])

    def chat(self, injection: Injection) -> RasaChat:
        """The gateway's chat with this bot."""
        server = RasaServer()
        server.attach(self, RASA)
        return RasaChat(server, injection)

    async def hear(
        self, text: str, sender_id: str = "w1", gateway: MessageGateway | None = None
    ) -> list[str]:
        """Write as the user, through the gateway if there is one; return the bot's answers."""
        before = len(self.window.messages)
        message = UserMessage(text, self.window, sender_id)
        if gateway is None or not await gateway.handle(message):
            await self.agent.handle_message(message)
        return [each.get("text", "") for each in self.window.messages[before:]]

    async def events(self, sender_id: str = "w1") -> list[dict[str, Any]]:
        """The stored events of the conversation."""
        tracker = await self.agent.tracker_store.retrieve(sender_id)
        return [event.as_dict() for event in tracker.events] if tracker else []
