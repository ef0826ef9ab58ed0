"""When a trigger could fire next in a session whose actions are all known."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple

from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.engine.triggers.course import Course
from rasa_autoplay.engine.triggers.rules.base import Condition
from rasa_autoplay.engine.triggers.rules.logic import All, Any

__all__ = ["PossibleFire", "PossibleFires"]


class PossibleFire(NamedTuple):
    """A moment before which no trigger fires.

    Args:
        at: epoch seconds; infinity if none ever fires.
        by_time: whether time alone could make a trigger fire then, and not only an action.
    """

    at: float
    by_time: bool


class PossibleFires:
    """Asks all triggers of one version of the files.

    Args:
        triggers: the triggers that are evaluated.
    """

    def __init__(self, triggers: Iterable[ConfiguredTrigger]) -> None:
        self._triggers = [(each.id, each.own_possibility, _waits_for_time(each)) for each in triggers]

    def next_in(self, session: Session, course: Course, now: float) -> PossibleFire:
        """Return the next moment at which a trigger could fire.

        Args:
            session: the session; none of its triggers fires now.
            course: all its actions.
            now: epoch seconds; this time is returned if nothing is known about what follows.
        """
        states = session.triggers
        if states.waiting_since or states.silenced_until:
            return PossibleFire(now, by_time=True)
        held, stopped = states.held_until or {}, states.stopped_fires or ()
        soonest, by_time = math.inf, False
        for trigger_id, possible_at, waits_for_time in self._triggers:
            since = max(now, held.get(trigger_id, now))
            if possible_at is None or trigger_id in stopped:
                at = since  # a stopped fire goes on, or ends, when its trigger is asked again
            else:
                at = possible_at(course, states.evidence_after(trigger_id), since)
            if at < math.inf and at <= soonest:
                is_by_time = waits_for_time or at == since or not _is_action_at(course, at)
                soonest, by_time = at, is_by_time or (by_time and at == soonest)
            if soonest <= now:
                break
        return PossibleFire(soonest, by_time)


def _is_action_at(course: Course, at: float) -> bool:
    place = bisect_left(course.times, at)
    return place < len(course.times) and course.times[place] == at


def _waits_for_time(trigger: ConfiguredTrigger) -> bool:
    """Whether time alone can make a trigger fire, other than the end of a gate's hold."""
    return trigger.rule is not None and _changes_by_time(trigger.rule.condition)


def _changes_by_time(condition: Condition) -> bool:
    if isinstance(condition, (All, Any)):
        return any(map(_changes_by_time, condition.parts))
    return type(condition).becomes_true_at is not Condition.becomes_true_at
