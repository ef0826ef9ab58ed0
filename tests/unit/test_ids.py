"""An id may be any text that can stand in a log, a URL and a database."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.ids import MAX_ID, is_id


@pytest.mark.parametrize(
    "text",
    [*("u1", "anna@example.com", "auth0|123", "änna berg", "🙂", "中文", "../..", "%00", " "), "x" * MAX_ID],
)
def test_what_people_use(text: str) -> None:
    assert is_id(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "x" * (MAX_ID + 1)),
        *("u\n1", "u\r1", "u\x001", "u\x1b[2J", "u\x7f", "u\x85", "\t"),
        *("u\u2028forged", "u\u2029forged", "\u202egnirts", "\u2066u", "\ud83d"),
    ],
)
def test_what_would_forge_a_line_or_break_a_database(text: str) -> None:
    assert not is_id(text)


@given(st.text(max_size=40))
def test_an_id_is_one_line_and_can_be_encoded(text: str) -> None:
    if is_id(text):
        assert len(text.splitlines()) == 1
        assert "\0" not in text
        assert text.encode().decode() == text
