"""The open decisions of users, most of whom have none."""

from __future__ import annotations

import tracemalloc

from rasa_autoplay.engine.goals.decisions_by_user import DecisionsByUser
from rasa_autoplay.engine.goals.goal import DEFAULT_GOAL
from rasa_autoplay.engine.goals.goal_check import OpenGoal

DECISION = OpenGoal("offer", "export", 0.0, DEFAULT_GOAL)


def test_users_without_decisions_are_known_as_such() -> None:
    users = DecisionsByUser(10)
    assert users.get("u1") is None
    users.set("u1", [])
    assert users.get("u1") == ()
    users.set("u1", [DECISION])
    assert users.get("u1") == [DECISION]
    users.set("u1", [])
    assert users.get("u1") == ()
    assert list(users) == ["u1"]
    users.forget("u1")
    assert users.get("u1") is None


def test_forgets_users_at_the_limit() -> None:
    users = DecisionsByUser(10)
    for number in range(100):
        users.set(f"u{number}", [])
        users.set(f"helped {number}", [DECISION])
    assert len(users) == 20
    assert users.get("u99") == ()
    assert users.get("helped 99") == [DECISION]


def test_users_without_decisions_take_little_memory() -> None:
    users, names = DecisionsByUser(500_000), [f"user-{number:05}" for number in range(60_000)]
    tracemalloc.start()
    try:
        for name in names:
            users.set(name, ())
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size / len(names) < 64, "bytes a user; an entry of a BoundedDict takes about 200"
