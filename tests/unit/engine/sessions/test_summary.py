"""A session's past is a summary or else a digest; nothing is lost or repeated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.engine_parts import PROJECTS, T0, action, settings

from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.sessions.summary import MAX_PROSE
from rasa_autoplay.events.models import SlimAction, SummaryPayload

REPORTS = "https://app.example.com/reports"


def session(*actions: SlimAction, **window: object) -> Session:
    made = Session(("demo", "s1"), settings(session={"window": window}).session, T0)
    made.add(actions, ())
    return made


def clicks(*times: float, page: str = PROJECTS) -> list[SlimAction]:
    return [action(f"Click {at:g}", at, page) for at in times]


def summary(text: str, replaces: int = 0, at: float = 0.0) -> SummaryPayload:
    return SummaryPayload("demo", "s1", text, replaces, T0 + at if at else 0.0)


def titles(made: Session, newest: int = 20) -> list[str]:
    return [each.title for each in made.context(newest).actions]


def test_lists_every_action_of_a_short_session() -> None:
    made = session(*clicks(1, 2))
    assert (made.context(20).text, titles(made)) == ("", ["Click 1", "Click 2"])
    assert made.context(20).to_text() == "User: Click 1\nUser: Click 2"


def test_counts_older_actions_by_page_without_a_summary() -> None:
    made = session(*clicks(1, 2, 3), *clicks(4, page=REPORTS), *clicks(5, 6))
    assert titles(made, newest=2) == ["Click 5", "Click 6"]
    assert made.context(2).text == f"Before that, 4 actions: 3 on {PROJECTS}, 1 on {REPORTS}."


def test_counts_actions_that_left_the_window() -> None:
    made = session(*clicks(1, 2, 3, 4), max_actions=2)
    assert (titles(made), made.context(20).text) == (
        ["Click 3", "Click 4"],
        f"Before that, 2 actions: 2 on {PROJECTS}.",
    )
    made.add(clicks(1000), ())
    assert (titles(made), made.context(20).text) == (
        ["Click 1000"],
        f"Before that, 4 actions: 4 on {PROJECTS}.",
    )


def test_counts_one_action_and_one_without_a_page() -> None:
    made = session(*clicks(1, page=""), *clicks(2, 3))
    assert made.context(2).text == "Before that, 1 action."
    assert made.context(1).text == f"Before that, 2 actions: 1 on {PROJECTS}, 1 elsewhere."


def test_condenses_very_many_pages() -> None:
    pages = [action("Look", at, f"{PROJECTS}/{at}") for at in range(1, 501)]
    made = session(*pages, max_actions=1)
    assert made.summary is not None
    assert len(made.summary.pages) <= 25
    assert sum(made.summary.pages.values()) == 499
    assert len(made.context(1).text) < 500
    assert "499 actions" in made.context(1).text


def test_summary_replaces_the_oldest_actions() -> None:
    made = session(*clicks(1, 2, 3, 4))
    assert made.summarize(summary("They looked round.", 2, at=4))
    assert (made.context(20).text, titles(made)) == ("They looked round.", ["Click 3", "Click 4"])
    assert made.summarize(summary("Then they searched.", 1, at=5))
    assert made.context(20).text == "They looked round.\nThen they searched."
    assert titles(made) == ["Click 4"]


def test_triggers_see_summarized_actions() -> None:
    made = session(*clicks(1, 2, 3))
    assert made.summarize(summary("All told.", 3))
    assert titles(made) == []
    assert len(made.window.between(0, T0 + 3)) == 3
    assert made.window.page() == PROJECTS


def test_summary_never_covers_later_actions() -> None:
    made = session(*clicks(1, 2, 3))
    assert made.summarize(summary("Early.", 99, at=2))
    assert titles(made) == ["Click 3"]
    made.add(clicks(1.5), ())
    assert titles(made) == ["Click 3"], "a late one of that time is in it"


def test_summary_without_a_count_covers_all_earlier_actions() -> None:
    made = session(*clicks(1, 2, 3))
    assert made.summarize(summary("All of it."))
    assert (made.context(20).text, titles(made)) == ("All of it.", [])


def test_actions_that_left_the_window_count_as_the_oldest() -> None:
    made = session(*clicks(1, 2, 3, 4), max_actions=2)
    assert made.summarize(summary("Three of them.", 3))
    assert (made.context(20).text, titles(made)) == ("Three of them.", ["Click 4"])
    fewer = session(*clicks(1, 2, 3, 4), max_actions=1)
    assert fewer.summarize(summary("Two of them.", 2))
    assert titles(fewer) == ["Click 4"]
    assert "Before that, 3 actions" in fewer.context(20).text, "rather told twice than not at all"


@pytest.mark.parametrize("again", [summary("One.", 1, at=5), summary("Old.", 1, at=4), summary(" \n", 1)])
def test_repeated_older_or_empty_summary_changes_nothing(again: SummaryPayload) -> None:
    made = session(*clicks(1, 2, 3))
    assert made.summarize(summary("One.", 1, at=5))
    before = made.context(20)
    assert not made.summarize(again)
    assert made.context(20) == before


def test_undated_summary_counts_once() -> None:
    made = session(*clicks(1, 2, 3))
    assert made.summarize(summary("One.", 1))
    assert made.summarize(summary("Two.", 1))
    assert not made.summarize(summary("One.", 1))
    assert titles(made) == ["Click 3"]


def test_bounds_summaries_and_keeps_the_newest() -> None:
    made = session(*clicks(1))
    for number in range(50):
        assert made.summarize(summary(f"{number}: " + "x" * 3000, 1))
    assert len(made.context(20).text) <= MAX_PROSE
    assert "49: " in made.context(20).text
    made.summarize(summary("y" * 10 * MAX_PROSE, 1))
    assert len(made.context(20).text) == MAX_PROSE


def test_rewritten_summary_replaces_everything_before() -> None:
    made = session(*clicks(1, 2, 3, 4), max_actions=3)
    made.summarize(summary("One.", 1))
    summary_ = made.rolling_summary()
    pages = dict(summary_.pages)
    until = made.window.actions[1]
    made.add(clicks(5, page=REPORTS), ())
    summary_.rewrite("The whole story.", until, pages)
    assert (made.context(20).text, titles(made)) == (
        f"The whole story.\nBefore that, 1 action: 1 on {PROJECTS}.",
        ["Click 4", "Click 5"],
    )


def test_next_user_inherits_nothing() -> None:
    made = session(*clicks(1, 2, 3, 4), max_actions=2)
    made.identify("u1", None)
    made.summarize(summary("What u1 did.", 1))
    made.identify("u2", None)
    assert (made.context(20).text, titles(made)) == ("", [])
    made.add(clicks(5), ())
    assert made.context(20).text == ""


@given(
    st.lists(st.one_of(st.integers(1, 400), st.tuples(st.integers(0, 9), st.integers(0, 400))), max_size=40),
    st.integers(1, 5),
)
def test_loses_no_action_and_never_has_an_empty_context(
    happens: list[int | tuple[int, int]], newest: int
) -> None:
    made = session(max_actions=7, lookback="100s")
    for number, event in enumerate(happens):
        if isinstance(event, int):
            made.add(clicks(float(event)), ())
        else:
            made.summarize(summary(f"Summary {number}.", event[0], at=float(event[1])))
        context = made.context(newest)
        assert len(context.actions) <= newest
        assert bool(context.text or context.actions) == bool(made.action_count or made.summary)
        window = made.window.actions
        covered = made.summary.covers_until if made.summary else (0.0, 0)
        hidden = [a for a in window if (a.timestamp_start, a.index) <= covered]
        assert not hidden or (made.summary and made.summary.prose)
        counted = sum(made.summary.pages.values()) if made.summary else 0
        assert counted + len(window) <= made.action_count
