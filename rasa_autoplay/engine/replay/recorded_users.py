"""The users of a recording. What the engine decides for one does not depend on the others."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rasa_autoplay.engine.replay.joined_users import JoinedUsers
from rasa_autoplay.engine.replay.moment import Moment
from rasa_autoplay.events.models import SlimAction

__all__ = ["RecordedUser", "moments_of", "recorded_users"]

_DAY_S = 86_400


@dataclass
class RecordedUser:
    """A user, or several who shared a session.

    Args:
        names: the ids of the users.
        moments: what they did, in order of time.
        sessions: their actions by session, in order of time.
        days: each user with each day (UTC, from the epoch) on which they were active.
    """

    names: set[str] = field(default_factory=set)
    moments: list[Moment] = field(default_factory=list)
    sessions: dict[str, list[SlimAction]] = field(default_factory=lambda: defaultdict(list))
    days: set[tuple[str, int]] = field(default_factory=set)

    @property
    def place(self) -> bytes:
        """A place in an order that has nothing to do with what the user did, so its beginning is a sample."""
        return hashlib.sha256(min(self.names).encode()).digest()


def recorded_users(moments: Iterable[Moment]) -> list[RecordedUser]:
    """Return the users, in an order that is the same each time and independent of what they did.

    Sessions whose user never became known are left out: nothing is offered there.

    Args:
        moments: the recording, in order of time.
    """
    listed = list(moments)
    groups = JoinedUsers()
    for _, payload, _ in listed:
        groups.add(payload.session_id or "", payload.user_id)
    found: dict[str, RecordedUser] = defaultdict(RecordedUser)
    for moment in listed:
        at, payload, _ = moment
        user = found[groups.of_session(payload.session_id or "")]
        user.moments.append(moment)
        if payload.user_id:
            user.names.add(payload.user_id)
            user.days.add((payload.user_id, int(at // _DAY_S)))
        user.sessions[payload.session_id or ""].extend(payload.actions)
    return sorted((user for user in found.values() if user.names), key=lambda user: user.place)


def moments_of(users: Sequence[RecordedUser]) -> list[Moment]:
    """Return what these users did, in order of time."""
    moments = [moment for user in users for moment in user.moments]
    moments.sort(key=lambda moment: moment[0])
    return moments
