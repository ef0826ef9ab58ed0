"""Finds where a trigger nearly fired: one condition was missing, and it was close.

Explaining a trigger costs more than evaluating it. So in a large recording, only an even sample of sessions
is examined, with about :data:`MAX_EXAMINED_ACTIONS` actions in total.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rasa_autoplay.engine.replay.results import NearMiss, Outcome, SessionStory
from rasa_autoplay.engine.sessions.session import Session, SessionKey
from rasa_autoplay.engine.sessions.session_follower import SessionFollower
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.engine.triggers.context import context_of
from rasa_autoplay.engine.triggers.firing_reasons import ConditionResult, RuleExplanation

__all__ = ["MAX_EXAMINED_ACTIONS", "NearMisses", "even_sample", "evenly_chosen", "is_near"]

MAX_EXAMINED_ACTIONS = 5_000
#: The missing condition must be satisfied to at least this share.
_NEAR = 0.5


class NearMisses:
    """Records the nearest miss of each trigger in each session.

    Args:
        examined: the sessions to examine, as :func:`even_sample` chooses them.
        triggers: the triggers; those that cannot explain themselves have no near misses.
        follower: knows the user's history and the progress in workflows.
    """

    def __init__(
        self,
        examined: frozenset[SessionKey],
        triggers: Iterable[ConfiguredTrigger],
        follower: SessionFollower,
    ) -> None:
        self._follower = follower
        self._triggers = [(t.id, t.own_explanation) for t in triggers if t.own_explanation is not None]
        self._examined = examined
        self._nearest: dict[tuple[SessionKey, str], NearMiss] = {}

    def examines(self, key: SessionKey) -> bool:
        """Whether this session is in the sample."""
        return key in self._examined

    def examine(self, session: Session, now: float) -> None:
        """Record how near each trigger is to firing now (epoch seconds)."""
        for trigger_id, explain in self._triggers:
            explanation = explain(
                context_of(session, session.triggers.evidence_after(trigger_id), now, self._follower)
            )
            if not is_near(explanation):
                continue
            place = session.key, trigger_id
            known = self._nearest.get(place)
            if known is None or explanation.nearness > known.nearness:
                self._nearest[place] = NearMiss(
                    trigger_id,
                    session.user_id or "",
                    session.key[1],
                    now,
                    round(explanation.nearness, 4),
                    _missing(explanation),
                )

    def report_to(self, outcome: Outcome) -> None:
        """Add the near misses to the outcome, except those of a trigger that fired in the same session."""
        fired = {(fire.session_id, fire.trigger_id) for fire in outcome.fires}
        fired |= {(held.session_id, held.trigger_id) for held in outcome.suppressed}
        missed = [miss for miss in self._nearest.values() if (miss.session_id, miss.trigger_id) not in fired]
        outcome.near_misses = sorted(missed, key=lambda miss: (miss.at, miss.session_id, miss.trigger_id))
        outcome.looked_at = len(self._examined)


def even_sample(stories: Mapping[SessionKey, SessionStory]) -> frozenset[SessionKey]:
    """Return the sessions to examine, evenly spread over a recording.

    Args:
        stories: the recorded sessions, in order of their first action.
    """
    return evenly_chosen(list(stories), sum(len(story.times) for story in stories.values()))


def evenly_chosen(sessions: Sequence[SessionKey], actions: int) -> frozenset[SessionKey]:
    """Return the sessions to examine, as :func:`even_sample` does.

    Args:
        sessions: the sessions, in order of their first action.
        actions: how many actions they have together.
    """
    every = max(-(-actions // MAX_EXAMINED_ACTIONS), 1)
    return frozenset(sessions[::every])


def is_near(explanation: RuleExplanation) -> bool:
    """Whether exactly one condition is missing, and it is close.

    A condition that counts must be at least half satisfied, such as two saves of three. If the missing
    condition does not count, such as the page, another condition that counts must hold.
    """
    missing = [result for result in explanation.conditions if not result.holds]
    if len(missing) != 1:
        return False
    (only,) = missing
    if _is_counted(only):
        return _NEAR <= only.nearness < 1
    return any(_is_counted(result) for result in explanation.conditions if result.holds)


def _missing(explanation: RuleExplanation) -> str:
    missing = (result for result in explanation.conditions if not result.holds)
    return "; ".join(f"{result.finding} ({result.condition})" for result in missing)


def _is_counted(result: ConditionResult) -> bool:
    return result.needs is not None or any(map(_is_counted, result.conditions))
