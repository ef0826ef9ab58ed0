"""The actions: which users they answer, what they say, and when they say nothing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from support.run import asynchronous

from rasa_autoplay import actions
from rasa_autoplay.actions import (
    ActionAskLlm,
    ActionHelpCurrentPage,
    ActionRecentActivity,
    ActionSendProactive,
    own_executor,
)
from rasa_autoplay.common.conversation.message_proofs import PROOF_KEY, MessageProofs
from rasa_autoplay.common.conversation.show_me import TourButton
from rasa_autoplay.gateway.local_actions import ACTION_NAMES
from rasa_autoplay.link import assistant as link_assistant
from rasa_autoplay.link.answers import AssistantText
from rasa_autoplay.settings.secret import Secret

SECRET = "link-secret-of-the-tests"
PROOFS = MessageProofs(Secret(SECRET))


class Answers:
    """A stand-in for the engine's answers."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    async def ask(self, user_id: str, query: str) -> AssistantText:
        self.asked.append(("ask", user_id, query))
        return AssistantText("Press it.", "steps")

    async def recent_activity(self, user_id: str) -> AssistantText:
        self.asked.append(("recent_activity", user_id))
        return AssistantText("You did it.", "steps")

    async def help_current_page(self, user_id: str) -> AssistantText:
        self.asked.append(("help_current_page", user_id))
        return AssistantText("", "none")


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    monkeypatch.setenv("AUTOPLAY_LINK_SECRET", SECRET)
    found = Answers()
    reached = link_assistant.ReachableAssistant(found, Secret(SECRET))
    monkeypatch.setattr(link_assistant, "_reachable", [reached])
    return found


async def said(
    action: Action, text: str | None = "how?", proof: object = None, entities: Any = (), sender: str = "w1"
) -> list[str]:
    metadata = {"userId": "anna", **({PROOF_KEY: proof} if proof else {})}
    message = {"text": text, "metadata": metadata, "message_id": "m1", "entities": list(entities)}
    tracker = Tracker(sender, {}, message, [], False, None, {}, "action_listen")
    dispatcher = CollectingDispatcher()
    assert await action.run(dispatcher, tracker, {}) == []
    return [utterance["text"] for utterance in dispatcher.messages]


@asynchronous
async def test_signed_message_belongs_to_its_user(answers: Answers) -> None:
    proof = PROOFS.for_message("u1", "w1", "m1")
    assert await said(ActionAskLlm(), "how?", proof) == ["Press it."]
    assert answers.asked == [("ask", "u1", "how?")]


def _bad_proofs() -> dict[str, object]:
    good = PROOFS.for_message("u1", "w1", "m1")
    return {
        "none": None,
        "of another key": MessageProofs(Secret("guessed")).for_message("u1", "w1", "m1"),
        "of no key": MessageProofs(Secret("")).for_message("u1", "w1", "m1"),
        "of another conversation": PROOFS.for_message("u1", "w2", "m1"),
        "of another message": PROOFS.for_message("u1", "w1", "m2"),
        "of a text": PROOFS.for_text("w1", "how?"),
        "old": MessageProofs(Secret(SECRET), lambda: 1_000.0).for_message("u1", "w1", "m1"),
        "cut": good[:-2],
        "no text": {"sub": "u1"},
        "endless": good + "x" * 100_000,
    }


@pytest.mark.parametrize("proof", _bad_proofs().values(), ids=_bad_proofs())
@asynchronous
async def test_unsigned_message_has_no_user(answers: Answers, proof: object) -> None:
    assert await said(ActionAskLlm(), "how?", proof) == ["Press it."]
    assert await said(ActionRecentActivity(), "what did I do?", proof) == ["You did it."]
    assert await said(ActionHelpCurrentPage(), "help", proof) == []
    assert answers.asked == [("ask", "", "how?"), ("recent_activity", ""), ("help_current_page", "")]


@pytest.mark.parametrize("action", [ActionAskLlm(), ActionRecentActivity(), ActionHelpCurrentPage()])
@pytest.mark.parametrize("text", ["", "  ", None])
@asynchronous
async def test_ignores_an_empty_message(answers: Answers, action: Action, text: str | None) -> None:
    assert await said(action, text) == []
    assert not answers.asked


