"""Whose action was that, and have we seen it? Captured events become batches of actions, one per session.

A page may send its first events before it knows its user, requests overtake each other, and the library sends
again what it believes lost. So for each session the reader keeps who the user is, and for each event that it
was seen: both bounded, the oldest forgotten first. It does no I/O and is not safe for several threads.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import msgspec

from rasa_autoplay.events.base import NoRoom
from rasa_autoplay.events.intake import Intake
from rasa_autoplay.events.models import ActionsPayload, SlimAction
from rasa_autoplay.events.pages import Pages
from rasa_autoplay.events.posthog.elements import Element, elements_of, is_own_interface
from rasa_autoplay.events.posthog.label import ActionLabel, label_event
from rasa_autoplay.events.posthog.signals import SessionSignals, rage_place
from rasa_autoplay.events.posthog.wire import CapturedEvent, CapturedRequest
from rasa_autoplay.events.user_properties import kept_properties, told_properties

__all__ = ["CaptureCounts", "CaptureReader", "hand_on", "identified_user"]

_MAX_URL = 2048
_MAX_EMAIL = 254
_MAX_TIMEZONE = 64
_MAX_SESSION_ID = 200
#: Anonymous ids that one session can have: a page that signs users in and out has two or three.
_MAX_ALIASES = 8
#: A request that took this much longer than the session's quickest: the browser's clock was set meanwhile.
_CLOCK_JUMP_S = 5.0
#: What is sent at once is sent within milliseconds; batches wait for three seconds.
_HELD_BACK_S = 0.5

#: Without a session these are lost; of all others nothing would have been kept.
_NEEDS_SESSION = frozenset(
    {"$autocapture", "$dead_click", "$exception", "$identify", "$pageview", "$rageclick", "failed_request"}
)

#: What a page passes to ``identify()`` by mistake. PostHog refuses these too: all users would become one.
_NO_IDS = frozenset(
    {"", "0", "anonymous", "distinct_id", "distinctid", "email", "false", "guest", "id", "nan", "none"}
    | {"not_authenticated", "null", "[object object]", "true", "undefined"}
)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


class CaptureCounts(msgspec.Struct):
    """What became of the events, since the reader was made.

    Args:
        accepted: became actions.
        duplicate: had been seen before.
        malformed: were no events, or actions without a session.
        ignored: are no actions of the user (identity, page leave, …), or were done in the copilot's own UI.
        page_views: were accepted, and told that a page was opened.
        anonymous: were accepted, of visitors whom nobody has identified so far.
        held_back: were accepted, and kept by the browser for half a second or more, by its own clock.
    """

    accepted: int = 0
    duplicate: int = 0
    malformed: int = 0
    ignored: int = 0
    page_views: int = 0
    anonymous: int = 0
    held_back: int = 0


class _Session(msgspec.Struct, gc=False):
    """What is known of one session: strings and numbers only, so that the collector has nothing to visit."""

    user_id: str | None = None
    #: The newest event that named this user.
    user_seen_at: float = 0.0
    #: When this user replaced another; None while there has been only one.
    switched_at: float | None = None
    email: str | None = None
    #: IANA name of the browser's zone.
    timezone: str = ""
    #: A page that registered the e-mail of the user before may go on sending it.
    previous_email: str | None = None
    #: Anonymous id → the user who had it.
    aliases: dict[str, str] = {}
    next_index: int = 0
    #: The least clock offset of the session's requests: that of the shortest way.
    clock_offset: float | None = None
    #: Made with the session's first click or failure.
    signals: SessionSignals | None = None


class _Located(msgspec.Struct, gc=False):
    """An event, the session that it belongs to, and when it happened."""

    session_id: str
    session: _Session
    at: float
    event: CapturedEvent
    event_id: int
    is_held_back: bool


#: By session and user: actions, each with its event's id.
_Batches = dict[tuple[str, "str | None"], list[tuple[SlimAction, int]]]


class CaptureReader:
    """Turns captured requests into ``ActionsPayload`` batches.

    Args:
        product_id: the channel's own; what the browser claims is ignored.
        pages: the app's pages.
        max_sessions: how many sessions' users are remembered.
        max_uuids: how many events are remembered as seen.
    """

    def __init__(
        self,
        product_id: str,
        pages: Pages | None = None,
        *,
        max_sessions: int = 50_000,
        max_uuids: int = 100_000,
    ) -> None:
        self.counts = CaptureCounts()
        self._product_id = product_id
        self._pages = pages or Pages()
        self._max_sessions, self._max_uuids = max_sessions, max_uuids
        self._sessions: OrderedDict[str, _Session] = OrderedDict()
        # Ids of 64 bits instead of the strings: a third of the memory.
        self._seen: OrderedDict[int, None] = OrderedDict()

    def read(self, request: CapturedRequest) -> list[ActionsPayload]:
        """Read one request.

        Returns:
            One batch per session and user, its actions in the order in which they happened. A batch without
            actions says who a session's user is. Where a session's user changed, the newest comes last.
        """
        self.counts.malformed += request.malformed
        located = self._locate(request)
        # Identities first: what was done before signing in belongs to the same person.
        news = [item for item in located if _learn_identity(item.session, item.event, item.at)]
        batches: _Batches = {}
        for item in located:
            action = self._action(item)
            if action is not None:
                batches.setdefault((item.session_id, action.user_id), []).append((action, item.event_id))
        properties = _told_of_users(located)
        for item in news:
            batches.setdefault((item.session_id, item.session.user_id), [])
        sessions = {item.session_id: item.session for item in located}
        for session_id in properties:
            batches.setdefault((session_id, sessions[session_id].user_id), [])
        return self._payloads(batches, sessions, properties, request.received_at)

    def forget(self, payload: ActionsPayload) -> None:
        """Take back what found no room further on: when it is sent again, it is new."""
        self.counts.accepted -= len(payload.actions)
        for event_id in payload.event_ids:
            self._seen.pop(event_id, None)

    def _locate(self, request: CapturedRequest) -> list[_Located]:
        located: list[_Located] = []
        for event in request.events:
            session_id = event.properties.get("$session_id")
            event_id = _event_id(event.uuid)
            if self._is_duplicate(event_id):
                self.counts.duplicate += 1
            elif isinstance(session_id, str) and session_id:
                session = self._session(session_id[:_MAX_SESSION_ID])
                session.timezone = _timezone(event.properties) or session.timezone
                at = event.timestamp + _steadied(session, request.clock_offset)
                held_back = request.clock_offset is not None and (
                    request.received_at - event.timestamp >= _HELD_BACK_S
                )
                located.append(
                    _Located(session_id[:_MAX_SESSION_ID], session, at, event, event_id, held_back)
                )
            elif event.event in _NEEDS_SESSION:
                self.counts.malformed += 1
            else:
                self.counts.ignored += 1
        located.sort(key=lambda item: item.at)
        return located

    def _is_duplicate(self, event_id: int) -> bool:
        if not event_id:
            return False
        if event_id in self._seen:
            return True
        self._seen[event_id] = None
        if len(self._seen) > self._max_uuids:
            self._seen.popitem(last=False)
        return False

    def _session(self, session_id: str) -> _Session:
        session = self._sessions.get(session_id)
        if session is None:
            session = self._sessions[session_id] = _Session()
            if len(self._sessions) > self._max_sessions:
                self._sessions.popitem(last=False)
        else:
            self._sessions.move_to_end(session_id)
        return session

    def _action(self, item: _Located) -> SlimAction | None:
        properties = item.event.properties
        elements = elements_of(properties)
        url = properties.get("$current_url")
        raw_url = url[:_MAX_URL] if isinstance(url, str) else ""
        canonical = self._pages.canonical(raw_url)
        label = label_event(item.event.event, properties, elements, self._pages.page(canonical))
        if label is None or is_own_interface(elements):
            self.counts.ignored += 1
            return None
        signal = _signal(item, label, elements)
        if signal is None:
            self.counts.ignored += 1
            return None
        self.counts.accepted += 1
        self.counts.page_views += label.type == "pageview"
        self.counts.held_back += item.is_held_back
        user_id = _user_of(item)
        self.counts.anonymous += user_id is None
        item.session.next_index += 1
        return SlimAction(
            title=label.title,
            description=label.description,
            canonical_url=canonical,
            index=item.session.next_index - 1,
            type=label.type,
            timestamp_start=item.at,
            timestamp_end=item.at,
            raw_url=raw_url,
            session_id=item.session_id,
            user_id=user_id,
            email=item.session.email if user_id == item.session.user_id else None,
            element_id=label.element_id,
            signal=signal,
        )

    def _payloads(
        self,
        batches: _Batches,
        sessions: Mapping[str, _Session],
        properties: Mapping[str, dict[str, Any]],
        received_at: float,
    ) -> list[ActionsPayload]:
        # An earlier user's late action must not make that user the session's again.
        for session_id, user_id in list(batches):
            if user_id is not None:
                batches.setdefault((session_id, sessions[session_id].user_id), [])
        payloads = [
            ActionsPayload(
                product_id=self._product_id,
                session_id=session_id,
                user_id=user_id,
                email=sessions[session_id].email if user_id == sessions[session_id].user_id else None,
                actions=[action for action, _ in named],
                forwarded_at=received_at,
                event_ids=[event_id for _, event_id in named],
                timezone=sessions[session_id].timezone,
                properties=properties.get(session_id, {}) if user_id == sessions[session_id].user_id else {},
            )
            for (session_id, user_id), named in batches.items()
        ]
        return sorted(payloads, key=lambda batch: batch.user_id == sessions[batch.session_id or ""].user_id)


def _signal(item: _Located, label: ActionLabel, elements: Sequence[Element]) -> str | None:
    """What went wrong with an action; ``""`` for nothing, None when it tells again of what has been told."""
    if label.type == "pageview" or (label.type != "click" and not label.signal):
        return ""
    signals = item.session.signals = item.session.signals or SessionSignals()
    if label.signal in ("error", "failed_request"):
        return label.signal if signals.is_new_failure(item.at) else None
    if label.signal == "rage_click":
        return label.signal if signals.is_new_rage(item.at) else None
    if label.signal:
        return label.signal
    return "rage_click" if signals.is_rage(rage_place(elements, label.title), item.at) else ""


def hand_on(payloads: Iterable[ActionsPayload], reader: CaptureReader, intake: Intake) -> None:
    """Let a request's batches in.

    Raises:
        NoRoom: some found none, and were forgotten by the reader.
    """
    before = intake.counts["dropped"]
    for payload in payloads:
        dropped = intake.counts["dropped"]
        intake.take(payload)
        if intake.counts["dropped"] > dropped:
            reader.forget(payload)
    if intake.counts["dropped"] > before:
        raise NoRoom


def _event_id(uuid: str) -> int:
    """The event's id in 64 bits, the same in every run of the server; 0 when the library gave none."""
    return int.from_bytes(blake2b(uuid.encode(), digest_size=8).digest(), "big") if uuid else 0


