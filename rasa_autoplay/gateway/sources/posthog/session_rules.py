"""Which session a captured event belongs to: the analytics session, or that of its signed-in user."""

from __future__ import annotations

from collections.abc import Callable

from rasa_autoplay.common.identity.ids import derived_id
from rasa_autoplay.gateway.sources.posthog.identities import MAX_SESSION_ID
from rasa_autoplay.gateway.sources.posthog.wire import CapturedEvent

__all__ = ["SESSION_RULES", "SessionRule", "is_cookieless", "session_of_analytics", "session_of_user"]

#: Returns an event's session, given the user whom it names; empty if it has none.
SessionRule = Callable[[CapturedEvent, "str | None"], str]


def session_of_analytics(event: CapturedEvent, user_id: str | None) -> str:
    """The analytics session.

    In its cookieless mode, posthog-js has no sessions. Then all events of a signed-in user form one session,
    and the engine decides when it ends.
    """
    session_id = event.properties.get("$session_id")
    if isinstance(session_id, str) and session_id:
        return session_id[:MAX_SESSION_ID]
    return derived_id("user_", user_id) if user_id and is_cookieless(event) else ""


def session_of_user(event: CapturedEvent, user_id: str | None) -> str:
    """One session for each signed-in user, however many the page has: with in-memory persistence, posthog-js
    begins a new one on each page load.
    """
    return derived_id("user_", user_id) if user_id else session_of_analytics(event, user_id)


def is_cookieless(event: CapturedEvent) -> bool:
    """Whether posthog-js runs without sessions."""
    return event.properties.get("$cookieless_mode") is True


#: By their names in ``credentials.yml``.
SESSION_RULES: dict[str, SessionRule] = {"of_analytics": session_of_analytics, "of_user": session_of_user}
