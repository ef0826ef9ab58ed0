"""The question of a proposal: sober, short, in the language of the app, and without personal data."""

from __future__ import annotations

import pytest
from support.slow_paths import SAVE, a_finding

from rasa_autoplay.common.sentences.filling import names_in
from rasa_autoplay.common.sentences.sentences import LANGUAGES
from rasa_autoplay.tools.discovery.evidence.labels import label_of
from rasa_autoplay.tools.discovery.evidence.question import MAX_QUESTION, question_of, questions
from rasa_autoplay.tools.discovery.findings.finding import Act, FindingKind

_LONG = Act("/x", "", f"Click {'very long name ' * 10}", "click")


def test_names_what_is_repeated_and_what_does_it_at_once() -> None:
    assert question_of(a_finding(), "").text == (
        "Would you like to see how “Bulk edit” saves you repeating “Save changes”?"
    )


def test_is_in_the_language_of_the_app() -> None:
    assert question_of(a_finding(), "de-CH").text == (
        "Soll ich zeigen, wie „Bulk edit“ dir das wiederholte „Save changes“ erspart?"
    )
    assert question_of(a_finding(), "fi") == question_of(a_finding(), "en")


def test_has_all_languages_of_the_bots_own_sentences() -> None:
    known = questions()

    assert tuple(known) == LANGUAGES
    for words in known.values():
        for name in words.__struct_fields__:
            assert set(names_in(getattr(words, name))) == set(names_in(getattr(known["en"], name)))


@pytest.mark.parametrize("kind", FindingKind)
@pytest.mark.parametrize("language", LANGUAGES)
def test_is_one_short_question_without_names_to_fill_in(kind: FindingKind, language: str) -> None:
    finding = a_finding(kind=kind, slow_way=(_LONG, _LONG), fast_way=(_LONG,), goal=_LONG)
    question = question_of(finding, language).text

    assert len(question) <= MAX_QUESTION
    assert sum(map(question.count, "?？؟")) == 1
    assert not names_in(question)


def test_shows_no_personal_data_and_no_signs_with_a_meaning() -> None:
    person = Act("/x", "", "Click anna@example.com", "click")

    assert (
        question_of(a_finding(slow_way=(person,), fast_way=()), "").text
        == "Would you like help on this page?"
    )
    assert label_of(Act("/x", "", "Click Pay {amount} to `*` ${HOME}", "click")) == "Pay (amount) to (HOME)"
    assert label_of(Act("/x", "save-*", "", "click")) == "save"
    assert label_of(SAVE) == "Save changes"
