"""Finds the user of a captured session from what its events say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from rasa_autoplay.common.identity.canonical_ids import id_text
from rasa_autoplay.common.identity.ids import MAX_ID_BYTES
from rasa_autoplay.common.languages.tags import canonical_tag
from rasa_autoplay.gateway.sources.posthog.signals import SessionSignals
from rasa_autoplay.gateway.sources.posthog.wire import CapturedEvent

__all__ = [
    "MAX_SESSION_ID",
    "CapturedSession",
    "identified_user",
    "language_of",
    "learn_identity",
    "user_of",
]

#: One more than the limit of ids, so that a cut id is still recognised as too long and refused later.
MAX_SESSION_ID = MAX_ID_BYTES + 1
_MAX_EMAIL = 254
#: Limit of anonymous ids per session; a page that signs users in and out has two or three.
_MAX_ALIASES = 8
#: If a request's offset exceeds the session's smallest by this much, the browser's clock was changed.
_CLOCK_JUMP_S = 5.0

#: Values that pages pass to ``identify()`` by mistake. PostHog refuses them too: all users would become one.
_NO_IDS = frozenset(
    {"", "0", "anonymous", "distinct_id", "distinctid", "email", "false", "guest", "id", "nan", "none"}
    | {"not_authenticated", "null", "[object object]", "true", "undefined"}
)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


class CapturedSession(msgspec.Struct, gc=False):
    """The state of one session: strings and numbers only, so the garbage collector has nothing to visit."""

    #: The user whose token came with its events; empty if no token came.
    verified_user: str = ""
    user_id: str | None = None
    #: The time of the newest event that named this user, epoch seconds.
    user_seen_at: float = 0.0
    #: When this user replaced another, epoch seconds; None if there was only one.
    switched_at: float | None = None
    email: str | None = None
    #: IANA name of the browser's time zone.
    timezone: str = ""
    #: The browser's language, a BCP 47 tag.
    language: str = ""
    #: A page that registered the e-mail address of the previous user may continue to send it.
    previous_email: str | None = None
    #: Anonymous id → its user.
    aliases: dict[str, str] = {}
    next_index: int = 0
    #: The smallest clock offset of the session's requests, in seconds: that of the fastest request.
    clock_offset: float | None = None
    #: Created with the session's first click or failure.
    signals: SessionSignals | None = None

    def copy(self) -> CapturedSession:
        """A copy that can be changed independently."""
        made = msgspec.structs.replace(self)
        made.aliases = dict(self.aliases)
        made.signals = self.signals and msgspec.structs.replace(self.signals)
        return made

    def steadied(self, clock_offset: float | None) -> float:
        """Seconds to add to a request's times, to correct them for its transfer time.

        Without this, the actions of a slow request would seem to follow those of the next request. All
        requests of a session are corrected to its fastest one.
        """
        if clock_offset is None:
            return 0.0
        least = self.clock_offset
        if least is None or not 0 <= clock_offset - least <= _CLOCK_JUMP_S:
            self.clock_offset = clock_offset
            return 0.0
        return least - clock_offset


def identified_user(event: CapturedEvent) -> str | None:
    """The signed-in user whom an event names; None if the visitor is anonymous.

    posthog-js sends ``$is_identified`` since 2024. Before, it set ``$user_id`` on ``identify()``. The id of
    an anonymous visitor is the device's id or, after ``reset()``, another UUID. With ``bootstrap``, the
    device's id may be that of a user: then ``identify()`` with the same id sets ``$user_id``, and some
    versions continue to say that the user is not identified.
    """
    user_id = event.distinct_id
    properties = event.properties
    if user_id.lower() in _NO_IDS or user_id.startswith("$"):
        return None
    stated = properties.get("$is_identified")
    if event.event == "$identify" or stated is True or id_text(properties.get("$user_id")) == user_id:
        return user_id
    if stated is False or user_id == properties.get("$device_id"):
        return None
    return user_id if _UUID.fullmatch(user_id) is None else None


def learn_identity(session: CapturedSession, event: CapturedEvent, at: float, user_id: str | None) -> bool:
    """Update a session with what an event says about its user.

    Args:
        session: is changed.
        event: the captured event.
        at: when the event happened, epoch seconds.
        user_id: the user whom the event names, or who has sent it; None for an anonymous visitor.

    Returns:
        Whether the engine must be informed.
    """
    email = _email(event.properties)
    if user_id is None:
        if session.user_id is None:
            session.email = email or session.email
        return False
    _learn_aliases(session, event, user_id)
    is_new = event.event == "$identify"
    if user_id != session.user_id:
        if at < session.user_seen_at:
            return False
        if session.user_id is not None:
            session.switched_at, session.previous_email, session.email = at, session.email, None
        session.user_id = user_id
        is_new = True
    session.user_seen_at = max(session.user_seen_at, at)
    if email and email not in (session.email, session.previous_email):
        session.email = email
        is_new = True
    return is_new


def _learn_aliases(session: CapturedSession, event: CapturedEvent, user_id: str) -> None:
    for name in ("$anon_distinct_id", "$device_id"):
        anonymous = event.properties.get(name)
        if (
            isinstance(anonymous, str)
            and anonymous != session.user_id
            and len(session.aliases) < _MAX_ALIASES
        ):
            session.aliases.setdefault(anonymous[:MAX_SESSION_ID], user_id)


def user_of(session: CapturedSession, event: CapturedEvent, at: float, user_id: str | None) -> str | None:
    """The user of an event; None if unknown. The arguments are those of :func:`learn_identity`."""
    user_id = user_id or session.aliases.get(event.distinct_id)
    if user_id is None and (session.switched_at is None or at >= session.switched_at):
        # An unknown anonymous id: the session's current user, unless it may be the previous one.
        return session.user_id
    return user_id


def _email(properties: Mapping[str, Any]) -> str | None:
    person = properties.get("$set")
    # The value from identify() is newer than the one that register() stored in the page.
    stated = person.get("email") if isinstance(person, dict) else None
    for value in (stated, properties.get("email")):
        if isinstance(value, str) and "@" in value and len(value) <= _MAX_EMAIL:
            return value.strip()
    return None


def language_of(properties: Mapping[str, Any]) -> str:
    """The browser's language as a canonical tag; empty if it sends none."""
    language = properties.get("$browser_language")
    return (canonical_tag(language) or "") if isinstance(language, str) else ""
