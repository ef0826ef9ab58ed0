"""Secrets are never shown."""

from __future__ import annotations

import json
import pickle
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.settings.secret import Secret

HIDDEN = "s3cret-word"


@pytest.mark.parametrize(
    "form", [repr, str, "{}".format, "{!r:>40}".format, lambda s: f"{[s]}", "%s".__mod__]
)
def test_no_representation_shows_the_secret(form: object) -> None:
    assert callable(form)
    assert HIDDEN not in form(Secret(HIDDEN))


def test_representations_hide_its_length() -> None:
    assert repr(Secret("a")) == repr(Secret("a" * 100))


def test_representation_shows_whether_it_is_set() -> None:
    assert Secret("x")
    assert not Secret("")
    assert repr(Secret("")) != repr(Secret("x"))


def test_cannot_be_dumped_by_accident() -> None:
    with pytest.raises(TypeError) as refusal:
        json.dumps({"token": Secret(HIDDEN)})
    assert HIDDEN not in "".join(traceback.format_exception(refusal.value))
    assert not hasattr(Secret(HIDDEN), "__dict__"), "vars() would show it"


def test_survives_pickling_for_a_worker() -> None:
    assert pickle.loads(pickle.dumps(Secret(HIDDEN))).reveal() == HIDDEN  # noqa: S301 - our own pickle


def test_reveals_its_value_only_explicitly() -> None:
    assert Secret(HIDDEN).reveal() == HIDDEN


@given(st.text(), st.text())
def test_matches_only_the_same_text(secret: str, presented: str) -> None:
    assert Secret(secret).matches(presented) == (secret == presented)


def test_unencodable_text_does_not_match_and_does_not_raise() -> None:
    assert not Secret(HIDDEN).matches("\ud800")
