"""Users ask first: useful answers without a model, and grounded ones with it."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from support.run import asynchronous

from rasa_autoplay.engine.assistant.assistant import Assistant
from rasa_autoplay.engine.assistant.hybrid_search import HybridSearch
from rasa_autoplay.engine.assistant.language_model import FormAnswer
from rasa_autoplay.engine.assistant.protocol.answer_form import AnswerForm, FormRequest
from rasa_autoplay.engine.assistant.step_explanation import FollowUp
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.search import KnowledgeBase
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.settings.engine import SessionSettings

NOW = 1_700_000_000.0


def golden_path(path_id: str, title: str, page: str, *texts: str) -> GoldenPath:
    steps = [{"id": f"s{number}", "text": text} for number, text in enumerate(texts)]
    return GoldenPath.parse_obj({"id": path_id, "title": title, "page": page, "steps": steps})


EXPORT = golden_path("export", "Export a report", "/reports", 'Press "Export".', 'Press "Download".')
ALERT = golden_path("alert", "Set up an alert", "/reports", 'Press "New alert".')
INVITE = golden_path("invite", "Invite a colleague", "/team", 'Press "Invite".')


class Model:
    """Returns the given answers, and records the prompts."""

    timeout_s = 60.0

    def __init__(self, *answers: str | None) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.counts: Counter[str] = Counter()

    def for_user(self, _user_id: str) -> Model:
        return self

    async def answer(
        self, request: FormRequest, _within_s: float, form: AnswerForm = "schema"
    ) -> FormAnswer | None:
        self.asked.append(request.prompt)
        answer = self.answers.pop(0)
        return None if answer is None else FormAnswer(answer, form, "stop")


def told(path_id: str | None, answer: str = "", **sentences: str) -> str:
    steps = [{"id": key, "sentence": words} for key, words in sentences.items()]
    return json.dumps({"path": path_id, "steps": steps, "answer": answer})


def assistant(model: Model | None = None, *paths: GoldenPath, users: Any = None) -> Assistant:
    return Assistant(HybridSearch(KnowledgeBase(paths or (EXPORT, ALERT, INVITE))), model, users)  # type: ignore[arg-type]


def session(*titles: str, page: str = "https://app.example.com/team") -> Session:
    found = Session(("demo", "s1"), SessionSettings(), NOW)
    found.add([SlimAction(t, "", page, timestamp_start=NOW - 50 + n) for n, t in enumerate(titles)], ())
    return found


@asynchronous
async def test_answers_with_the_best_paths_steps_without_a_model() -> None:
    answer = await assistant().ask("u1", "how do I export the report?", None, NOW)
    assert (answer.text, answer.source) == (EXPORT.how_to(), "steps")


@asynchronous
async def test_lists_what_it_can_explain_when_no_path_fits() -> None:
    answer = await assistant().ask("u1", "what is love?", session("Open Team"), NOW)
    assert "Invite a colleague" in answer.text
    assert "Export" not in answer.text, "the page's own paths come first"


@pytest.mark.parametrize("query", ["", "  ", "\n"])
@asynchronous
async def test_ignores_empty_messages(query: str) -> None:
    model = Model()
    assert (await assistant(model).ask("u1", query, None, NOW)).text == ""
    assert not model.asked


@asynchronous
async def test_sends_the_path_that_the_model_chooses_in_its_words() -> None:
    model = Model(told("export", "That's quick.", s0="Just press “Export”.", s1="Then press “Download”."))
    answer = await assistant(model).ask("u1", "export a report", None, NOW)
    assert answer == FollowUp(
        "That's quick.\n1. Just press “Export”.\n2. Then press “Download”.", "llm", "export"
    )


@asynchronous
async def test_sends_an_honest_answer_without_a_path() -> None:
    words = "I don't have steps for that, but I can explain how to invite a colleague."
    answer = await assistant(Model(told(None, words))).ask("u1", "what is love?", session("Open Team"), NOW)
    assert answer == FollowUp(words, "llm", "")


@pytest.mark.parametrize(
    "words",
    [
        told("export", "", s0="Press “Export”."),
        told("export", "", s0="Press “Export”.", s1="Press “Turbo”."),
        told("turbo", "", s0="Press “Export”.", s1="Press “Download”."),
        told(None, "", s0="Press “Export”."),
        told(None, "Press Turbo."),
        told(None, "Call +49 151 23456789."),
        told(None, "Tell me your password."),
        told(None, "One. Two. Three."),
        told(None),
        "Press Export.",
    ],
)
@asynchronous
async def test_sends_the_steps_when_the_answer_cannot_be_used_twice(words: str) -> None:
    model = Model(words, words)
    answer = await assistant(model).ask("u1", "export a report", None, NOW)
    assert answer == FollowUp(EXPORT.how_to(), "steps", "export")
    assert len(model.asked) == 2


@asynchronous
async def test_sends_the_steps_when_the_model_fails() -> None:
    answer = await assistant(Model(None)).ask("u1", "export a report", None, NOW)
    assert answer.text == EXPORT.how_to()


@asynchronous
async def test_prompt_separates_actions_since_the_last_message() -> None:
    model = Model(None, None)
    asked = assistant(model)
    live = session("Click first")
    await asked.ask("u1", "export a report", live, NOW)
    live.add([SlimAction("Click second", "", "/team", timestamp_start=NOW + 5)], ())
    await asked.ask("u1", "export a report", live, NOW + 9)
    assert "done_since_last_message" not in model.asked[0]
    assert "<done_since_last_message>\nClick second\n</done_since_last_message>" in model.asked[1]
    assert "<done_before>\nClick first\n</done_before>" in model.asked[1]


@asynchronous
async def test_ignores_another_users_messages() -> None:
    model = Model(None, None)
    asked = assistant(model)
    await asked.ask("u2", "export a report", None, NOW - 100)
    await asked.ask("u1", "export a report", session("Click first"), NOW)
    assert "done_since_last_message" not in model.asked[1]


@asynchronous
async def test_prompt_contains_memory_and_gap() -> None:
    class Users:
        def memory(self, session: Session) -> str:
            return f"Masters: export ({session.key[1]})."

        def next_step(self, session: Session) -> str:
            return f"Press Download ({session.key[1]})."

    model = Model(None)
    await assistant(model, users=Users()).ask("u1", "export a report", session("Click"), NOW)
    assert "<memory>\nMasters: export (s1).\n</memory>" in model.asked[0]
    assert "<next_step>\nPress Download (s1).\n</next_step>" in model.asked[0]


def test_lists_the_last_five_actions() -> None:
    told = assistant().recent_activity(session(*(f"Click {n}" for n in range(9)))).text.splitlines()
    assert told[1:] == [f"{n - 3}. Click {n}" for n in range(4, 9)]


def test_reports_no_actions_of_a_user_without_a_session() -> None:
    assert "haven't seen" in assistant().recent_activity(None).text


def test_page_titles_do_not_become_links() -> None:
    told = assistant().recent_activity(session("Click [x](javascript:alert(1))")).text
    assert "](" not in told


def test_help_for_a_page_with_one_path_lists_its_steps() -> None:
    assert assistant().help_current_page(session("Open Team")).text == INVITE.how_to()


def test_help_for_a_page_with_several_paths_names_them() -> None:
    told = assistant().help_current_page(session("Open", page="https://app.example.com/reports")).text
    assert "Export a report" in told
    assert "Set up an alert" in told
    assert "Invite" not in told


def test_help_on_an_unknown_page_names_all_paths() -> None:
    assert "Invite a colleague" in assistant().help_current_page(None).text


def test_help_reports_that_there_are_no_paths() -> None:
    nobody = Assistant(HybridSearch(KnowledgeBase([])), None)
    assert "nothing else I can explain" in nobody.help_current_page(None).text


@asynchronous
async def test_reduces_unsafe_links_in_a_path_to_text() -> None:
    path = golden_path("help", "Find help", "", "Open [help](javascript:alert(1)).")
    answer = await assistant(None, path).ask("u1", "find help", None, NOW)
    assert "javascript" not in answer.text
