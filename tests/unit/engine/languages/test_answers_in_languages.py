"""The assistant answers in the user's language, with a language model and without one."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from support.run import asynchronous

from rasa_autoplay.common.sentences.sentences import LANGUAGES, sentences_in
from rasa_autoplay.engine.assistant.assistant import Assistant
from rasa_autoplay.engine.assistant.hybrid_search import HybridSearch
from rasa_autoplay.engine.assistant.language_model import FormAnswer
from rasa_autoplay.engine.assistant.protocol.answer_form import AnswerForm, FormRequest
from rasa_autoplay.engine.assistant.protocol.answer_language import named_language
from rasa_autoplay.engine.assistant.step_explanation import explain
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.search import KnowledgeBase
from rasa_autoplay.engine.languages.told_actions import told_action
from rasa_autoplay.engine.languages.user_languages import UserLanguages
from rasa_autoplay.engine.sessions.summary import NOTHING_KNOWN
from rasa_autoplay.events.models import SlimAction

NOW = 1_700_000_000.0
EXPORT = GoldenPath.parse_obj(
    {
        "id": "export",
        "title": {"en": "Export a report", "de": "Einen Bericht exportieren"},
        "page": "/reports",
        "steps": [
            {
                "id": "press",
                "label": {"en": "Export", "de": "Exportieren"},
                "text": {"en": "Press “Export”.", "de": "Auf „Exportieren“ klicken."},
            }
        ],
    }
).in_language(("en",))
GERMAN = "1. Auf „Exportieren“ klicken."


class Model:
    """A stand-in that answers what the test says, and records what it was asked."""

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
        self.asked.append(f"{request.system('schema')}\n{request.prompt}")
        answer = self.answers.pop(0) if self.answers else None
        return None if answer is None else FormAnswer(answer, "schema", "stop")


def worded(sentence: str, **more: str) -> str:
    return json.dumps({"steps": [{"id": "press", "sentence": sentence}], **more})


def assistant(languages: tuple[str, ...], model: Any = None) -> Assistant:
    users = UserLanguages()
    users.bot_speaks("en")
    users.page_stated("anna", languages)
    return Assistant(HybridSearch(KnowledgeBase([EXPORT])), model, languages=users)


@asynchronous
async def test_without_a_model_the_steps_come_in_the_language_of_the_page() -> None:
    answer = await assistant(("de-CH",)).ask("anna", "Bericht exportieren", None, NOW)
    assert answer.text == f"Einen Bericht exportieren:\n{GERMAN}"
    english = await assistant(("de-CH",)).ask("", "export a report", None, NOW)
    assert english.text == "Export a report:\n1. Press “Export”.", "nothing is known about an unknown user"


@asynchronous
async def test_what_no_path_answers_is_said_in_the_language_of_the_page() -> None:
    answer = await assistant(("de",)).ask("anna", "was ist liebe?", None, NOW)
    assert answer.text.startswith(
        "Dafür habe ich leider keine Anleitung. Das kann ich zum Beispiel erklären:"
    )
    assert answer.text.endswith("- Einen Bericht exportieren")


@asynchronous
async def test_the_model_is_told_the_language_and_gets_the_path_in_it() -> None:
    model = Model(worded("Einfach auf {label} klicken."))
    told = await explain(EXPORT, model, NOTHING_KNOWN, None, languages=("de-CH", "en"), language="de-CH")  # type: ignore[arg-type]
    assert told.text == "Einen Bericht exportieren:\n1. Einfach auf „Exportieren“ klicken."
    assert "<language>German (de-CH)</language>" in model.asked[0]
    assert "Auf {label} klicken." in model.asked[0]


@asynchronous
async def test_the_model_is_told_no_language_that_nobody_has_named() -> None:
    model = Model(worded("Just press {label}."))
    await explain(EXPORT, model, NOTHING_KNOWN, None, languages=("en",))  # type: ignore[arg-type]
    assert "<language>G" not in model.asked[0]
    assert "</language>" not in model.asked[0]


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        # In another language than asked for: the step is right, and its name is the page's.
        (worded("Just press {label}."), "1. Just press „Exportieren“."),
        # A misbehaving model: an invented step, nonsense, nothing.
        (worded("Klicken Sie auf {label} und dann auf „Löschen“."), GERMAN),
        ("Klar! Auf Exportieren klicken.", GERMAN),
        (None, GERMAN),
    ],
)
@asynchronous
async def test_an_answer_is_used_if_it_tells_the_right_steps(answer: str | None, text: str) -> None:
    model = Model(answer, answer)
    told = await explain(EXPORT, model, NOTHING_KNOWN, None, languages=("de",), language="de")  # type: ignore[arg-type]
    assert told.text.splitlines()[1] == text


@asynchronous
async def test_a_question_is_asked_with_the_users_language() -> None:
    answer = {"path": "export", "steps": [{"id": "press", "sentence": "Auf {label} klicken."}], "answer": ""}
    model = Model(json.dumps(answer))
    told = await assistant(("de",), model).ask("anna", "export a report", None, NOW)
    assert told.text == f"Einen Bericht exportieren:\n{GERMAN}"
    assert "<language>\nGerman (de)\n</language>" in model.asked[0]
    assert "Answer in the language of the question." in model.asked[0]


def test_names_languages_for_a_model() -> None:
    assert [named_language(tag) for tag in ("de", "pt-BR", "xx", "")] == [
        "German (de)",
        "Portuguese (pt-BR)",
        "xx",
        "",
    ]


@pytest.mark.parametrize("tag", LANGUAGES)
def test_what_a_user_did_is_told_in_their_language(tag: str) -> None:
    sentences = sentences_in((tag,))
    for title in ("Click Save", "Change Save", "Submit Save", "Page load: Save"):
        told = told_action(SlimAction(title, "", "/x"), sentences)
        assert "Save" in told
        assert (told == title) is (tag == "en")
    assert told_action(SlimAction("Rechnung gesendet", "", "/x"), sentences) == "Rechnung gesendet"
