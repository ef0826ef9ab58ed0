"""Whose action was that, and have we seen it? Captured events become batches of actions, one per session.

A page may send its first events before it knows its user, requests overtake each other, and the library sends
again what it believes lost. So for each session the reader remembers who the user is, and for each event that
it was seen. A request is read into a draft; what it says is remembered when its batches have been handed on.
The reader does no I/O and is not safe for several threads.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from hashlib import blake2b
from typing import Any, Protocol

import msgspec

from rasa_autoplay.common.identity.ids import derived_id, session_of_their_own
from rasa_autoplay.events.models import ActionsPayload, LeftOut, SlimAction
from rasa_autoplay.events.user_properties import kept_properties, told_properties
from rasa_autoplay.gateway.sources.base import QueueFullError
from rasa_autoplay.gateway.sources.failures import FailedEvents
from rasa_autoplay.gateway.sources.intake import Intake, Sink
from rasa_autoplay.gateway.sources.pages import Pages
from rasa_autoplay.gateway.sources.posthog.capture_state import CaptureState
from rasa_autoplay.gateway.sources.posthog.elements import Element, elements_of, is_own_interface
from rasa_autoplay.gateway.sources.posthog.identities import (
    MAX_SESSION_ID,
    CapturedSession,
    identified_user,
    learn_identity,
    timezone_of,
    user_of,
)
from rasa_autoplay.gateway.sources.posthog.label import ActionLabel, label_event
from rasa_autoplay.gateway.sources.posthog.page_setup import PageSetup
from rasa_autoplay.gateway.sources.posthog.signals import SessionSignals, rage_place
from rasa_autoplay.gateway.sources.posthog.wire import CapturedEvent, CapturedRequest

__all__ = ["ANY_SENDER", "AnySender", "CaptureCounts", "CaptureReader", "Draft", "Sender", "hand_on"]

_MAX_URL = 2048
#: What is sent at once is sent within milliseconds; batches wait for three seconds.
_HELD_BACK_S = 0.5

#: Without a session these are lost; of all others nothing would have been kept.
_NEEDS_SESSION = frozenset(
    {"$autocapture", "$dead_click", "$exception", "$identify", "$pageview", "$rageclick", "failed_request"}
)


class CaptureCounts(msgspec.Struct):
    """What became of the events, since the reader was made.

    Args:
        accepted: became actions.
        duplicate: had been seen before.
        malformed: were no events, or actions without a session.
        of_another_user: named another user than the one whose token came with them.
        ignored: are no actions of the user (identity, page leave, …), or were done in the copilot's own UI.
        page_views: were accepted, and told that a page was opened.
        anonymous: were accepted, of visitors whom nobody has identified so far.
        held_back: were accepted, and kept by the browser for half a second or more, by its own clock.
    """

    accepted: int = 0
    duplicate: int = 0
    malformed: int = 0
    of_another_user: int = 0
    ignored: int = 0
    page_views: int = 0
    anonymous: int = 0
    held_back: int = 0

    def add(self, name: str, number: int = 1) -> None:
        """Count one more, or several."""
        setattr(self, name, getattr(self, name) + number)


class Sender(Protocol):
    """Who has sent a request."""

    @property
    def user_id(self) -> str:
        """The user whose token came with it; empty where none did."""
        ...

    def may_name(self, user_id: str) -> bool:
        """Whether an event in it may name this user."""
        ...


class AnySender:
    """A sender without a token, who may name everybody."""

    user_id = ""

    def may_name(self, user_id: str) -> bool:
        """Yes."""
        return True


ANY_SENDER = AnySender()


class _Event(msgspec.Struct):
    """An event that is being read: where it belongs, and what has become of it.

    Args:
        captured: as it was sent.
        id: 64 bits that name it; 0 where the library gave it no id.
        seen_as: the same, within its session.
        session_id: the analytics session.
        key: of the session as the reader knows it.
        user_id: whom it names, or who has sent it; None for an anonymous visitor.
        at: when it happened, epoch seconds.
        is_held_back: whether the browser has kept it for a while.
        action: what it became; None for nothing.
        has_text: whether an element of it carries text.
        is_repeated: whether the request holds it twice, and this is the second.
    """

    captured: CapturedEvent
    id: int
    seen_as: int
    session_id: str
    key: str
    user_id: str | None
    at: float
    is_held_back: bool
    action: SlimAction | None = None
    has_text: bool = False
    is_repeated: bool = False


class Draft:
    """What one request says. It works on copies: the reader changes when it keeps the draft.

    Args:
        batches: what is to be handed on, one per session and user, its actions in the order in which they
            happened. A batch without actions says who a session's user is. Where a session's user changed,
            the newest comes last.
    """

    def __init__(self, request: CapturedRequest, sender: Sender) -> None:
        self.request, self.sender = request, sender
        self.batches: list[ActionsPayload] = []
        self.counts = CaptureCounts(malformed=request.malformed)
        self.sessions: dict[str, CapturedSession] = {}
        self.events: list[_Event] = []
        #: Events that were lost because posthog-js runs without sessions.
        self.lost_cookieless = 0
        #: The events that became actions, as the reader will know them again.
        self.acted: set[int] = set()
        #: For each batch, the session and its events that became actions.
        self.sources: list[tuple[str, list[_Event]]] = []

    @property
    def is_refused(self) -> bool:
        """Whether the sender may not send any of it."""
        return self.counts.of_another_user > 0 and not (self.events or self.counts.duplicate)


class CaptureReader:
    """Turns captured requests into ``ActionsPayload`` batches.

    Args:
        product_id: the channel's own; what the browser claims is ignored.
        pages: the app's pages.
        left_out: is told of each event that failed.
        max_sessions: how many sessions' users are remembered.
        max_uuids: how many events are remembered as seen.
    """

    def __init__(
        self,
        product_id: str,
        pages: Pages | None = None,
        *,
        left_out: LeftOut | None = None,
        max_sessions: int = 50_000,
        max_uuids: int = 100_000,
    ) -> None:
        self.counts = CaptureCounts()
        self.setup = PageSetup()
        self._product_id = product_id
        self._pages = pages or Pages()
        self._state = CaptureState(max_sessions, max_uuids)
        self._left_out = left_out or FailedEvents("capture").note

    def read(self, request: CapturedRequest) -> list[ActionsPayload]:
        """Read a request from a source that loses nothing; it is remembered at once."""
        draft = self.draft(request)
        self.keep(draft, range(len(draft.batches)))
        return draft.batches

    def draft(self, request: CapturedRequest, sender: Sender = ANY_SENDER) -> Draft:
        """Read a request, and remember nothing of it.

        Args:
            request: what was captured.
            sender: who has sent it.
        """
        draft = Draft(request, sender)
        self._without_failing(request.events, lambda event: self._locate(draft, event))
        draft.events.sort(key=lambda event: event.at)
        # Identities first: what was done before signing in belongs to the same person.
        news: list[_Event] = []
        draft.events = self._without_failing(draft.events, lambda event: _learn(draft, event, news))
        draft.events = self._without_failing(draft.events, lambda event: self._act(draft, event))
        self._batch(draft, news)
        return draft

    def _without_failing(self, events: Iterable[Any], read: Callable[[Any], None]) -> list[Any]:
        """Read events; one that fails is left out, and the others go on."""
        good = []
        for event in events:
            try:
                read(event)
            except Exception as problem:
                self._left_out(problem)
            else:
                good.append(event)
        return good

    def keep(self, draft: Draft, handed_on: Collection[int]) -> None:
        """Remember what a draft says, as far as it has been handed on.

        Args:
            draft: of this reader.
            handed_on: the places of its batches that have been handed on. The events of the others are new
                when they come again, and so is all else of their sessions.
        """
        if draft.is_refused:
            self.counts.of_another_user += draft.counts.of_another_user
            return
        left = {key for place, (key, _) in enumerate(draft.sources) if place not in handed_on}
        done = [event for event in draft.events if event.action is None and event.key not in left]
        for place in handed_on:
            done += draft.sources[place][1]
        self._state.keep({key: session for key, session in draft.sessions.items() if key not in left})
        self._state.saw(event.seen_as for event in done if event.seen_as)
        for event in done:
            _count(draft.counts, event)
            if event.action is not None:
                self.setup.saw(event.action, has_text=event.has_text)
        self.setup.lost_cookieless += draft.lost_cookieless
        for name in CaptureCounts.__struct_fields__:
            if number := getattr(draft.counts, name):
                self.counts.add(name, number)

    def forget(self, payload: ActionsPayload) -> None:
        """Forget the events of a batch that was handed on in vain: they are new when they come again."""
        keys = {payload.session_id, session_of_their_own(payload.session_id or "", payload.user_id or "")}
        self._state.forget(hash((key, event_id)) for key in keys for event_id in payload.event_ids)
        self.counts.accepted -= len(payload.actions)

    def _locate(self, draft: Draft, captured: CapturedEvent) -> None:
        """Find an event's session, user and time, and put it among the draft's events."""
        named = identified_user(captured)
        if named and not draft.sender.may_name(named):
            draft.counts.of_another_user += 1
            return
        user_id = named or draft.sender.user_id or None
        session_id = _session_of(captured, user_id)
        if not session_id:
            is_lost = captured.event in _NEEDS_SESSION
            draft.counts.add("malformed" if is_lost else "ignored")
            draft.lost_cookieless += is_lost and _is_cookieless(captured)
            return
        key = self._state.key_of(session_id, user_id, draft.sessions)
        event_id = _event_id(captured.uuid)
        seen_as = hash((key, event_id)) if event_id else 0
        if seen_as and self._state.has_seen(seen_as):
            draft.counts.duplicate += 1
            return
        session = draft.sessions.get(key) or self._state.copy_of(key, session_id)
        request = draft.request
        at = captured.timestamp + session.steadied(request.clock_offset)
        is_held_back = request.clock_offset is not None and (
            request.received_at - captured.timestamp >= _HELD_BACK_S
        )
        session.timezone = timezone_of(captured.properties) or session.timezone
        if user_id and user_id == draft.sender.user_id:
            session.verified_user = user_id
        draft.sessions[key] = session
        draft.events.append(_Event(captured, event_id, seen_as, session_id, key, user_id, at, is_held_back))

    def _act(self, draft: Draft, event: _Event) -> None:
        """Make an action of an event, where it is one."""
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
            # The same event stands in the request twice.
            event.is_repeated = True
            return
        signal = _signal(session, event.at, label, elements)
        if signal is None:
            return
        draft.acted.add(event.seen_as)
        event.has_text = any(element.text for element in elements)
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

    def _batch(self, draft: Draft, news: Iterable[_Event]) -> None:
        """Group a draft's actions into batches."""
        batches: dict[tuple[str, str | None], list[_Event]] = {}
        for event in draft.events:
            if event.action is not None:
                batches.setdefault((event.key, event.action.user_id), []).append(event)
        properties = self._told_of_users(draft)
        for key in (*(event.key for event in news), *properties):
            batches.setdefault((key, draft.sessions[key].user_id), [])
        # An earlier user's late action must not make that user the session's again.
        for key, user_id in list(batches):
            if user_id is not None:
                batches.setdefault((key, draft.sessions[key].user_id), [])
        session_ids = {event.key: event.session_id for event in draft.events}
        in_order = sorted(batches.items(), key=lambda item: item[0][1] == draft.sessions[item[0][0]].user_id)
        for (key, user_id), events in in_order:
            session = draft.sessions[key]
            is_present = user_id == session.user_id
            payload = ActionsPayload(
                product_id=self._product_id,
                session_id=session_ids[key],
                user_id=user_id,
                email=session.email if is_present else None,
                actions=[event.action for event in events if event.action is not None],
                forwarded_at=draft.request.received_at,
                event_ids=[event.id for event in events],
                timezone=session.timezone,
                properties=properties.get(key, {}) if is_present else {},
                is_verified=user_id is not None and user_id == draft.sender.user_id,
            )
            draft.batches.append(payload)
            draft.sources.append((key, events))

    def _told_of_users(self, draft: Draft) -> dict[str, dict[str, Any]]:
        """What a request says of each session's user; nothing is taken of the users before."""
        told: dict[str, dict[str, Any]] = {}

        def take(event: _Event) -> None:
            said = kept_properties(told_properties(event.captured.properties))
            user_id = draft.sessions[event.key].user_id
            if said and user_id and event.user_id == user_id:
                told.setdefault(event.key, {}).update(said)

        draft.events = self._without_failing(draft.events, take)
        return told


