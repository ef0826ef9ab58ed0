"""The window is independent of the order of arrival, and never exceeds its limits."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.engine.sessions.window import ActionWindow
from rasa_autoplay.events.models import SlimAction

LOOKBACK_S = 10.0


def action(at: float, title: str = "a", page: str = "/a", **fields: Any) -> SlimAction:
    return SlimAction(title, "", page, timestamp_start=at, timestamp_end=at, **fields)


def window(*actions: SlimAction, lookback_s: float = LOOKBACK_S, max_actions: int = 200) -> ActionWindow:
    made = ActionWindow(lookback_s, max_actions)
    for each in actions:
        made.add(msgspec.structs.replace(each))
    return made


def held(made: ActionWindow) -> list[SlimAction]:
    """Return everything in the window."""
    return list(made.between(-1.0, 0.0))


def starts(made: ActionWindow) -> list[float]:
    return [each.timestamp_start for each in held(made)]


# Quarters, so that floats are exact; few of them, so that actions coincide at the boundaries.
moments = st.integers(0, 100).map(lambda quarter: 100.0 + quarter / 4)
stories = st.lists(moments, max_size=25, unique=True).map(lambda times: [action(at) for at in times])


@given(stories, st.data(), st.integers(1, 8))
def test_sorts_and_trims_for_any_order_with_duplicates(
    story: list[SlimAction], data: st.DataObject, max_actions: int
) -> None:
    again = data.draw(st.lists(st.sampled_from(story), max_size=10)) if story else []
    arrivals = data.draw(st.permutations([*story, *again]))
    ordered = sorted(story, key=lambda each: each.timestamp_start)
    oldest = ordered[-1].timestamp_start - LOOKBACK_S if ordered else 0.0
    expected = [each for each in ordered if each.timestamp_start >= oldest][-max_actions:]
    assert held(window(*arrivals, max_actions=max_actions)) == expected


@given(
    st.lists(
        st.tuples(st.sampled_from([100.0, 100.25]), st.sampled_from("abc"), st.integers(0, 1)), max_size=12
    )
)
def test_keeps_each_action_of_one_moment_once(arrivals: list[tuple[float, str, int]]) -> None:
    made = ActionWindow(LOOKBACK_S, 200)
    added = [made.add(action(at, title, index=index)) for at, title, index in arrivals]
    assert sum(added) == len(made) == len(set(arrivals))
    assert {(a.timestamp_start, a.title, a.index) for a in held(made)} == set(arrivals)
    assert starts(made) == sorted(starts(made))


def test_add_returns_whether_the_action_was_new() -> None:
    made = ActionWindow(LOOKBACK_S, 2)
    assert made.add(action(100.0))
    assert not made.add(action(100.0)), "a duplicate"
    assert made.add(action(105.0))
    assert made.add(action(102.0)), "in between; the oldest goes"
    assert starts(made) == [102.0, 105.0]
    assert not made.add(action(101.0)), "older than all that a full window holds"
    assert made.add(action(115.0))
    assert not made.add(action(104.75)), "older than the lookback"
    assert starts(made) == [105.0, 115.0], "exactly as old as the lookback is not too old"
    roomy = window(action(115.0))
    assert not roomy.add(action(104.75)), "too old, although there is room"


@pytest.mark.parametrize(
    "difference",
    [
        {"title": "b"},
        {"canonical_url": "/b"},
        {"type": "submit"},
        {"index": 1},
        {"timestamp_start": 100.25},
        {"timestamp_end": 101.0},
    ],
)
def test_differing_key_fields_make_another_action(difference: dict[str, Any]) -> None:
    other = msgspec.structs.replace(action(100.0), **difference)
    assert len(window(action(100.0), other)) == 2


@pytest.mark.parametrize("same", [{"description": "other words"}, {"user_id": "u1"}, {"email": "a@b.c"}])
def test_user_and_description_do_not_make_another_action(same: dict[str, Any]) -> None:
    assert len(window(action(100.0), msgspec.structs.replace(action(100.0), **same))) == 1


@given(stories, moments, moments)
def test_between_returns_actions_after_the_start_within_the_lookback(
    story: list[SlimAction], after: float, now: float
) -> None:
    made = window(*story)
    expected = [a for a in held(made) if a.timestamp_start > after and a.timestamp_start >= now - LOOKBACK_S]
    assert list(made.between(after, now)) == expected


def test_between_excludes_the_start_and_includes_the_end() -> None:
    made = window(action(100.0), action(105.0), action(110.0))
    assert [a.timestamp_start for a in made.between(100.0, 110.0)] == [105.0, 110.0], "not at that very time"
    assert [a.timestamp_start for a in made.between(0.0, 115.0)] == [105.0, 110.0], "still at the border"
    assert not made.between(110.0, 110.0)
    assert not made.between(0.0, 120.25)


def test_result_of_between_does_not_change_with_the_window() -> None:
    made = window(action(100.0))
    before = made.between(0.0, 100.0)
    made.add(action(101.0))
    assert len(before) == 1


@given(stories, st.randoms())
def test_page_is_that_of_the_newest_action_with_a_page(story: list[SlimAction], random: Any) -> None:
    for number, each in enumerate(story):
        each.canonical_url = random.choice(["", f"/page/{number}"])
    placed = [a for a in sorted(story, key=lambda a: a.timestamp_start, reverse=True) if a.canonical_url]
    assert window(*story, lookback_s=1000.0).page() == (placed[0].canonical_url if placed else "")


def test_newest_action_is_the_one_with_the_latest_time() -> None:
    made = window(action(105.0, "late"), action(100.0, "early"))
    newest = made.newest
    assert newest is not None
    assert newest.title == "late"
    made.clear()
    assert (made.newest, len(made), made.page()) == (None, 0, "")


def test_source_sequence_orders_actions_of_one_moment() -> None:
    click, view = action(100.0, "Click Home", "/projects", index=5), action(100.0, "View", "/home", index=6)
    for arrivals in ((click, view), (view, click), (click, view, click)):
        made = window(*arrivals)
        assert made.page() == "/home"
        assert len(made) == 2


def test_shares_equal_texts() -> None:
    first, second = window(action(100.0, "".join(["a", "b"]))), window(action(200.0, "".join(["a", "b"])))
    assert held(first)[0].title is held(second)[0].title


# --- events with an id -------------------------------------------------------------------------------------


@pytest.mark.parametrize("claimed", [100.0, 102.0, 108.0, 160.0, 40.0])
def test_event_counts_once_whatever_its_claimed_time(claimed: float) -> None:
    made = ActionWindow(LOOKBACK_S, 200)
    assert made.add(action(100.0), 7)
    assert not made.add(action(claimed), 7)
    assert starts(made) == [100.0]


def test_keeps_equal_events_with_different_times_apart() -> None:
    made = ActionWindow(LOOKBACK_S, 200)
    assert made.add(action(100.0), 2**64 - 1)
    assert made.add(action(101.0), 1)
    assert made.add(action(102.0))
    assert not made.add(action(102.0))
    assert starts(made) == [100.0, 101.0, 102.0]


def test_remembers_an_event_after_its_action_left_the_window() -> None:
    made = ActionWindow(LOOKBACK_S, 200)
    made.add(action(100.0), 1)
    made.add(action(200.0), 2)
    assert starts(made) == [200.0]
    assert not made.add(action(201.0), 1)


def test_remembers_as_many_events_as_actions() -> None:
    made = ActionWindow(LOOKBACK_S, 3)
    for number in range(1, 6):
        assert made.add(action(100.0 + number), number)
    assert not made.add(action(106.0), 3)
    assert made.add(action(107.0), 2)
    assert len(made) == 3


def test_clearing_forgets_events() -> None:
    made = ActionWindow(LOOKBACK_S, 200)
    made.add(action(100.0), 1)
    made.clear()
    assert made.add(action(100.0), 1)
