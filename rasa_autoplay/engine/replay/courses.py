"""Which sessions of a recording can be foreseen: all their actions are plain ones of one user."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from functools import lru_cache
from operator import attrgetter

from rasa_autoplay.engine.replay.moment import NumberedMoment
from rasa_autoplay.engine.sessions.session import SessionKey
from rasa_autoplay.engine.triggers.course import Course
from rasa_autoplay.events.derived_signals import (
    RAGE_CLICKS_WITHIN_S,
    SAME_FAILURE_S,
    SOURCES_WITH_SIGNALS,
    derive_signals,
    shown_failure,
)
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.settings.engine import SessionSettings

__all__ = ["courses_of"]

#: Actions further apart than this do not belong to the same failure or burst of clicks, whatever is rounded
#: (seconds).
_APART_S = max(RAGE_CLICKS_WITHIN_S, SAME_FAILURE_S) + 0.001
_START = attrgetter("timestamp_start")


def courses_of(
    moments: Sequence[NumberedMoment],
    settings: SessionSettings,
    stays_s: float,
    left_out: Set[SessionKey],
) -> dict[SessionKey, Course]:
    """Return the courses of the sessions that can be foreseen.

    Args:
        moments: all moments of some users, in order of time. The failure signals of these sessions are set.
        settings: the limits of sessions.
        stays_s: how long users stay after their last action, in seconds.
        left_out: sessions of which no course is wanted.
    """
    of_session: defaultdict[SessionKey, list[NumberedMoment]] = defaultdict(list)
    for moment in moments:
        payload = moment[2]
        of_session[payload.product_id, payload.session_id or ""].append(moment)
    if len({source for *_, source in moments}) > 1:
        return {}  # of two sources that tell of one user, the engine leaves one out
    together = _overlapping(of_session, stays_s)
    found = {key: _course(own, settings) for key, own in of_session.items() if key not in left_out | together}
    return {key: course for key, course in found.items() if course is not None}


def _overlapping(
    of_session: Mapping[SessionKey, Sequence[NumberedMoment]], stays_s: float
) -> set[SessionKey]:
    """Return the sessions during which a user is present in another one."""
    together: set[SessionKey] = set()
    latest: SessionKey | None = None
    ends_at = -math.inf
    # The sessions are in order of their first moment.
    for key, own in of_session.items():
        if latest is not None and own[0][1] <= ends_at:
            together |= {latest, key}
        if own[-1][1] + stays_s >= ends_at:
            latest, ends_at = key, own[-1][1] + stays_s
    return together


def _course(moments: Sequence[NumberedMoment], settings: SessionSettings) -> Course | None:
    """Return the course of a session; None if it cannot be foreseen."""
    _, _, first, source = moments[0]
    user_id, gap_s = first.user_id, settings.idle_timeout
    actions: list[SlimAction] = []
    newest_at = math.nan
    if not user_id:
        return None
    for _, at, payload, own_source in moments:
        own = payload.actions
        if len(own) != 1 or payload.user_id != user_id or own_source != source or payload.is_verified:
            return None
        action = own[0]
        if at != action.timestamp_start or at <= newest_at or at - newest_at >= gap_s:
            return None
        actions.append(action)
        newest_at = at
    event_ids = [number for _, _, payload, _ in moments for number in payload.event_ids if number]
    if len(set(event_ids)) < len(event_ids):
        return None
    if source not in SOURCES_WITH_SIGNALS:
        _derive(actions, settings)
    return Course(actions, settings.window)


@lru_cache(maxsize=8192)
def _failure_of(kind: str, title: str, description: str) -> str:
    return shown_failure(SlimAction(title, description, "", type=kind))


def _derive(actions: Sequence[SlimAction], settings: SessionSettings) -> None:
    """Derive the failure signals as the engine does, which sees one action after the other."""
    newest_at = -math.inf
    for place, action in enumerate(actions):
        at = action.timestamp_start
        if at - newest_at > _APART_S:
            action.signal = action.signal or _failure_of(action.type, action.title, action.description)
        else:
            window = actions[max(place - settings.window.max_actions, 0) : place]
            since = newest_at - settings.window.lookback
            derive_signals([action], window[bisect_left(window, since, key=_START) :])
        newest_at = at