def _steadied(session: _Session, clock_offset: float | None) -> float:
    """Seconds to add to a request's times so that its way does not count, but the session's shortest way.

    A request that was under way for long would move its actions behind those of the next one.
    """
    if clock_offset is None:
        return 0.0
    least = session.clock_offset
    if least is None or not 0 <= clock_offset - least <= _CLOCK_JUMP_S:
        session.clock_offset = clock_offset
        return 0.0
    return least - clock_offset


def identified_user(event: CapturedEvent) -> str | None:
    """The signed-in user whom an event names; None while the visitor is anonymous.

    posthog-js says ``$is_identified`` since 2024. Before, it set ``$user_id`` on ``identify()``; an anonymous
    visitor's id is the device's, or after ``reset()`` another UUID.
    """
    user_id = event.distinct_id
    properties = event.properties
    if user_id.lower() in _NO_IDS or user_id.startswith("$") or user_id == properties.get("$device_id"):
        return None
    stated = properties.get("$is_identified")
    if event.event == "$identify" or stated is True:
        return user_id
    if stated is False:
        return None
    named = properties.get("$user_id") == user_id
    return user_id if named or _UUID.fullmatch(user_id) is None else None


def _learn_identity(session: _Session, event: CapturedEvent, at: float) -> bool:
    """Note what an event says about the session's user; True when the engine should hear of it."""
    user_id = identified_user(event)
    email = _email(event.properties)
    if user_id is None:
        if session.user_id is None:
            session.email = email or session.email
        return False
    _learn_aliases(session, event, user_id)
    news = event.event == "$identify"
    if user_id != session.user_id:
        if at < session.user_seen_at:
            return False
        if session.user_id is not None:
            session.switched_at, session.previous_email, session.email = at, session.email, None
        session.user_id = user_id
        news = True
    session.user_seen_at = max(session.user_seen_at, at)
    if email and email not in (session.email, session.previous_email):
        session.email = email
        news = True
    return news