def _learn(draft: Draft, event: _Event, news: list[_Event]) -> None:
    if learn_identity(draft.sessions[event.key], event.captured, event.at, event.user_id):
        news.append(event)


def _count(counts: CaptureCounts, event: _Event) -> None:
    """Count what has become of an event."""
    action = event.action
    if action is None:
        counts.add("duplicate" if event.is_repeated else "ignored")
        return
    counts.accepted += 1
    counts.page_views += action.type == "pageview"
    counts.held_back += event.is_held_back
    counts.anonymous += action.user_id is None


def _session_of(event: CapturedEvent, user_id: str | None) -> str:
    """The event's analytics session; empty when it has none.

    In its cookieless mode posthog-js knows no sessions. Then a signed-in user is taken for one: how long it
    lasts is for the engine to say.
    """
    session_id = event.properties.get("$session_id")
    if isinstance(session_id, str) and session_id:
        return session_id[:MAX_SESSION_ID]
    return derived_id("user_", user_id) if user_id and _is_cookieless(event) else ""


def _is_cookieless(event: CapturedEvent) -> bool:
    return event.properties.get("$cookieless_mode") is True


def _signal(
    session: CapturedSession, at: float, label: ActionLabel, elements: Sequence[Element]
) -> str | None:
    """What went wrong with an action; ``""`` for nothing, None when it tells again of what has been told."""
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


def hand_on(draft: Draft, reader: CaptureReader, intake: Intake, sink: Sink) -> None:
    """Let a request's batches in, and have the reader remember those that were.

    Args:
        draft: what the request says.
        reader: has made the draft.
        intake: checks the batches.
        sink: receives the checked batches.

    Raises:
        NoRoom: some found none; their events are new when they come again.
    """
    handed_on: list[int] = []
    try:
        for place, payload in enumerate(draft.batches):
            with suppress(QueueFullError):
                intake.accept(payload, sink)
                handed_on.append(place)
    finally:
        reader.keep(draft, handed_on)
    if len(handed_on) < len(draft.batches):
        raise QueueFullError


def _event_id(uuid: str) -> int:
    """The event's id in 64 bits, the same in every run of the server; 0 when the library gave none."""
    return int.from_bytes(blake2b(uuid.encode(), digest_size=8).digest(), "big") if uuid else 0
