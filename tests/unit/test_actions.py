"""The actions for users who ask first: whom they answer, and when they keep silent."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from support.run import asynchronous

from rasa_autoplay import actions
from rasa_autoplay.actions import ActionAskLlm, ActionHelpCurrentPage, ActionRecentActivity


class Answers:
    """Stands for the engine's answers."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    async def ask(self, user_id: str, query: str) -> dict[str, Any]:
        self.asked.append(("ask", user_id, query))
        return {"text": "Press it.", "source": "steps"}

    async def recent_activity(self, user_id: str) -> dict[str, Any]:
        self.asked.append(("recent_activity", user_id))
        return {"text": "You did it.", "source": "steps"}

    async def help_current_page(self, user_id: str) -> dict[str, Any]:
        self.asked.append(("help_current_page", user_id))
        return {"text": "", "source": "none"}


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    found = Answers()
    monkeypatch.setattr(actions, "_running", [SimpleNamespace(answers=found)])
    return found


async def said(action: Action, text: str | None = "how?", metadata: Any = None) -> list[str]:
    message = {"text": text, "metadata": metadata or {}}
    tracker = Tracker("sender-1", {}, message, [], False, None, {}, "action_listen")
    dispatcher = CollectingDispatcher()
    assert await action.run(dispatcher, tracker, {}) == []
    return [utterance["text"] for utterance in dispatcher.messages]


@pytest.mark.parametrize(
    ("metadata", "user_id"),
    [
        ({"customData": {"userId": "u1"}, "userId": "u2"}, "u1"),
        ({"customData": {}, "userId": "u2"}, "u2"),
        ({"customData": {"userId": 7}}, "sender-1"),
        ({"customData": "x"}, "sender-1"),
        (None, "sender-1"),
    ],
)
@asynchronous
async def test_whom_a_message_is_from(answers: Answers, metadata: Any, user_id: str) -> None:
    assert await said(ActionAskLlm(), "how?", metadata) == ["Press it."]
    assert answers.asked == [("ask", user_id, "how?")]


@pytest.mark.parametrize("action", [ActionAskLlm(), ActionRecentActivity(), ActionHelpCurrentPage()])
@pytest.mark.parametrize("text", ["", "  ", None])
@asynchronous
async def test_an_empty_message_gets_no_answer(answers: Answers, action: Action, text: str | None) -> None:
    assert await said(action, text) == []
    assert not answers.asked


@asynchronous
async def test_the_others_ask_the_engine_too(answers: Answers) -> None:
    assert await said(ActionRecentActivity()) == ["You did it."]
    assert await said(ActionHelpCurrentPage()) == [], "nothing to say is not said"
    assert answers.asked == [("recent_activity", "sender-1"), ("help_current_page", "sender-1")]


@asynchronous
async def test_without_an_engine_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "_running", [])
    assert await said(ActionAskLlm()) == []


def test_names() -> None:
    names = [ActionAskLlm().name(), ActionRecentActivity().name(), ActionHelpCurrentPage().name()]
    assert names == ["action_ask_llm", "action_recent_activity", "action_help_current_page"]