def _told_of_users(located: Sequence[_Located]) -> dict[str, dict[str, Any]]:
    """What a request says of each session's user; of who was there before them nothing is taken."""
    told: dict[str, dict[str, Any]] = {}
    for item in located:
        said = kept_properties(told_properties(item.event.properties))
        if said and item.session.user_id and identified_user(item.event) == item.session.user_id:
            told.setdefault(item.session_id, {}).update(said)
    return told


def _learn_aliases(session: _Session, event: CapturedEvent, user_id: str) -> None:
    for name in ("$anon_distinct_id", "$device_id"):
        anonymous = event.properties.get(name)
        if (
            isinstance(anonymous, str)
            and anonymous != session.user_id
            and len(session.aliases) < _MAX_ALIASES
        ):
            session.aliases.setdefault(anonymous[:_MAX_SESSION_ID], user_id)


def _user_of(item: _Located) -> str | None:
    session = item.session
    user_id = identified_user(item.event) or session.aliases.get(item.event.distinct_id)
    if user_id is None and (session.switched_at is None or item.at >= session.switched_at):
        # Anonymous with an unknown id: the session's user, unless it may have been the one before.
        return session.user_id
    return user_id


def _email(properties: Mapping[str, Any]) -> str | None:
    person = properties.get("$set")
    # What identify() says is newer than what register() left in the page's storage.
    stated = person.get("email") if isinstance(person, dict) else None
    for value in (stated, properties.get("email")):
        if isinstance(value, str) and "@" in value and len(value) <= _MAX_EMAIL:
            return value.strip()
    return None


def _timezone(properties: Mapping[str, Any]) -> str:
    """The browser's own word; whether there is such a zone is seen where it is used."""
    zone = properties.get("$timezone")
    return zone if isinstance(zone, str) and len(zone) <= _MAX_TIMEZONE else ""
