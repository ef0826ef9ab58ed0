"""An id can be any text that is valid in a log, a URL and a database."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.common.identity.ids import (
    MAX_ID_BYTES,
    derived_id,
    is_id,
    is_reserved,
    is_too_long,
    session_of_their_own,
)


@pytest.mark.parametrize(
    "text",
    [
        *("u1", "anna@example.com", "auth0|123", "änna berg", "🙂", "中文", "../..", "%00", " "),
        "x" * MAX_ID_BYTES,
    ],
)
def test_accepts_common_ids(text: str) -> None:
    assert is_id(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "x" * (MAX_ID_BYTES + 1)),
        *("u\n1", "u\r1", "u\x001", "u\x1b[2J", "u\x7f", "u\x85", "\t"),
        *("u\u2028forged", "u\u2029forged", "\u202egnirts", "\u2066u", "\ud83d"),
    ],
)
def test_rejects_ids_that_forge_log_lines_or_break_databases(text: str) -> None:
    assert not is_id(text)


@given(st.text(max_size=40))
def test_every_id_is_one_line_and_encodable(text: str) -> None:
    if is_id(text):
        assert len(text.splitlines()) == 1
        assert "\0" not in text
        assert text.encode().decode() == text


@given(st.text(min_size=1, max_size=600))
def test_limits_the_length_in_bytes(text: str) -> None:
    assert is_too_long(text) == (len(text.encode("utf-8", "surrogatepass")) > MAX_ID_BYTES)


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp", "Cf")), min_size=1, max_size=600))
def test_derived_id_is_a_valid_id(text: str) -> None:
    if is_id(text):
        made = derived_id("live_", text)
        assert is_id(made)
        assert made == derived_id("live_", text)
        assert made != derived_id("live_", f"{text[:-1]}~") or text.endswith("~")


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp", "Cf")), min_size=1, max_size=600))
def test_session_id_of_a_second_user_is_a_valid_id(text: str) -> None:
    if is_id(text):
        made = session_of_their_own(text, "u2")
        assert is_id(made)
        assert is_reserved(made)
        assert made != session_of_their_own(text, "u3")
