"""What another version changes: new, lost and moved fires."""

from __future__ import annotations

from rasa_autoplay.engine.replay.assumptions import Assumptions
from rasa_autoplay.engine.replay.comparison import compare
from rasa_autoplay.engine.replay.results import Fire, Outcome


def _outcome(*fires: Fire) -> Outcome:
    return Outcome("c.yml", "demo", ["t"], Assumptions(), {}, fires=list(fires))


def _fire(at: float, trigger: str = "t", session: str = "s1") -> Fire:
    return Fire(trigger, "u1", session, at)


def test_same_fires_are_no_change() -> None:
    comparison = compare(_outcome(_fire(1), _fire(9)), _outcome(_fire(1), _fire(9)))
    assert (comparison.newly, comparison.no_longer, comparison.moved) == ([], [], [])


def test_fires_of_only_one_version_are_new_or_lost() -> None:
    comparison = compare(_outcome(_fire(1), _fire(5, "a")), _outcome(_fire(1), _fire(7, "b")))
    assert comparison.newly == [_fire(7, "b")]
    assert comparison.no_longer == [_fire(5, "a")]
    assert not comparison.moved


def test_fire_at_another_time_has_moved() -> None:
    comparison = compare(_outcome(_fire(9)), _outcome(_fire(5)))
    assert comparison.moved == [(_fire(9), _fire(5))]
    assert not comparison.newly
    assert not comparison.no_longer


def test_additional_earlier_fire_is_new_and_moves_nothing() -> None:
    comparison = compare(_outcome(_fire(9)), _outcome(_fire(5), _fire(9)))
    assert comparison.newly == [_fire(5)]
    assert not comparison.moved


def test_keeps_sessions_apart() -> None:
    comparison = compare(_outcome(_fire(9)), _outcome(_fire(9, session="s2")))
    assert (comparison.newly, comparison.no_longer) == ([_fire(9, session="s2")], [_fire(9)])
