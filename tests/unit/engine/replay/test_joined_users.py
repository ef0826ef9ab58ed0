"""Users who shared a session belong together, and groups are divided evenly."""

from __future__ import annotations

from rasa_autoplay.engine.replay.joined_users import JoinedUsers, divided


def test_users_of_one_session_belong_together() -> None:
    groups = JoinedUsers()
    for session_id, user_id in (("s1", "ana"), ("s2", "ana"), ("s2", "ben"), ("s3", "cleo"), ("s4", None)):
        groups.add(session_id, user_id)
    assert groups.of_session("s1") == groups.of_session("s2")
    others = {groups.of_session(session_id) for session_id in ("s2", "s3", "s4", "never seen")}
    assert len(others) == 4


def test_a_user_with_the_name_of_a_session_is_not_that_session() -> None:
    groups = JoinedUsers()
    groups.add("one", "two")
    groups.add("two", "three")
    assert groups.of_session("one") != groups.of_session("two")


def test_divides_the_work_evenly_and_always_in_the_same_way() -> None:
    sizes = {"a": 5, "b": 3, "c": 3, "d": 2, "e": 1}
    chosen = divided(sizes, 2)
    loads = [sum(size for group, size in sizes.items() if chosen[group] == process) for process in (0, 1)]
    assert loads == [7, 7]
    assert divided(dict(reversed(sizes.items())), 2) == chosen
