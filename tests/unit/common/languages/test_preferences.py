"""The languages that a page names, also a hostile one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.common.languages.preferences import joined, read_preferences
from rasa_autoplay.common.languages.tags import canonical_tag


@pytest.mark.parametrize(
    ("value", "tags"),
    [
        ("de-CH,fr,en", ("de-CH", "fr", "en")),
        (" DE_ch , fr,fr ,, en", ("de-CH", "fr", "en")),
        (["pt-br", 7, None, "en"], ("pt-BR", "en")),
        ("de,fr,es,it,nl,pl,ja", ("de", "fr", "es", "it", "nl")),
        ("x" * 36 + ",de", ("de",)),
        ("<script>,../etc,de", ("de",)),
        ("", ()),
        (None, ()),
        (7, ()),
        ({"de": 1}, ()),
        ("x," * 100_000 + "de", ()),
    ],
)
def test_reads_tags_and_ignores_the_rest(value: object, tags: tuple[str, ...]) -> None:
    assert read_preferences(value) == tags


@given(st.text() | st.lists(st.text() | st.integers()) | st.none() | st.integers() | st.binary())
def test_nothing_but_canonical_tags_comes_out(value: object) -> None:
    tags = read_preferences(value)
    assert len(tags) <= 5
    assert len(set(tags)) == len(tags)
    assert all(canonical_tag(tag) == tag for tag in tags)


def test_equal_preferences_are_one_object() -> None:
    assert read_preferences("de,fr") is read_preferences("de, fr")


def test_joins_at_most_five() -> None:
    assert joined(("de", "fr"), ("fr", "en")) == ("de", "fr", "en")
    assert len(joined(("de", "fr", "es"), ("it", "nl", "pl"))) == 5
