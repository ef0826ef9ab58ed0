"""Failure signals for sources without them: rage clicks and shown errors, from the actions alone."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.engine.sessions.window import ActionWindow
from rasa_autoplay.events.derived_signals import derive_signals
from rasa_autoplay.events.models import SlimAction

T0 = 1_700_000_000.0
PAGE = "https://app.example.com/projects"


def act(
    title: str = "Click Save changes", at: float = 0.0, kind: str = "click", says: str = "", **more: object
) -> SlimAction:
    found = {"title": title, "description": says, "canonical_url": PAGE, "type": kind, **more}
    return SlimAction.from_dict({**found, "timestamp_start": T0 + at, "timestamp_end": T0 + at})


def signals(*actions: SlimAction) -> list[str]:
    derive_signals(actions, ())
    return [action.signal for action in actions]


def clicks(*times: float) -> list[SlimAction]:
    return [act(at=at) for at in times]


def test_third_click_within_a_second_is_one_rage_click_per_burst() -> None:
    assert signals(*clicks(0, 0.4, 0.9, 1.3, 1.8)) == ["", "", "rage_click", "", ""]
    assert signals(*clicks(0, 0.6, 1.2, 1.8)) == [""] * 4, "no three of them within a second"
    assert signals(*clicks(0, 0.3, 0.6, 3, 3.3, 3.6)) == ["", "", "rage_click", "", "", "rage_click"]


@pytest.mark.parametrize(
    "last",
    [
        act("Click Cancel", 0.6),
        act(at=0.6, canonical_url="https://app.example.com/other"),
        act(at=0.6, element_id="another-row"),
        act(at=0.6, kind="type"),
    ],
)
def test_clicks_on_different_elements_are_no_rage_click(last: SlimAction) -> None:
    assert signals(*clicks(0, 0.3), last) == ["", "", ""]


@pytest.mark.parametrize("title", ["Click Next", "Click Load more", "Clicked on next page", "+", "Click ›"])
def test_repeatable_controls_are_no_rage_click(title: str) -> None:
    assert signals(*(act(title, at) for at in (0, 0.2, 0.4, 0.6))) == [""] * 4


@given(st.lists(st.integers(0, 40), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_order_and_duplicates_do_not_change_counts(tenths: list[int], chance: random.Random) -> None:
    """Each click arrives alone, in any order, and every batch twice."""
    straight = clicks(*(tenth / 10 for tenth in sorted(set(tenths))))
    expected = signals(*straight).count("rage_click")
    window = ActionWindow(300.0, 200)
    for action in chance.sample(clicks(*(tenth / 10 for tenth in set(tenths))), len(set(tenths))):
        for _ in range(2):
            news = window.new_among([action, action])
            derive_signals(news, window.actions)
            window.add(action)
    found = [action.signal for action in window.actions].count("rage_click")
    assert (found > 0) == (expected > 0)


SHOWN = [
    ("Error", "blur", "An error (TypeError) occurred on the projects page", "error"),
    ("Failed request", "blur", "A request failed (503)", "failed_request"),
    ("Validation error", "blur", "", "error"),
    ("Save changes", "click", "User clicked Save changes and an error message was shown", "error"),
    ("Click Save changes", "click", "User clicked Save changes; the request failed", "failed_request"),
    ("Projects", "pageview", "User saw an error toast on the projects page", "error"),
    ("Toast", "focus", "Something went wrong", "error"),
    ("Click Save", "click", "User clicked Save but the app failed to save the project", "error"),
]
NOT_SHOWN = [
    ("Click Error log", "click", "User clicked Error log on the projects page"),
    ("Click Login failed", "click", "User clicked Login failed on the filters page"),
    ("Page load: Errors", "pageview", "User opened the errors page"),
    ("Error handling guide", "pageview", "User opened the error handling guide"),
    ("Click Report an error", "click", "User clicked Report an error on the help page"),
    ("Error log", "", "User opened the log"),
    ("Focus Error code", "focus", "User focused Error code"),
    ("Change Failed runs only", "type", "User changed Failed runs only"),
    ("Click Save changes", "click", "User clicked Save changes on the projects page"),
]


@pytest.mark.parametrize(("title", "kind", "says", "signal"), SHOWN)
def test_action_about_a_shown_error_gets_the_error_signal(
    title: str, kind: str, says: str, signal: str
) -> None:
    assert signals(act(title, kind=kind, says=says)) == [signal]


@pytest.mark.parametrize(("title", "kind", "says"), NOT_SHOWN)
def test_word_error_alone_is_no_error(title: str, kind: str, says: str) -> None:
    assert signals(act(title, kind=kind, says=says)) == [""]


def test_merges_errors_within_a_second() -> None:
    assert signals(*(act("Error", at, "blur") for at in (0, 0.5, 1.4, 4))) == ["error", "", "error", "error"]


def test_keeps_a_signal_given_by_the_source() -> None:
    assert signals(act("Dead click", signal="dead_click"), *clicks(0.1)) == ["dead_click", ""]
    assert signals(act("Error", 0, "blur", signal="failed_request")) == ["failed_request"]
