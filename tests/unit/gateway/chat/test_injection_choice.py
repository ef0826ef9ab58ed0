"""Which way each value of ``chat.say`` takes, for every state of a conversation and every kind of model."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.run import asynchronous

from rasa_autoplay.common.conversation.message_proofs import MessageProofs
from rasa_autoplay.common.conversation.proactive import PROACTIVE_ACTION, PROACTIVE_INTENT
from rasa_autoplay.errors import ChatUndelivered
from rasa_autoplay.gateway.chat.injection import BotMessage, Conversation, RasaClasses
from rasa_autoplay.gateway.chat.injection_choice import INJECTIONS
from rasa_autoplay.gateway.chat.model_rules import ModelRules
from rasa_autoplay.settings.secret import Secret

KNOWS = ["greet", PROACTIVE_INTENT]
MESSAGE = BotMessage("Shall I show you how?")
_EVENTS: Any = SimpleNamespace(create_external=lambda *_event: None)
RASA = RasaClasses(
    lambda text, _data: text, _EVENTS, str, lambda *_events, **_options: "an empty conversation"
)


class Bot:
    """Agent, processor and tracker of one conversation, and the way in which the copilot spoke."""

    def __init__(
        self,
        predicts: object,
        intents: list[str] | None = None,
        loop: str | None = None,
        *,
        is_paused: bool = False,
    ) -> None:
        self._predicts = predicts
        self.processor = self
        self.domain = SimpleNamespace(intents=KNOWS if intents is None else intents, slots=[])
        self.sender_id, self.active_loop_name, self.paused = "w1", loop, is_paused
        self.events: list[Any] = []
        self.asked = 0
        self.spoke: list[str] = []

    @property
    def conversation(self) -> Conversation:
        return Conversation(self, RASA, None, self)

    def predict_next_with_tracker(self, tracker: object) -> Any:
        assert tracker == "an empty conversation"
        self.asked += 1
        if isinstance(self._predicts, Exception):
            raise self._predicts
        if self._predicts is None:
            return None
        scores = [("action_listen", 0.2), (self._predicts, 0.8)]
        return {"scores": [{"action": action, "score": score} for action, score in scores]}

    async def trigger_intent(self, entities: list[dict[str, Any]], **_options: object) -> None:
        self.spoke.append("intent")
        self.events.append(SimpleNamespace(type_name="bot", text=entities[0]["value"]))

    def update(self, _event: object, _domain: object) -> None:
        self.spoke.append("event")

    async def execute_side_effects(self, *_arguments: object) -> None: ...

    async def save_tracker(self, _tracker: object) -> None: ...


@given(
    say=st.sampled_from(sorted(INJECTIONS)),
    intents=st.sampled_from([[], ["greet"], KNOWS]),
    predicts=st.sampled_from([PROACTIVE_ACTION, "utter_greet", "", None, RuntimeError("no policies")]),
    loop=st.sampled_from([None, "order_form"]),
    is_paused=st.booleans(),
)
@asynchronous
async def test_the_intent_is_used_only_where_it_works_and_disturbs_nothing(
    say: str, intents: list[str], predicts: object, loop: str | None, is_paused: bool
) -> None:
    bot = Bot(predicts, intents, loop, is_paused=is_paused)
    speaking = INJECTIONS[say](MessageProofs(Secret("link-secret"))).say(bot.conversation, MESSAGE)
    is_undisturbed = loop is None and not is_paused
    if say == "intent" and is_undisturbed and intents != KNOWS:
        with pytest.raises(ChatUndelivered):
            await speaking
        assert bot.spoke == []
        return
    await speaking
    works = say == "intent" or (say == "auto" and intents == KNOWS and predicts == PROACTIVE_ACTION)
    assert bot.spoke == (["intent"] if works and is_undisturbed else ["event"])


@asynchronous
async def test_each_model_is_asked_once() -> None:
    rules, first, second = ModelRules(), Bot(PROACTIVE_ACTION), Bot("utter_greet")
    for _ in range(3):
        assert await rules.lead_to_action(first.conversation)
        assert not await rules.lead_to_action(second.conversation)
    assert (first.asked, second.asked) == (1, 1)


@asynchronous
async def test_a_model_that_cannot_predict_is_named_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        failing = Bot(RuntimeError("words of a user"))
        assert not await ModelRules().lead_to_action(failing.conversation)
    assert "RuntimeError" in caplog.text
    assert "words of a user" not in caplog.text
