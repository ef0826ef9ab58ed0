"""Names in sentences of the other direction, and in quotation marks of all languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.common.languages.text import Text
from rasa_autoplay.common.sentences.filling import filled
from rasa_autoplay.common.sentences.inserting import inserted, isolated, quotes

ARABIC = "لم تكتمل بعد هذه الخطوة من «{title}»:"


def test_a_latin_name_is_isolated_in_an_arabic_sentence() -> None:
    assert "«\u2068Bulk edit\u2069»" in inserted(ARABIC, title="Bulk edit")
    assert "«تعديل»" in inserted(ARABIC, title="تعديل")


def test_an_arabic_name_is_isolated_in_an_english_sentence() -> None:
    assert inserted("Open “{title}”.", title="تعديل") == "Open “\u2068تعديل\u2069”."
    assert inserted("Open “{title}”.", title="Bulk edit") == "Open “Bulk edit”."


@pytest.mark.parametrize("name", ["2024", "—", ""])
def test_a_name_without_a_direction_stays_as_it_is(name: str) -> None:
    assert isolated(name, ARABIC) == name


def test_a_name_of_both_directions_is_isolated_everywhere() -> None:
    assert isolated("تعديل Bulk", "Open it") == "\u2068تعديل Bulk\u2069"
    assert isolated("تعديل Bulk", ARABIC) == "\u2068تعديل Bulk\u2069"


@given(st.text(), st.text())
def test_isolation_changes_no_letter(name: str, sentence: str) -> None:
    assert isolated(name, sentence) in (name, f"\u2068{name}\u2069")


def test_a_name_with_braces_is_not_filled_in_again() -> None:
    assert inserted("{title}: {description}", title="{description}", description="x") == "{description}: x"
    assert filled("{a} {b}", {"a": "{b}", "b": 7}) == "{b} 7"


def test_a_text_is_filled_in_each_language() -> None:
    step = Text({"en": "Save", "de": "Speichern"})
    text = filled(Text({"de": "Noch bei „{step}“?", "en": "Still on “{step}”?"}), {"step": step})
    assert isinstance(text, Text)
    assert dict(text.items()) == {"de": "Noch bei „Speichern“?", "en": "Still on “Save”?"}


def test_a_plain_text_gets_the_languages_of_its_names() -> None:
    text = filled(
        "Still on “{step}”?", {"step": Text({"en": "Save", "de": "Speichern"}), "unused": Text({"fr": "x"})}
    )
    assert isinstance(text, Text)
    assert dict(text.items()) == {"en": "Still on “Save”?", "de": "Still on “Speichern”?"}


def test_a_text_lacks_the_names_that_have_no_value() -> None:
    assert filled("{gone}Hello {n}", {"n": 3}) == "Hello 3"


@pytest.mark.parametrize(
    "text", ["do “Save” first", "„Save“", "«\u202fSave\u202f»", "«\u2068Save\u2069»", "「Save」", "‘Save’"]
)
def test_finds_a_name_in_quotation_marks(text: str) -> None:
    assert quotes(text, "Save")


@pytest.mark.parametrize("text", ["Save", "Save it", "Saved by “Bell”", "“Save it”", ""])
def test_a_name_without_its_own_marks_is_not_quoted(text: str) -> None:
    assert not quotes(text, "Save")
    assert not quotes(text, "")
