"""How the copilot speaks and answers, on Rasa's own agent, policies, stores, locks and event broker."""

from __future__ import annotations

import itertools
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.core.lock_store import InMemoryLockStore, RedisLockStore
from rasa.core.tracker_store import InMemoryTrackerStore, RedisTrackerStore, SQLTrackerStore
from support.rasa_bot import Bot, serving_actions, train_bot
from support.redis_server import RedisServer
from support.run import asynchronous
from support.stand_in_link import StandInLink

from rasa_autoplay.common.conversation.message_proofs import MessageProofs
from rasa_autoplay.common.conversation.show_me import TourButton
from rasa_autoplay.errors import ChatUndelivered
from rasa_autoplay.gateway.access.identity_modes import UncheckedIdentity
from rasa_autoplay.gateway.chat.continuations import Continuations
from rasa_autoplay.gateway.chat.injection_choice import INJECTIONS
from rasa_autoplay.gateway.chat.message_gateway import MessageGateway
from rasa_autoplay.gateway.chat.rasa_chat import RasaChat
from rasa_autoplay.gateway.chat.tour_requests import TourRequests
from rasa_autoplay.link.answers import FollowUpText
from rasa_autoplay.link.requests import AnswerQuestion, FollowUp
from rasa_autoplay.settings.link_secret import LINK_SECRET_VARIABLE
from rasa_autoplay.settings.secret import Secret
from rasa_autoplay.tools.project_setup.starter import DOMAIN, RULE

# Rasa and its libraries warn about themselves.
pytestmark = pytest.mark.filterwarnings("ignore")

SECRET = "link-secret-of-these-tests"
TEXT = "Shall I show you how?"
BUTTON = TourButton("Show me on the page", "bulk")
SAYS = sorted(INJECTIONS)


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LINK_SECRET_VARIABLE, SECRET)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A model that knows nothing of the copilot."""
    return train_bot(tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def with_intent(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A model with what ``init --with-intent`` adds."""
    return train_bot(tmp_path_factory.mktemp("with_intent"), DOMAIN, RULE)


