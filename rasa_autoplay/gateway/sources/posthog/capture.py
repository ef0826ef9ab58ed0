"""Turns captured requests into batches of actions, one per session and user.

A page may send its first events before it identifies its user, requests overtake each other, and posthog-js
sends a request again if it misses the answer. So the reader remembers the user of each session and the id of
each event. It reads a request into a draft, and remembers the draft once its batches are accepted. The reader
does no I/O and is not thread-safe.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from hashlib import blake2b
from typing import Any

from rasa_autoplay.common.identity.ids import session_of_their_own
from rasa_autoplay.events.models import ActionsPayload, LeftOut, SlimAction
from rasa_autoplay.events.outcome_types import POSTHOG_EVENTS
from rasa_autoplay.events.user_facts import stated_properties, zone_of_event
from rasa_autoplay.events.user_properties import PropertyValue, storable_properties
from rasa_autoplay.gateway.sources.failures import FailedEvents
from rasa_autoplay.gateway.sources.pages import Pages
from rasa_autoplay.gateway.sources.posthog.batches import batch_actions
from rasa_autoplay.gateway.sources.posthog.capture_state import CaptureState
from rasa_autoplay.gateway.sources.posthog.detected_page_setup import PageSetup
from rasa_autoplay.gateway.sources.posthog.draft import CaptureCounts, Draft, DraftEvent
from rasa_autoplay.gateway.sources.posthog.elements import Element, elements_of, is_own_interface
from rasa_autoplay.gateway.sources.posthog.identities import (
    CapturedSession,
    identified_user,
    language_of,
    learn_identity,
    user_of,
)
from rasa_autoplay.gateway.sources.posthog.label import ActionLabel, label_event
from rasa_autoplay.gateway.sources.posthog.remembered_users import EVERYBODY, RememberedUsers
from rasa_autoplay.gateway.sources.posthog.sender import ANY_SENDER, Sender
from rasa_autoplay.gateway.sources.posthog.session_rules import (
    SessionRule,
    is_cookieless,
    session_of_analytics,
)
from rasa_autoplay.gateway.sources.posthog.signals import SessionSignals, rage_place
from rasa_autoplay.gateway.sources.posthog.wire import CapturedEvent, CapturedRequest

__all__ = ["CaptureReader"]

_MAX_URL = 2048
#: posthog-js sends urgent events within milliseconds, and batches after three seconds.
_HELD_BACK_S = 0.5

#: Events that are lost without a session; the others would become no action anyway.
_NEEDS_SESSION = frozenset(
    {"$autocapture", "$dead_click", "$exception", "$identify", "$pageview", "$rageclick", "failed_request"}
)


class CaptureReader:
    """Turns captured requests into ``ActionsPayload`` batches.

    Args:
        product_id: the channel's own; what the browser claims is ignored.
        pages: the app's pages.
        left_out: called with the problem of each event that failed.
        users: those whose events may be read, and who may be remembered.
        session_of: finds the session of an event.
        max_sessions: how many sessions the reader remembers.
        max_uuids: how many event ids the reader remembers.
    """

    def __init__(
        self,
        product_id: str,
        pages: Pages | None = None,
        *,
        left_out: LeftOut | None = None,
        users: RememberedUsers = EVERYBODY,
        session_of: SessionRule = session_of_analytics,
        max_sessions: int = 50_000,
        max_uuids: int = 100_000,
    ) -> None:
        self.counts = CaptureCounts()
        self.setup = PageSetup()
        self._product_id = product_id
        self._pages = pages or Pages()
        self._state = CaptureState(max_sessions, max_uuids)
        self._users = users
        self._session_of = session_of
        self._left_out = left_out or FailedEvents("capture").record

    def read(self, request: CapturedRequest) -> list[ActionsPayload]:
        """Read a request and remember it at once; for a source whose batches cannot be dropped."""
        draft = self.draft(request)
        self.remember(draft, range(len(draft.batches)))
        return draft.batches

    def draft(self, request: CapturedRequest, sender: Sender = ANY_SENDER) -> Draft:
        """Read a request without remembering it.

        Args:
            request: the captured request.
            sender: who sent it.
        """
        draft = Draft(request, sender)
        self._each(request.events, lambda event: self._locate(draft, event))
        draft.events.sort(key=lambda event: event.at)
        # Identities first: what a visitor did before signing in belongs to the same user.
        identified: list[DraftEvent] = []
        draft.events = self._each(draft.events, lambda event: _learn(draft, event, identified))
        draft.events = self._each(draft.events, lambda event: self._add_action(draft, event))
        properties = self._properties_of_users(draft)
        batch_actions(draft, self._product_id, (event.key for event in identified), properties)
        return draft

    def _each(self, events: Iterable[Any], read: Callable[[Any], None]) -> list[Any]:
        """Call ``read`` with each event, and return those that did not fail."""
        good = []
        for event in events:
            try:
                read(event)
            except Exception as problem:
                self._left_out(problem)
            else:
                good.append(event)
        return good

    def remember(self, draft: Draft, accepted: Collection[int]) -> None:
        """Remember the accepted part of a draft.

        Args:
            draft: made by this reader.
            accepted: indexes of the accepted batches. The reader remembers nothing about the sessions of the
                other batches: their events are new when they are sent again.
        """
        if draft.is_refused:
            self.counts.of_another_user += draft.counts.of_another_user
            return
        dropped = {key for index, (key, _) in enumerate(draft.sources) if index not in accepted}
        done = [event for event in draft.events if event.action is None and event.key not in dropped]
        for index in accepted:
            done += draft.sources[index][1]
        self._state.store(
            {
                key: session
                for key, session in draft.sessions.items()
                if key not in dropped and self._users.may_remember(session.user_id)
            }
        )
        self._state.mark_seen(event.seen_as for event in done if event.seen_as)
        for event in done:
            draft.counts.count(event)
            if event.action is not None:
                properties = event.captured.properties
                self.setup.record(event.action, event.elements, properties.get("$device_id"))
        self.setup.lost_cookieless += draft.lost_cookieless
        self.counts.add(draft.counts)

    def forget(self, payload: ActionsPayload) -> None:
        """Forget the events of a batch that was lost: they are new when they are sent again."""
        keys = {payload.session_id, session_of_their_own(payload.session_id or "", payload.user_id or "")}
        self._state.forget(hash((key, event_id)) for key in keys for event_id in payload.event_ids)
        self.counts.accepted -= len(payload.actions)

    def forget_user(self, user_id: str) -> None:
        """Forget the sessions of a user."""
        self._state.forget_user(user_id)

    def has_forgotten(self, events: Iterable[int]) -> bool:
        """Whether any of these events, named by ``seen_as``, would be new if it were sent again."""
        return not all(map(self._state.has_seen, events))

    def _locate(self, draft: Draft, captured: CapturedEvent) -> None:
        """Find an event's session, user and time, and add it to the draft."""
        if captured.event in POSTHOG_EVENTS:
            # We sent it to PostHog, which forwards its events: it is nothing that a user did.
            draft.counts.ignored += 1
            return
        named = identified_user(captured)
        if named and not draft.sender.may_name(named):
            draft.counts.of_another_user += 1
            return
        user_id = named or draft.sender.user_id or None
        if not self._users.may_read(user_id):
            draft.counts.ignored += 1
            return
        session_id = self._session_of(captured, user_id)
        if not session_id:
            is_lost = captured.event in _NEEDS_SESSION
            draft.counts.malformed += is_lost
            draft.counts.ignored += not is_lost
            draft.lost_cookieless += is_lost and is_cookieless(captured)
            return
        key = self._state.key_of(session_id, user_id, draft.sessions)
        event_id = _event_id(captured.uuid)
        seen_as = hash((key, event_id)) if event_id else 0
        if seen_as and self._state.has_seen(seen_as):
            draft.counts.duplicate += 1
            draft.duplicates.add(seen_as)
            return
        session = draft.sessions.get(key) or self._state.copy_of(key, session_id)
        request = draft.request
        at = captured.timestamp + session.steadied(request.clock_offset)
        is_held_back = request.clock_offset is not None and (
            request.received_at - captured.timestamp >= _HELD_BACK_S
        )
        session.timezone = zone_of_event(captured.properties) or session.timezone
        session.language = language_of(captured.properties) or session.language
        if user_id and user_id == draft.sender.user_id:
            session.verified_user = user_id
        draft.sessions[key] = session
        draft.events.append(
            DraftEvent(captured, event_id, seen_as, session_id, key, user_id, at, is_held_back)
        )

    def _add_action(self, draft: Draft, event: DraftEvent) -> None:
        """Add the event's action, if the event is one."""
        captured, session = event.captured, draft.sessions[event.key]
        properties = captured.properties
        elements = elements_of(properties)
        url = properties.get("$current_url")
        raw_url = url[:_MAX_URL] if isinstance(url, str) else ""
        canonical = self._pages.canonical(raw_url)
        label = label_event(captured.event, properties, elements, self._pages.page(canonical))
        if label is None or is_own_interface(elements):
            return
        user_id = user_of(session, captured, event.at, event.user_id)
        if event.seen_as and event.seen_as in draft.acted:
            # The request contains the event twice.
            event.is_repeated = True
            return
        signal = _signal_of(session, event.at, label, elements)
        if signal is None:
            return
        draft.acted.add(event.seen_as)
        event.elements = elements
        session.next_index += 1
        event.action = SlimAction(
            title=label.title,
            description=label.description,
            canonical_url=canonical,
            index=session.next_index - 1,
            type=label.type,
            timestamp_start=event.at,
            timestamp_end=event.at,
            raw_url=raw_url,
            session_id=event.session_id,
            user_id=user_id,
            email=session.email if user_id == session.user_id else None,
            element_id=label.element_id,
            signal=signal,
        )

    def _properties_of_users(self, draft: Draft) -> dict[str, dict[str, PropertyValue]]:
        """What a request says about each session's current user, by the session's key."""
        found: dict[str, dict[str, PropertyValue]] = {}

        def collect(event: DraftEvent) -> None:
            stated = stated_properties(event.captured.properties)
            if not stated:
                return
            user_id = draft.sessions[event.key].user_id
            kept = storable_properties(stated)
            if kept and user_id and event.user_id == user_id:
                found.setdefault(event.key, {}).update(kept)

        draft.events = self._each(draft.events, collect)
        return found


def _learn(draft: Draft, event: DraftEvent, identified: list[DraftEvent]) -> None:
    if learn_identity(draft.sessions[event.key], event.captured, event.at, event.user_id):
        identified.append(event)


def _signal_of(
    session: CapturedSession, at: float, label: ActionLabel, elements: Sequence[Element]
) -> str | None:
    """What went wrong with an action: ``""`` for nothing, None if an earlier action reported it."""
    if label.type == "pageview" or (label.type != "click" and not label.signal):
        return ""
    place = rage_place(elements, label.title) if not label.signal else 0
    signals = session.signals = session.signals or SessionSignals()
    if label.signal in ("error", "failed_request"):
        return label.signal if signals.is_new_failure(at) else None
    if label.signal == "rage_click":
        return label.signal if signals.is_new_rage(at) else None
    if label.signal:
        return label.signal
    return "rage_click" if signals.is_rage(place, at) else ""


def _event_id(uuid: str) -> int:
    """The event's id in 64 bits, the same in every run of the server; 0 if the library sent none."""
    return int.from_bytes(blake2b(uuid.encode(), digest_size=8).digest(), "big") if uuid else 0
