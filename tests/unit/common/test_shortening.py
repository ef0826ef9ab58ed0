"""Texts that users read are cut between words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.common.shortening import shorten


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("Compare the plans", "Compare the plans"),
        ("Compare the plans of this year", "Compare the plans…"),
        ("Compare plans, and then buy", "Compare plans, and…"),
        ("Compare the plan. Then go", "Compare the plan…"),
        ("Donaudampfschifffahrtsgesellschaft", "Donaudampfschifffa…"),
        ("   ", ""),
    ],
)
def test_it_cuts_between_words(text: str, short: str) -> None:
    assert shorten(text, 19) == short


@given(st.text(max_size=80), st.integers(2, 60))
def test_what_is_left_is_whole_words(text: str, max_chars: int) -> None:
    short = shorten(text, max_chars)
    assert len(short) <= max_chars
    if short == text.strip():
        return
    assert short.endswith("…")
    kept = short[:-1]
    assert text.strip().startswith(kept)
    first = text.split()[0]
    if len(first) < max_chars and kept.strip(" ,;:.!?-"):
        rest = text.strip()[len(kept) :].lstrip(",;:.!?-")
        assert not rest or rest[0].isspace()