@asynchronous
async def test_other_actions_ask_the_engine_too(answers: Answers) -> None:
    proof = PROOFS.for_message("u1", "w1", "m1")
    assert await said(ActionRecentActivity(), "how?", proof) == ["You did it."]
    assert await said(ActionHelpCurrentPage(), "how?", proof) == [], "nothing to say is not said"
    assert answers.asked == [("recent_activity", "u1"), ("help_current_page", "u1")]


@asynchronous
async def test_says_nothing_without_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_assistant, "_reachable", [])
    assert await said(ActionAskLlm()) == []


@asynchronous
async def test_makes_links_safe_in_every_answer(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    async def live_link(*_arguments: str) -> AssistantText:
        return AssistantText("[x](javascript:alert(1)) [y](https://a.example)", "llm")

    for name in ("ask", "recent_activity", "help_current_page"):
        monkeypatch.setattr(answers, name, live_link)
    for action in (ActionAskLlm(), ActionRecentActivity(), ActionHelpCurrentPage()):
        assert await said(action) == ["x [y](https://a.example)"]


# --- what the copilot says first ---------------------------------------------------------------------------

TEXT = "Shall I show you how?"


def proactive(proof: object, text: str = TEXT) -> list[dict[str, object]]:
    return [{"entity": "proactive_text", "value": text, PROOF_KEY: proof}]


@asynchronous
async def test_says_the_copilots_own_text(answers: Answers) -> None:
    entities = proactive(PROOFS.for_text("w1", TEXT))
    assert await said(ActionSendProactive(), "EXTERNAL: EXTERNAL_proactive", entities=entities) == [TEXT]
    assert await said(ActionSendProactive(), "EXTERNAL: EXTERNAL_proactive") == [], "nothing to say"


@asynchronous
async def test_a_button_is_said_with_its_text_if_the_proof_covers_it(answers: Answers) -> None:
    button = TourButton("Show me on the page", "bulk")
    (entity,) = proactive(PROOFS.for_text("w1", TEXT, button.payload))
    assert await said(ActionSendProactive(), entities=[{**entity, **button.as_entity()}]) == [TEXT]
    assert await said(ActionSendProactive(), entities=[entity]) == []
    (entity,) = proactive(PROOFS.for_text("w1", TEXT))
    assert await said(ActionSendProactive(), entities=[{**entity, **button.as_entity()}]) == []


@pytest.mark.parametrize(
    "proof",
    [
        None,
        "",
        True,
        PROOFS.for_text("w2", TEXT),
        PROOFS.for_text("w1", "Another text"),
        PROOFS.for_message("u1", "w1", TEXT),
        MessageProofs(Secret("guessed")).for_text("w1", TEXT),
        MessageProofs(Secret(SECRET), lambda: 1_000.0).for_text("w1", TEXT),
    ],
    # A proof contains the time, but all processes of one run need the same test ids.
    ids=["none", "empty", "no text", "another chat", "another text", "a message", "guessed", "too old"],
)
@asynchronous
async def test_says_no_other_text(answers: Answers, proof: object, caplog: pytest.LogCaptureFixture) -> None:
    assert await said(ActionSendProactive(), entities=proactive(proof)) == []
    assert "AUTOPLAY_LINK_SECRET must be the same" in caplog.text
    assert TEXT not in caplog.text


@asynchronous
async def test_says_no_live_link_even_for_the_copilot(answers: Answers) -> None:
    text = "[x](javascript:alert(1))"
    entities = proactive(PROOFS.for_text("w1", text), text)
    assert await said(ActionSendProactive(), entities=entities) == ["x"]


def test_actions_have_their_documented_names() -> None:
    names = [ActionAskLlm().name(), ActionRecentActivity().name(), ActionHelpCurrentPage().name()]
    assert names == ["action_ask_llm", "action_recent_activity", "action_help_current_page"]


def test_the_rasa_server_knows_every_action_by_name() -> None:
    assert set(own_executor().actions) == ACTION_NAMES


@pytest.mark.parametrize(("credentials", "warns"), [("", True), ("engine: in_process", False)])
def test_an_old_sdk_is_reported_where_the_engine_should_run(
    credentials: str,
    warns: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    section = f"rasa_autoplay.channel.AutoplayInput: {{product_id: demo, {credentials}}}\n"
    (tmp_path / "credentials.yml").write_text(section, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "rasa_sdk.plugin", None)
    actions._attach()
    said = "has no plugins" in caplog.text and "rasa-sdk 3.6.2 or later" in caplog.text
    assert said == warns