@pytest.fixture(scope="module")
def without_rule(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A model with the intent, whose rule is missing."""
    return train_bot(tmp_path_factory.mktemp("without_rule"), DOMAIN)


def in_memory(domain: Any, broker: Any) -> Any:
    return InMemoryTrackerStore(domain, broker)


@asynccontextmanager
async def running(model: str, make_store: Any = in_memory, lock_store: Any = None) -> AsyncIterator[Bot]:
    async with serving_actions() as url:
        yield Bot(model, url, make_store, lock_store or InMemoryLockStore())


def chat_of(bot: Bot, say: str) -> RasaChat:
    return bot.chat(INJECTIONS[say](MessageProofs(Secret(SECRET))))


def turns(events: list[dict[str, Any]]) -> list[str]:
    """The copilot's own turns, and every bubble of the bot."""
    wanted = [e.get("text") if e["event"] == "bot" else e.get("name") for e in events]
    return [each for each in wanted if each in (TEXT, "action_send_proactive")]


@pytest.fixture(params=["memory", "sql", "redis"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Callable[[Any, Any], Any], Any]]:
    """A tracker store and a lock store."""
    if request.param == "memory":
        yield in_memory, InMemoryLockStore()
    elif request.param == "sql":
        database = str(tmp_path / "tracker.db")
        yield lambda domain, broker: SQLTrackerStore(domain, "sqlite", db=database, event_broker=broker), None
    else:
        server: RedisServer = request.getfixturevalue("redis_server")
        at = {"host": "127.0.0.1", "port": server.port, "password": server.password}
        yield (
            lambda domain, broker: RedisTrackerStore(domain, event_broker=broker, **at),
            RedisLockStore(**at),
        )


@pytest.mark.parametrize("say", SAYS)
@asynchronous
async def test_a_message_is_sent_stored_and_published_once(
    say: str, stores: tuple[Any, Any], with_intent: str
) -> None:
    async with running(with_intent, *stores) as bot:
        await chat_of(bot, say).say("w1", TEXT, BUTTON)
        (shown,) = bot.window.messages
        assert (shown["recipient_id"], shown["text"]) == ("w1", TEXT)
        assert [each["payload"] for each in shown["buttons"]] == [BUTTON.payload]
        assert turns(await bot.events()).count(TEXT) == 1
        assert turns(bot.broker.published).count(TEXT) == 1
        assert ("action_send_proactive" in turns(await bot.events())) is (say != "event")
        # The conversation goes on, and its session began before the message.
        assert await bot.hear("hello") == ["How are you?"]
        kinds = [each["event"] for each in await bot.events()]
        assert kinds.count("session_started") == 1
        assert kinds.index("session_started") < kinds.index("bot")


@pytest.mark.parametrize("say", SAYS)
@asynchronous
async def test_messages_keep_their_order_and_lose_none(say: str, with_intent: str) -> None:
    async with running(with_intent) as bot:
        chat = chat_of(bot, say)
        texts = [f"Message {number}" for number in range(5)]
        for text in texts:
            await chat.say("w1", text)
        assert [each["text"] for each in bot.window.messages] == texts


@pytest.mark.parametrize(
    ("said", "answer", "goes_on"),
    [("a pizza", "Which size?", ["It is on its way."]), ("a human", "A colleague takes over.", [])],
)
@pytest.mark.parametrize("say", SAYS)
@asynchronous
async def test_neither_a_form_nor_a_pause_is_disturbed(
    say: str, said: str, answer: str, goes_on: list[str], with_intent: str
) -> None:
    async with running(with_intent) as bot:
        assert await bot.hear(said) == [answer]
        before = await bot.events()
        await chat_of(bot, say).say("w1", TEXT)
        new = (await bot.events())[len(before) :]
        assert [each["event"] for each in new] == ["bot"]
        assert await bot.hear("large") == goes_on


@asynchronous
async def test_auto_follows_the_loaded_model(plain: str, without_rule: str, with_intent: str) -> None:
    async with running(plain) as bot:
        chat = chat_of(bot, "auto")
        seen = []
        for number, model in enumerate((plain, with_intent, without_rule, with_intent, plain)):
            bot.agent.load_model(model)
            await chat.say(f"w{number}", TEXT)
            seen.append("action_send_proactive" in turns(await bot.events(f"w{number}")))
        assert seen == [False, True, False, True, False]
        assert [each["text"] for each in bot.window.messages] == [TEXT] * 5


@pytest.mark.parametrize(
    ("model", "remedy"), [("plain", "init --with-intent"), ("without_rule", "trained with the rule")]
)
@asynchronous
async def test_intent_names_what_the_model_lacks(
    model: str, remedy: str, request: pytest.FixtureRequest
) -> None:
    async with running(request.getfixturevalue(model)) as bot:
        with pytest.raises(ChatUndelivered) as refused:
            await chat_of(bot, "intent").say("w1", TEXT)
        assert remedy in refused.value.remedy


@asynchronous
async def test_an_event_needs_no_action_server(plain: str) -> None:
    bot = Bot(plain, "", in_memory, InMemoryLockStore())
    await chat_of(bot, "event").say("w1", TEXT)
    assert [each["text"] for each in bot.window.messages] == [TEXT]


@pytest.mark.parametrize("say", ["auto", "intent"])
@asynchronous
async def test_the_action_rejects_a_forged_text(
    say: str, with_intent: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(with_intent) as bot:
        forger = bot.chat(INJECTIONS[say](MessageProofs(Secret("not the secret"))))
        with caplog.at_level(logging.WARNING), pytest.raises(ChatUndelivered):
            await forger.say("w1", TEXT)
        assert bot.window.messages == []
        assert "has not signed it" in caplog.text


_SAID = ("hello", "great", "a pizza", "thanks", "a human", "anything else")


@settings(max_examples=15, deadline=None)
@given(talk=st.lists(st.sampled_from([*_SAID, None]), max_size=8))
def test_an_event_changes_nothing_that_the_bot_does(plain: str, talk: list[str | None]) -> None:
    """``None`` stands for a message of the copilot."""
    _compare(plain, talk)


_OWN = _SAID[:-1]
_senders = itertools.count()


@asynchronous
async def _compare(model: str, talk: list[str | None]) -> None:
    async with running(model) as bot:
        sender, other = f"with-{next(_senders)}", f"without-{next(_senders)}"
        chat = chat_of(bot, "auto")
        for said in talk:
            if said is None:
                await chat.say(sender, TEXT)
            else:
                assert await bot.hear(said, sender) == await bot.hear(said, other)
        stored = await bot.events(sender)
        own = [e for e in stored if not (e["event"] == "bot" and e["text"] == TEXT)]
        kinds = [
            [(e["event"], e.get("name"), e.get("text")) for e in events]
            for events in (own, await bot.events(other))
        ]
        assert kinds[0] == kinds[1] or not kinds[1]
        assert turns(stored).count(TEXT) == talk.count(None)


def gateway_of(chat: RasaChat) -> tuple[MessageGateway, StandInLink]:
    """A gateway whose engine has an answer to everything."""
    link = StandInLink()
    link.answers[FollowUp] = FollowUpText("All steps", "steps")
    link.answers[AnswerQuestion] = FollowUpText("This is how.", "steps", "bulk", "Show me")
    proofs = MessageProofs(Secret(SECRET))
    continuations = Continuations(link, chat, chat.talks, 0.9)
    return MessageGateway(UncheckedIdentity(), proofs, [TourRequests(link, chat), continuations]), link


async def open_talk(chat: RasaChat, sender_id: str = "w1") -> None:
    """Let the copilot ask its question."""
    await chat.say(sender_id, TEXT)
    chat.talks.opened(sender_id, FollowUp(sender_id, "t1", "o1"))


@asynchronous
async def test_the_talk_goes_on_without_training(plain: str) -> None:
    async with running(plain) as bot:
        chat = chat_of(bot, "auto")
        gateway, _ = gateway_of(chat)
        assert await bot.hear("hello", gateway=gateway) == ["How are you?"]
        await open_talk(chat)
        assert await bot.hear("yes please", gateway=gateway) == ["All steps"]
        assert await bot.hear("how do I select several?", gateway=gateway) == ["This is how."]
        (button,) = bot.window.messages[-1]["buttons"]
        assert await bot.hear(button["payload"], gateway=gateway) == ["Here you go."]
        # The bot's own story goes on as if none of it had been said; and the tracker has all of it.
        assert await bot.hear("great", gateway=gateway) == ["Carry on!"]
        said = [(e["event"], e["text"]) for e in await bot.events() if e["event"] in ("user", "bot")]
        assert said == [
            ("user", "hello"),
            ("bot", "How are you?"),
            ("bot", TEXT),
            ("user", "yes please"),
            ("bot", "All steps"),
            ("user", "how do I select several?"),
            ("bot", "This is how."),
            ("user", "Show me on the page"),
            ("bot", "Here you go."),
            ("user", "great"),
            ("bot", "Carry on!"),
        ]


@settings(max_examples=15, deadline=None)
@given(talk=st.lists(st.sampled_from([*_OWN, None]), max_size=8), say=st.sampled_from(["auto", "event"]))
def test_the_copilot_takes_nothing_that_the_bot_can_answer(
    plain: str, talk: list[str | None], say: str
) -> None:
    """``None`` stands for a question of the copilot; the engine has an answer to every message."""
    _compare_answers(plain, talk, say)


@asynchronous
async def _compare_answers(model: str, talk: list[str | None], say: str) -> None:
    async with running(model) as bot:
        sender, other = f"with-{next(_senders)}", f"without-{next(_senders)}"
        chat = chat_of(bot, say)
        gateway, link = gateway_of(chat)
        for said in talk:
            if said is None:
                await open_talk(chat, sender)
            else:
                assert await bot.hear(said, sender, gateway) == await bot.hear(said, other)
        assert link.asked == []


@asynchronous
async def test_a_form_and_a_human_get_every_message(plain: str) -> None:
    async with running(plain) as bot:
        chat = chat_of(bot, "auto")
        gateway, _ = gateway_of(chat)
        assert await bot.hear("a pizza", gateway=gateway) == ["Which size?"]
        await open_talk(chat)
        assert await bot.hear("yes please", gateway=gateway) == ["It is on its way."]
        assert await bot.hear("a human", gateway=gateway) == ["A colleague takes over."]
        await open_talk(chat)
        assert await bot.hear("yes please", gateway=gateway) == []
        assert await bot.hear("how do I select several?", gateway=gateway) == []
