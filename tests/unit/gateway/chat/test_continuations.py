"""After the copilot has opened a conversation: which messages it answers, and which are the bot's."""

from __future__ import annotations

import asyncio
import functools
from types import SimpleNamespace
from typing import Any

import pytest
from support.run import asynchronous
from support.stand_in_link import StandInLink

from rasa_autoplay.common.conversation.show_me import TourButton
from rasa_autoplay.errors import ChatUndelivered, EngineUnreachable
from rasa_autoplay.gateway.chat import open_talks
from rasa_autoplay.gateway.chat.continuations import Continuations
from rasa_autoplay.gateway.chat.forecasts import Forecast
from rasa_autoplay.gateway.chat.open_talks import OpenTalks
from rasa_autoplay.link.answers import FollowUpText, StepText
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.requests import AnswerQuestion, ExplainNextStep, FollowUp

OFFER = FollowUp("anna", "t1", "o1")
LOST = Forecast(0.74, "utter_greet", True)  # what a small model makes of "how can I save them together?"
SURE = Forecast(0.99, "utter_hours", False)


class Scene:
    """A window in which the copilot has asked its question."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.link = StandInLink()
        self.link.answers[FollowUp] = FollowUpText("All steps", "steps", "bulk", "Show me")
        self.link.answers[AnswerQuestion] = FollowUpText("So:", "steps")
        self.talks = OpenTalks(lambda: self.now_s)
        self.foreseen: Forecast | None = LOST
        self.answered: list[tuple[str, str, TourButton | None]] = []
        self.is_gone = False
        chat: Any = self
        self.continuations = Continuations(self.link, chat, self.talks, 0.9)
        self.talks.opened("w1", OFFER)

    async def forecast(self, _message: Any) -> Forecast | None:
        return self.foreseen

    async def answer(self, message: Any, text: str, button: TourButton | None) -> None:
        if self.is_gone:
            raise ChatUndelivered("gone", remedy="none")
        self.answered.append((message.text, text, button))

    async def is_answered(self, text: str, user_id: str = "anna", sender_id: str = "w1") -> bool:
        """Write a message; return whether it was answered, so that Rasa does not see it."""
        before = len(self.answered)
        message = SimpleNamespace(text=text, sender_id=sender_id)
        is_answered = await self.continuations.answer(message, user_id)
        assert is_answered is (len(self.answered) > before) or self.is_gone
        return is_answered


@asynchronous
async def test_a_yes_gets_the_explanation_and_then_its_steps() -> None:
    scene = Scene()
    assert await scene.is_answered("Yes, please!")
    scene.link.answers[ExplainNextStep] = StepText("1. Open it.", "open")
    assert await scene.is_answered("yes")
    scene.link.answers[ExplainNextStep] = StepText("2. Press it.", "press")
    assert await scene.is_answered("ok")
    scene.link.answers[ExplainNextStep] = StepText("", "")
    assert not await scene.is_answered("ok"), "there is no further step"
    assert [text for _, text, _ in scene.answered] == ["All steps", "1. Open it.", "2. Press it."]
    assert scene.answered[0][2] == TourButton("Show me", "bulk")
    steps = functools.partial(ExplainNextStep, "anna", "t1", "o1")
    assert scene.link.asked == [OFFER, steps(""), steps("open"), steps("press")]


@asynchronous
async def test_an_explanation_that_failed_is_given_at_the_next_yes() -> None:
    scene = Scene()
    scene.link.failure = asyncio.TimeoutError()
    assert not await scene.is_answered("yes")
    scene.link.failure = None
    assert await scene.is_answered("how can I save them together?")
    assert await scene.is_answered("yes")
    assert scene.answered[-1][1] == "All steps"


@asynchronous
async def test_a_yes_after_the_explanation_gets_the_first_step() -> None:
    scene = Scene()
    scene.talks.explained("w1")
    assert await scene.is_answered("yes")
    assert scene.link.asked == [ExplainNextStep("anna", "t1", "o1", "")]


@asynchronous
async def test_a_question_is_answered_from_a_golden_path() -> None:
    scene = Scene()
    scene.link.answers[AnswerQuestion] = FollowUpText("So:", "steps", "export", "Show me")
    assert await scene.is_answered("how can I save them together?")
    assert scene.answered == [("how can I save them together?", "So:", TourButton("Show me", "export"))]
    assert scene.link.asked == [AnswerQuestion("anna", "how can I save them together?")]


@asynchronous
async def test_a_yes_after_another_message_belongs_to_the_bot() -> None:
    scene = Scene()
    scene.link.answers[AnswerQuestion] = FollowUpText("", "none")
    assert not await scene.is_answered("what do you sell?")
    assert not await scene.is_answered("yes")


@pytest.mark.parametrize("text", ["yes", "how can I save them together?"])
@pytest.mark.parametrize(
    "spoil",
    [
        lambda scene: setattr(scene, "foreseen", None),
        lambda scene: setattr(scene, "now_s", 301.0),
        lambda scene: setattr(scene.link, "failure", EngineUnreachable("away", remedy="none")),
        lambda scene: setattr(scene.link, "failure", EngineRefused("not_found", "no such offer")),
        lambda scene: setattr(scene.link, "failure", asyncio.TimeoutError()),
    ],
    ids=["a form or a human", "long ago", "engine away", "engine refuses", "engine slow"],
)
@asynchronous
async def test_the_bot_answers_what_the_copilot_cannot(text: str, spoil: Any) -> None:
    scene = Scene()
    spoil(scene)
    assert not await scene.is_answered(text)


@asynchronous
async def test_only_verified_users_in_the_opened_window_are_answered() -> None:
    scene = Scene()
    for text in ("yes", "how can I save them together?", "/restart", " "):
        assert not await scene.is_answered(text, sender_id="w2")
        assert not await scene.is_answered(text, user_id="")
    assert not await scene.is_answered("/restart")
    assert scene.link.asked == []


@asynchronous
async def test_an_intent_that_the_model_is_sure_of_wins_over_a_golden_path() -> None:
    scene = Scene()
    scene.foreseen = SURE
    assert not await scene.is_answered("when are you open?")
    assert scene.link.asked == []


@pytest.mark.parametrize(
    ("foreseen", "is_answered"),
    [
        (Forecast(1.0, "utter_happy", True), False),  # a story waits for the yes
        (Forecast(1.0, "utter_happy", False), True),  # a learning policy guesses
        (Forecast(1.0, "action_unlikely_intent", True), True),
        (Forecast(0.5, "utter_happy", True), True),
    ],
)
@asynchronous
async def test_a_story_that_waits_for_a_yes_gets_it(foreseen: Forecast, is_answered: bool) -> None:
    scene = Scene()
    scene.foreseen = foreseen
    assert await scene.is_answered("yes") is is_answered


@asynchronous
async def test_a_bot_that_asks_the_copilot_itself_is_left_alone() -> None:
    scene = Scene()
    scene.foreseen = Forecast(0.0, "action_ask_llm", True)
    assert not await scene.is_answered("how can I save them together?")
    scene = Scene()
    scene.foreseen = Forecast(0.0, "action_ask_llm", True)
    assert await scene.is_answered("yes"), "its fallback does not know what the yes is about"


@asynchronous
async def test_an_answer_that_cannot_be_sent_is_not_given_to_the_bot() -> None:
    scene = Scene()
    scene.is_gone = True
    assert await scene.is_answered("yes"), "a late answer of the bot would be about something else"


@asynchronous
async def test_messages_of_one_window_are_answered_in_order() -> None:
    scene = Scene()
    begun = asyncio.Event()
    may_end = asyncio.Event()

    async def slow(_message: Any) -> Forecast:
        begun.set()
        await may_end.wait()
        return LOST

    scene.forecast = slow  # type: ignore[method-assign]
    first = asyncio.ensure_future(scene.is_answered("yes"))
    await begun.wait()
    second = asyncio.ensure_future(scene.is_answered("how can I save them together?"))
    for _ in range(5):
        await asyncio.sleep(0)
    may_end.set()
    assert all(await asyncio.gather(first, second))
    assert [text for _, text, _ in scene.answered] == ["All steps", "So:"]


def test_what_is_remembered_of_windows_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_talks, "_MAX_WINDOWS", 3)
    talks = OpenTalks(lambda: 0.0)
    for number in range(5):
        talks.opened(f"w{number}", OFFER)
    assert [bool(talks.current(f"w{number}")) for number in range(5)] == [False] * 2 + [True] * 3
