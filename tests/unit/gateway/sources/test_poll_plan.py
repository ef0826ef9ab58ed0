"""Which user to poll next, and which actions of a response are new."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.gateway.sources.poll_plan import PollPlan


def plan(memory: int = 10) -> PollPlan:
    return PollPlan(2.0, 30.0, memory)


def action(title: str, at: float = 1.0) -> SlimAction:
    return SlimAction(title, "", "/a", timestamp_start=at)


def test_new_user_is_due_at_once_and_only_once_until_answered() -> None:
    made = plan()
    made.update({"u1"}, 0)
    assert made.pop_due(0) == "u1"
    made.update({"u1"}, 5)
    assert made.pop_due(100) is None, "the answer is not there yet"
    made.record_answer("u1", new_actions=1, now=100)
    assert [made.pop_due(at) for at in (101.9, 102, 102)] == [None, "u1", None]


def test_interval_grows_without_news_and_resets_on_news() -> None:
    made = plan()
    made.update({"u1"}, 0)
    now, waits = 0.0, []
    for news in (1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0):
        assert made.pop_due(now) == "u1"
        made.record_answer("u1", new_actions=news, now=now)
        due_at = made.next_due_at()
        assert due_at is not None
        waits.append(round(due_at - now, 2))
        now = due_at
    assert waits == [2, 3, 4.5, 6.75, 10.12, 15.19, 22.78, 30, 30, 2, 3]


def test_back_off_after_failures_is_bounded() -> None:
    made = plan()
    made.update({"u1"}, 0)
    waits = []
    for _ in range(6):
        made.pop_due(1e9)
        made.record_failure("u1", 0)
        waits.append(made.next_due_at())
    assert waits == [4, 8, 16, 30, 30, 30]


def test_polls_the_longest_due_user_first() -> None:
    made = plan()
    made.update({"u1"}, 0)
    made.update({"u1", "u2"}, 1)
    made.update({"u1", "u2", "u3"}, 2)
    assert [made.pop_due(9) for _ in range(4)] == ["u1", "u2", "u3", None]


def test_skips_absent_users_and_resumes_returning_ones() -> None:
    made = plan()
    made.update({"u1"}, 0)
    made.pop_due(0)
    made.mark_seen("u1", made.unseen("u1", [action("a")]))
    made.update(set(), 1)
    made.record_answer("u1", new_actions=1, now=1)
    assert made.pop_due(50) is None
    assert len(made) == 0
    made.update({"u1"}, 2)
    assert [made.pop_due(at) for at in (2, 3)] == [None, "u1"]
    assert not made.unseen("u1", [action("a")])


def test_repeated_returns_do_not_increase_the_poll_rate() -> None:
    made = plan()
    for at in range(10):
        made.update({"u1"}, at / 10)
        made.update(set(), at / 10)
    made.update({"u1"}, 1)
    assert [made.pop_due(1), made.pop_due(1)] == ["u1", None]


def test_forgets_users_who_left_long_ago() -> None:
    made = plan()
    made.update({"u1"}, 0)
    made.mark_seen("u1", made.unseen("u1", [action("a")]))
    made.update(set(), 1)
    made.update(set(), 602)
    assert made.unseen("u1", [action("a")])
    made.record_answer("u1", new_actions=1, now=603)
    made.record_failure("u1", 603)
    assert made.pop_due(1e9) is None


def test_short_visits_do_not_fill_memory() -> None:
    made = plan()
    for number in range(0, 60_000, 1_000):
        made.update({f"u{n}" for n in range(number, number + 1_000)}, 0)
    assert len(made._users) <= 12_000
    assert len(made._heap) <= 30_000


def test_remembers_a_bounded_number_of_actions_per_user() -> None:
    made = plan(memory=3)
    made.update({"u1"}, 0)
    actions = [action(str(n)) for n in range(5)]
    made.mark_seen("u1", made.unseen("u1", actions))
    assert [each.title for each in made.unseen("u1", actions).values()] == ["0", "1"]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 8)), max_size=20))
def test_each_action_is_new_once_for_any_overlap(cuts: list[tuple[int, int]]) -> None:
    made = plan(memory=100)
    made.update({"u1"}, 0)
    done = [action(f"a{n}", n) for n in range(40)]
    told: list[str] = []
    for first, count in cuts:
        fresh = made.unseen("u1", done[first : first + count])
        made.mark_seen("u1", fresh)
        told += [each.title for each in fresh.values()]
    assert len(told) == len(set(told))
    assert set(told) == {each.title for first, count in cuts for each in done[first : first + count]}
