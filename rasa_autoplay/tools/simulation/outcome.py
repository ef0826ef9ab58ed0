"""What a simulation found: values only, in order of time."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field

from rasa_autoplay.engine.sessions.session import SessionKey
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.tools.simulation.assumptions import Assumptions
from rasa_autoplay.tools.simulation.users import RememberedUser

__all__ = ["Fire", "NearMiss", "Outcome", "SessionStory", "Suppression"]


@dataclass(frozen=True, slots=True)
class Fire:
    """An offer that would have been made.

    Args:
        trigger_id: by which trigger.
        user_id: to whom.
        session_id: in which session.
        at: epoch seconds.
        body: the toast's text.
        page: canonical URL of the page.
        quiet_until: when the session could be offered something again, epoch seconds.
        after_last_action: whether the recording has no later action of the session: the user may have left.
    """

    trigger_id: str
    user_id: str
    session_id: str
    at: float
    body: str = ""
    page: str = ""
    quiet_until: float = 0.0
    after_last_action: bool = False


@dataclass(frozen=True, slots=True)
class Suppression:
    """A trigger fired, and courtesy closed or delayed it.

    Args:
        trigger_id: which trigger.
        user_id: for whom.
        session_id: in which session.
        at: epoch seconds.
        gate: which gate.
        until: when it opens by time alone, epoch seconds; infinity for never.
        outcome: ``stopped``; ``deferred`` when the offer waits for a natural pause; ``dropped`` when it
            waited, and then fired no more.
        detail: the gate's numbers, for people.
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
    """How near a trigger came, at its nearest, in a session in which it did not fire.

    Args:
        trigger_id: which trigger.
        user_id: for whom.
        session_id: in which session.
        at: epoch seconds.
        nearness: from 0 to 1, the mean of its conditions'.
        missing: what was missing, in numbers.
    """

    trigger_id: str
    user_id: str
    session_id: str
    at: float
    nearness: float
    missing: str


@dataclass(slots=True)
class SessionStory:
    """What was recorded of a session.

    Args:
        session_id: its id.
        user_id: the user who was known last; empty for one who never signed in.
        actions: in order of time.
        times: their times, epoch seconds.
    """

    session_id: str
    user_id: str = ""
    actions: list[SlimAction] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def is_present(self, now: float, stays_s: float, gap_s: float) -> bool:
        """Whether the user can be assumed to be on the page.

        Args:
            now: epoch seconds.
            stays_s: how long they stay after an action that no other follows.
            gap_s: a pause longer than this has no next action: the session was left and taken up again.
        """
        following = bisect_right(self.times, now)
        if following == 0:
            return False
        idle_since = self.times[following - 1]
        comes_back = following < len(self.times) and self.times[following] - idle_since <= gap_s
        return comes_back or now - idle_since <= stays_s


@dataclass
class Outcome:
    """Everything.

    Args:
        config: the file's name.
        product_id: whose app.
        trigger_ids: in order of priority.
        assumptions: what was assumed of the users.
        sessions: by product and session id, in order of their first action.
        counts: the driver's own: actions, duplicates, evaluations, errors of triggers.
        looked_at: how many of the sessions were looked at for near misses.
        users: what memory would know of each user, by user id.
    """

    config: str
    product_id: str
    trigger_ids: list[str]
    assumptions: Assumptions
    sessions: dict[SessionKey, SessionStory]
    fires: list[Fire] = field(default_factory=list)
    suppressed: list[Suppression] = field(default_factory=list)
    near_misses: list[NearMiss] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    looked_at: int = 0
    users: dict[str, RememberedUser] = field(default_factory=dict)

    def days_of_users(self) -> set[tuple[str, int]]:
        """Each user with each day (since the epoch, UTC) on which they did something."""
        return {(story.user_id, int(at // 86_400)) for story in self.sessions.values() for at in story.times}
