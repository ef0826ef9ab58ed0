"""Which part of an event may be kept: what the user did under the id that has given consent, and after that.

Pure functions: the caller knows when consent was given.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import compress

import msgspec

from rasa_autoplay.events.models import ActionsPayload, SummaryPayload
from rasa_autoplay.link.messages import Event

__all__ = ["about_user", "permitted_actions", "user_of"]


def user_of(event: Event) -> str:
    """Return the user whom an event names; empty if it names nobody."""
    return "" if isinstance(event.payload, SummaryPayload) else event.payload.user_id or ""


def permitted_actions(payload: ActionsPayload, since: float) -> ActionsPayload | None:
    """Return the part of a batch that may be kept; None if nothing is left of it.

    An action that names no user, in a batch whose other actions do, is from before the user signed in.

    Args:
        payload: the batch of a user.
        since: when the user gave consent, epoch seconds.
    """
    is_named = any(action.user_id for action in payload.actions)
    kept = [
        action.timestamp_start >= since and (not is_named or action.user_id == payload.user_id)
        for action in payload.actions
    ]
    if all(kept):
        return payload if payload.actions or payload.forwarded_at >= since else None
    actions = list(compress(payload.actions, kept))
    if not actions:
        return None
    event_ids = list(compress(payload.event_ids, kept))
    return msgspec.structs.replace(payload, actions=actions, event_ids=event_ids)


def about_user(user_id: str, sessions: Collection[str]) -> Callable[[Event], bool]:
    """Return a function that tells whether an event is about a user.

    Args:
        user_id: the user.
        sessions: the user's sessions, for events that name no user.
    """

    def is_theirs(event: Event) -> bool:
        payload = event.payload
        named = user_of(event)
        if named:
            return named == user_id
        if payload.session_id in sessions:
            return True
        actions = payload.actions if isinstance(payload, ActionsPayload) else ()
        return any(action.user_id == user_id for action in actions)

    return is_theirs
