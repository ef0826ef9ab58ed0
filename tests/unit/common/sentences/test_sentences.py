"""The bot's own sentences: every language has all of them, with the same names in braces."""

from __future__ import annotations

import re

import msgspec
import pytest

from rasa_autoplay.common.conversation.show_me import means_yes
from rasa_autoplay.common.sentences.filling import names_in
from rasa_autoplay.common.sentences.sentences import LANGUAGES, Sentences, all_sentences, sentences_in
from rasa_autoplay.common.sentences.toasts import toast_texts
from rasa_autoplay.engine.triggers.types import fit_toast

NAMES = [name for name in Sentences.__struct_fields__ if name != "yes"]
ENGLISH = all_sentences()["en"]
#: A word of the sentence that asks for it, in quotation marks.
_QUOTED = re.compile(r"[“„«‘「]\s?([^”“»’」]+?)\s?[”“»’」]")


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_language_has_every_sentence_with_the_same_names(tag: str) -> None:
    sentences = all_sentences()[tag]
    for name in NAMES:
        text = getattr(sentences, name)
        assert text.strip() == text != "", name
        assert sorted(names_in(text)) == sorted(names_in(getattr(ENGLISH, name))), name
        assert "\n" not in text, "a line break could end a list"


@pytest.mark.parametrize("tag", [tag for tag in LANGUAGES if tag != "en"])
def test_every_sentence_is_translated(tag: str) -> None:
    own = msgspec.structs.asdict(all_sentences()[tag])
    #: They consist of names only, or are the same word ("Error" in Spanish).
    same = {name for name in NAMES if own[name] == getattr(ENGLISH, name)}
    assert same <= {"heading", "topic", "did_error"}


@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_word_that_the_bot_asks_for_accepts(tag: str) -> None:
    sentences = all_sentences()[tag]
    for asking in (sentences.first_step, sentences.next_step):
        (word,) = _QUOTED.findall(asking)
        assert means_yes(word)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_accepting_message_accepts(tag: str) -> None:
    assert all(means_yes(message) for message in all_sentences()[tag].yes)


@pytest.mark.parametrize(
    "text",
    [
        "Tak, poproszę!",
        "はい、お願いします。",
        "نعم، من فضلك",
        "حسنًا",
        "أجل",
        "Chętnie",
        "Okay!",
        "見せてください",
    ],
)
def test_a_yes_is_understood_with_marks_and_accents(text: str) -> None:
    assert means_yes(text)


@pytest.mark.parametrize(
    "text", ["nie", "いいえ", "لا", "no", "nein", "non merci", "yes but later", "はいチーズ"]
)
def test_other_messages_do_not_accept(text: str) -> None:
    assert not means_yes(text)


def test_the_best_language_counts() -> None:
    assert sentences_in(("de-CH", "fr")) is all_sentences()["de"]
    assert sentences_in(("xx", "pt-PT")) is all_sentences()["pt"]
    assert sentences_in(()) is sentences_in(("xx",)) is ENGLISH


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_language_has_the_texts_of_built_in_triggers(tag: str) -> None:
    english, own = (msgspec.structs.asdict(toast_texts(each)) for each in ("en", tag))
    for name, text in own.items():
        assert sorted(names_in(text)) == sorted(names_in(english[name])), name
        assert text == text.strip() == fit_toast(text), "it fits a toast before names are filled in"
        assert (text == english[name]) is (tag == "en"), name
