"""Where a trigger nearly fired: one condition short, and in numbers.

To look at a trigger costs more than to ask it, so not every session of a large recording is looked at: as
many, evenly spread, as have :data:`LOOKS` actions together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rasa_autoplay.engine.sessions.session import Session, SessionKey
from rasa_autoplay.engine.sessions.session_follower import SessionFollower
from rasa_autoplay.engine.triggers.configured.loader import ConfiguredTrigger
from rasa_autoplay.engine.triggers.context import context_of
from rasa_autoplay.engine.triggers.explanation import ConditionResult, RuleExplanation
from rasa_autoplay.tools.simulation.outcome import NearMiss, Outcome, SessionStory

__all__ = ["LOOKS", "NearMisses", "is_near"]

LOOKS = 5_000
#: Less than this share of what is missing is not near.
_NEAR = 0.5


class NearMisses:
    """Keeps, of each session and trigger, the nearest that it came.

    Args:
        stories: the sessions that there are.
        triggers: those that cannot explain themselves have no near misses.
        facts: what they know beyond a session's actions.
    """

    def __init__(
        self,
        stories: Mapping[SessionKey, SessionStory],
        triggers: Iterable[ConfiguredTrigger],
        follower: SessionFollower,
    ) -> None:
        self._follower = follower
        self._triggers = [(t.id, t.own_explanation) for t in triggers if t.own_explanation is not None]
        self._looked_at = _evenly_spread(stories)
        self._nearest: dict[tuple[SessionKey, str], NearMiss] = {}

    def looks_at(self, key: SessionKey) -> bool:
        """Whether this session is among those looked at."""
        return key in self._looked_at

    def look(self, session: Session, now: float) -> None:
        """See how near the triggers are."""
        for trigger_id, explain in self._triggers:
            explanation = explain(
                context_of(session, session.evidence_after(trigger_id), now, self._follower)
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
        """Give those of sessions in which the trigger never fired, in order of time."""
        fired = {(fire.session_id, fire.trigger_id) for fire in outcome.fires}
        fired |= {(held.session_id, held.trigger_id) for held in outcome.suppressed}
        missed = [miss for miss in self._nearest.values() if (miss.session_id, miss.trigger_id) not in fired]
        outcome.near_misses = sorted(missed, key=lambda miss: (miss.at, miss.session_id, miss.trigger_id))
        outcome.looked_at = len(self._looked_at)


def _evenly_spread(stories: Mapping[SessionKey, SessionStory]) -> frozenset[SessionKey]:
    actions = sum(len(story.times) for story in stories.values())
    every = max(-(-actions // LOOKS), 1)
    return frozenset(list(stories)[::every])


def is_near(explanation: RuleExplanation) -> bool:
    """Whether a trigger was one condition short.

    What is missing must be half there, as with two saves of three; or it cannot be counted, like the page,
    and something else that is counted is there in full.
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
