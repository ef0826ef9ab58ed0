"""The results of a simulation, in order of time."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, MutableSequence, Sequence
from dataclasses import dataclass, field

from rasa_autoplay.engine.replay.assumptions import Assumptions
from rasa_autoplay.engine.replay.users import RememberedUser
from rasa_autoplay.engine.sessions.session import SessionKey
from rasa_autoplay.events.models import SlimAction

__all__ = ["Fire", "NearMiss", "Outcome", "SessionStory", "Suppression"]

_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Fire:
    """An offer that would have been made, or withheld.

    Args:
        trigger_id: the trigger's id.
        user_id: the user's id.
        session_id: the session's id.
        at: when, in epoch seconds.
        body: the toast's text.
        page: the page's canonical URL.
        quiet_until: when the next offer in the session is possible, in epoch seconds.
        after_last_action: whether the session has no later action, so that the user may have left.
        arm: the group of users that the decision belongs to; ``shown`` if the offer was made.
        variant: id of the trigger's variant; empty if it has none.
    """

    trigger_id: str
    user_id: str
    session_id: str
    at: float
    body: str = ""
    page: str = ""
    quiet_until: float = 0.0
    after_last_action: bool = False
    arm: str = "shown"
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Suppression:
    """A trigger fired, and a courtesy gate stopped or delayed the offer.

    Args:
        trigger_id: the trigger's id.
        user_id: the user's id.
        session_id: the session's id.
        at: when, in epoch seconds.
        gate: the gate's name.
        until: when the gate opens without further events, in epoch seconds; infinity for never.
        outcome: ``stopped``; ``deferred`` if the offer waits for a natural pause; ``dropped`` if the trigger
            no longer held after the wait.
        detail: the gate's explanation, for people.
    """

    trigger_id: str
    user_id: str
    session_id: str
    at: float
    gate: str
    until: float = math.inf
    outcome: str = "stopped"
    detail: str = ""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """The nearest that a trigger came to firing, in a session in which it did not fire.

    Args:
        trigger_id: the trigger's id.
        user_id: the user's id.
        session_id: the session's id.
        at: when, in epoch seconds.
        nearness: from 0 to 1, the mean over its conditions.
        missing: the missing condition, in numbers.
    """

    trigger_id: str
    user_id: str
    session_id: str
    at: float
    nearness: float
    missing: str


@dataclass(slots=True)
class SessionStory:
    """The recording of one session.

    Args:
        session_id: the session's id.
        user_id: the last known user; empty if the session stayed anonymous.
        actions: the actions, in order of time; empty if a replay in several processes kept only the times.
        times: the actions' times in epoch seconds, in order.
    """

    session_id: str
    user_id: str = ""
    actions: list[SlimAction] = field(default_factory=list)
    times: MutableSequence[float] = field(default_factory=list)

    def is_present(self, now: float, stays_s: float, gap_s: float) -> bool:
        """Whether the user is assumed to be on the page.

        Args:
            now: epoch seconds.
            stays_s: how many seconds the user stays after the last action before a pause.
            gap_s: after a pause longer than this many seconds, the user had left and came back.
        """
        following = bisect_right(self.times, now)
        if following == 0:
            return False
        idle_since = self.times[following - 1]
        comes_back = following < len(self.times) and self.times[following] - idle_since <= gap_s
        return comes_back or now - idle_since <= stays_s


@dataclass
class Outcome:
    """All results of a simulation.

    Args:
        config: the configuration file's name.
        product_id: the product's id.
        trigger_ids: the triggers' ids, in order of priority.
        assumptions: how users were assumed to behave.
        sessions: the sessions by product and session id, in order of their first action.
        fires: the offers that would have been made.
        withheld: the offers that chance would have withheld.
        suppressed: the offers that courtesy stopped or delayed.
        near_misses: the near misses in the examined sessions.
        counts: the engine's counts: actions, duplicates, evaluations, trigger errors.
        looked_at: how many sessions were examined for near misses.
        users: what memory would know of each user, by user id.
        external_ids: the triggers whose offers the team's own code makes, so that no replay knows them.
    """

    config: str
    product_id: str
    trigger_ids: list[str]
    assumptions: Assumptions
    sessions: dict[SessionKey, SessionStory]
    fires: list[Fire] = field(default_factory=list)
    withheld: list[Fire] = field(default_factory=list)
    suppressed: list[Suppression] = field(default_factory=list)
    near_misses: list[NearMiss] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    looked_at: int = 0
    users: dict[str, RememberedUser] = field(default_factory=dict)
    external_ids: list[str] = field(default_factory=list)

    def days_of_users(self) -> set[tuple[str, int]]:
        """Return each user with each day (UTC, counted from the epoch) on which they were active."""
        return {(story.user_id, day) for story in self.sessions.values() for day in _days(story.times)}


def _days(times: Sequence[float]) -> Iterable[int]:
    """Return the days of times that are in order."""
    first, last = int(times[0] // _DAY_S), int(times[-1] // _DAY_S)
    return (first,) if first == last else {int(at // _DAY_S) for at in times}
