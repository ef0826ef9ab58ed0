"""Numbered steps after a paragraph become a list within one message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.common.conversation.markdown_lists import with_lists_apart

LINES = st.lists(
    st.sampled_from(["Bulk edit:", "1. Open it.", "2) Press it.", "   twice", "", " ", "- a", "2024"])
)


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        ("Bulk edit:\n1. Open it.\n2. Press it.", "Bulk edit:\n \n1. Open it.\n2. Press it."),
        ("The rest:\n3. Press it.", "The rest:\n \n3. Press it."),
        ("1. Open it.\nThen:\n2. Press it.", "1. Open it.\nThen:\n2. Press it."),
        ("First:\n1. a\n\nThen:\n1. b", "First:\n \n1. a\n\nThen:\n \n1. b"),
        ("In\n2024 it began.", "In\n2024 it began."),
        ("1. Open it.", "1. Open it."),
        ("", ""),
    ],
)
def test_a_list_is_set_apart_from_its_paragraph(text: str, apart: str) -> None:
    assert with_lists_apart(text) == apart


@given(LINES)
def test_nothing_else_changes_and_no_bubble_is_added(lines: list[str]) -> None:
    text = "\n".join(lines)
    apart = with_lists_apart(text)
    assert with_lists_apart(apart) == apart
    assert apart.count("\n\n") == text.count("\n\n")
    assert [line for line in apart.split("\n") if line.strip()] == [line for line in lines if line.strip()]
