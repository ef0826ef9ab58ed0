"""What a user did after a trigger had fired, without having seen an offer: would help have been welcome?"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum

from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.tools.discovery.evidence.act_matcher import ActMatcher
from rasa_autoplay.tools.discovery.findings.finding import Act, Finding, FindingKind

__all__ = ["FOUND_WITHIN_S", "WENT_ON_WITHIN_S", "Aftermath", "Ways", "ways_of"]

#: Users who find the fast way this soon did not need help (seconds).
FOUND_WITHIN_S = 120.0
#: Users who go on with the slow way within this time could have used help (seconds).
WENT_ON_WITHIN_S = 600.0


class Aftermath(str, Enum):
    """What happened after a fire."""

    #: The user went on the slow way: help would have been welcome.
    WENT_ON = "went_on"
    #: The user found the fast way without help: the offer would have been noise.
    FOUND = "found"
    #: Neither: the user left, or did something else.
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Ways:
    """The acts by which the two ways are told apart.

    Args:
        slow: acts that only the slow way has.
        fast: acts that only the fast way has, or the goal; empty if no act shows that the user found a way.
        is_given_up: whether the slow way is to give up, so that leaving at once counts, too.
    """

    slow: ActMatcher
    fast: ActMatcher
    is_given_up: bool = False

    def after(self, actions: Sequence[SlimAction], at: float) -> Aftermath:
        """Say what the user did after a fire.

        Args:
            actions: the actions of the session, in order of time.
            at: the time of the fire, epoch seconds.
        """
        first = bisect_right(actions, at, key=_began_at)
        later = actions[first : bisect_right(actions, at + WENT_ON_WITHIN_S, key=_began_at)]
        soon = later[: bisect_right(later, at + FOUND_WITHIN_S, key=_began_at)]
        if self.fast.any_of(soon):
            return Aftermath.FOUND
        if self.slow.any_of(later) or (self.is_given_up and not later):
            return Aftermath.WENT_ON
        return Aftermath.NEITHER

    def has_slow_act(self, actions: Sequence[SlimAction]) -> bool:
        """Whether any of these actions belongs to the slow way."""
        return self.slow.any_of(actions)


def ways_of(finding: Finding) -> Ways:
    """Return the acts that tell the two ways of a finding apart."""
    slow, fast = set(finding.slow_way), set(finding.fast_way)
    goal = {finding.goal} if finding.goal is not None else set()
    is_stall = finding.kind is FindingKind.STALL
    is_workflow = finding.kind is FindingKind.WORKFLOW
    # A goal that the slow way reaches, too, does not show that the user found the fast one.
    found = goal if is_stall or is_workflow else _telling(fast - slow) or goal - slow
    went_on = _telling(slow - fast - found) or _telling(slow - found)
    return Ways(ActMatcher(went_on), ActMatcher(found), is_given_up=is_stall and bool(found))


def _telling(acts: Collection[Act]) -> set[Act]:
    """Leave out page views, which have many reasons, if there are other acts."""
    return {act for act in acts if not act.is_page_view} or set(acts)


def _began_at(action: SlimAction) -> float:
    return action.timestamp_start
