"""The controls that users have operated in live sessions, as far as freshness needs them."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.engine.freshness.path_observer import Use
from rasa_autoplay.engine.sessions.session import Session, SessionKey
from rasa_autoplay.events.models import SlimAction

__all__ = ["Traces"]

#: Types of actions on a control.
_USES = frozenset({"click", "submit", "type", "change", ""})
#: Of more sessions, those whose trace began longest ago lose it; of longer traces, the oldest uses.
_MOST_SESSIONS, _MOST_USES = 5_000, 100


class _Trace(NamedTuple):
    """What one user has operated in a session."""

    user_id: str | None
    uses: deque[Use]


class Traces:
    """Follows sessions that have begun a golden path. For all others it costs one comparison."""

    def __init__(self) -> None:
        self._traces: BoundedDict[SessionKey, _Trace] = BoundedDict(_MOST_SESSIONS)

    def observe(self, session: Session, actions: Sequence[SlimAction]) -> None:
        """Observe new actions of a session, after what they prove was stored in it."""
        if session.step_evidence is None:
            return
        trace = self._traces.get(session.key)
        if trace is None or trace.user_id != session.user_id:
            trace = self._traces[session.key] = _Trace(session.user_id, deque(maxlen=_MOST_USES))
            actions = session.window.actions  # the controls before the first step, too
        trace.uses.extend(_uses_of(actions))

    def end(self, session: Session) -> Sequence[Use]:
        """Forget a session; return the controls, oldest first."""
        trace = self._traces.pop(session.key, None)
        return sorted(set(trace.uses)) if trace is not None else ()

    def forget_user(self, user_id: str) -> None:
        """Forget the sessions of a user."""
        for key in [key for key, trace in self._traces.items() if trace.user_id == user_id]:
            del self._traces[key]


def _uses_of(actions: Iterable[SlimAction]) -> Iterable[Use]:
    return (
        Use(action.timestamp_start, action.index, sys.intern(action.title), sys.intern(action.element_id))
        for action in actions
        if action.type in _USES and not action.signal
    )
