"""A text in one language or in several."""

from __future__ import annotations

import copy
import pickle
import sys

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.common.languages.text import Text

SAVE = Text({"en": "Save", "de": "Speichern"})

_TAGS = st.sampled_from(["en", "de", "de-CH", "fr", "pt-BR", "ar"])
_TEXTS = st.text() | st.dictionaries(_TAGS, st.text(), min_size=1)


def test_the_user_gets_the_text_in_their_language() -> None:
    assert SAVE.in_language(("de-CH", "en")) == "Speichern"
    assert SAVE.language_for(("de-CH", "en")) == "de"


def test_the_first_text_of_the_file_is_for_everyone_else() -> None:
    assert SAVE.in_language(("fr",)) == SAVE.in_language(()) == "Save"
    assert SAVE.language_for(("fr",)) == "en"


def test_a_plain_string_fits_every_language() -> None:
    plain = Text("Save")
    assert plain.in_language(("de",)) == "Save"
    assert plain.languages == ()
    assert plain.language_for(("de",)) is None
    assert plain.all() == ("Save",)


def test_a_language_can_be_added() -> None:
    assert SAVE.with_language("fr", "Enregistrer", own_tag="en").languages == ("en", "de", "fr")
    both = Text("Save").with_language("de", "Speichern", own_tag="en")
    assert both.items() == SAVE.items()


def test_a_text_needs_a_language() -> None:
    with pytest.raises(ValueError, match="at least one language"):
        Text({})


def test_a_text_cannot_leave_the_process_before_its_language_is_chosen() -> None:
    with pytest.raises(TypeError):
        msgspec.json.encode(SAVE)
    assert msgspec.json.encode(SAVE.in_language(("de",))) == b'"Speichern"'


def test_one_language_costs_little_more_than_a_string() -> None:
    assert sys.getsizeof(Text("Save")) <= sys.getsizeof("Save") + 64


@given(_TEXTS)
def test_as_a_string_it_is_the_first_text(texts: str | dict[str, str]) -> None:
    text = Text(texts)
    first = texts if isinstance(texts, str) else next(iter(texts.values()))
    assert text == first
    assert hash(text) == hash(first)
    assert text.in_language(()) == text.all()[0] == first


@given(_TEXTS, st.lists(_TAGS, max_size=5))
def test_what_a_user_gets_is_a_plain_string_of_the_file(
    texts: str | dict[str, str], preferences: list[str]
) -> None:
    chosen = Text(texts).in_language(preferences)
    assert type(chosen) is str
    assert chosen in Text(texts).all()


@given(_TEXTS)
def test_a_copy_has_all_languages(texts: str | dict[str, str]) -> None:
    text = Text(texts)
    for other in (copy.deepcopy(text), copy.copy(text), pickle.loads(pickle.dumps(text))):  # noqa: S301
        assert other.items() == text.items()
        assert other == text
