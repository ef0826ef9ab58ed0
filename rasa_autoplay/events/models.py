"""The wire models of events, into which every source converts its data.

The names, fields and methods are those of the vendor's SDK (``SlimAction``, ``ActionsPayload``,
``SummaryPayload``), so that code written for it can read these objects. They are msgspec structs, because
pydantic needs tens of microseconds per model, and because the garbage collector must not traverse millions of
actions (``gc=False``: an action has only strings and numbers).

Irregularities of the wire are handled here and in ``wire_values.py``: fields may be null, missing or of the
wrong type; ``count`` may differ from the length of the list; a batch may contain elements that are not
actions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from rasa_autoplay.common.identity.canonical_ids import id_text
from rasa_autoplay.errors import MalformedEvent
from rasa_autoplay.events.user_facts import facts_of
from rasa_autoplay.events.wire_values import integer, named_id, parse_timestamp, text, text_or_none

__all__ = [
    "SIGNALS",
    "ActionsPayload",
    "AnyPayload",
    "LeftOut",
    "SlimAction",
    "SummaryPayload",
    "UsertourTrigger",
    "unnoticed",
]

#: Failure signals of an action.
SIGNALS = frozenset({"rage_click", "dead_click", "error", "failed_request"})

#: Called with the error of each element that is skipped.
LeftOut = Callable[[Exception], object]


def unnoticed(_problem: Exception) -> None:
    """Do nothing with a skipped element."""


def _signal(value: object) -> str:
    # A list or an object is not hashable.
    return value if isinstance(value, str) and value in SIGNALS else ""


class SlimAction(msgspec.Struct, gc=False, omit_defaults=True):
    """One action of a user.

    Args:
        title: readable label, for example ``"Click Save changes"``.
        description: one sentence, for example ``"User clicked Save changes on the projects page"``.
        canonical_url: the URL with ids replaced by ``:id``.
        index: position in the session as the source counts it, from 0.
        type: ``pageview``, ``click``, ``submit``, ``type``, ``focus`` or ``blur``.
        timestamp_start: when it began, epoch seconds; 0 if unknown.
        timestamp_end: when it ended, epoch seconds.
        raw_url: the URL as captured.
        session_id: the analytics session.
        user_id: the signed-in user; None for an anonymous visitor.
        email: the user's e-mail address, if the source knows it.
        conversation_id: a linked chat, if the source knows it.
        element_id: DOM id of the element; empty if unknown (not in the vendor's SDK).
        signal: the failure signal, one of :data:`SIGNALS`; empty for an ordinary action (not in the SDK).
    """

    title: str
    description: str
    canonical_url: str
    index: int = 0
    type: str = ""
    timestamp_start: float = 0.0
    timestamp_end: float = 0.0
    raw_url: str = ""
    session_id: str | None = None
    user_id: str | None = None
    email: str | None = None
    conversation_id: str | None = None
    element_id: str = ""
    signal: str = ""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> SlimAction:
        """Read an action from parsed JSON; fields that are missing, null or invalid get their defaults."""
        start = parse_timestamp(data.get("timestamp_start"))
        return cls(
            title=text(data.get("title")),
            description=text(data.get("description")),
            canonical_url=text(data.get("canonical_url")),
            index=integer(data.get("index")),
            type=text(data.get("type")),
            timestamp_start=start,
            timestamp_end=parse_timestamp(data.get("timestamp_end")) or start,
            raw_url=text(data.get("raw_url")),
            session_id=id_text(data.get("session_id")) or None,
            user_id=named_id(data.get("user_id")) or None,
            email=text_or_none(data.get("email")),
            conversation_id=text_or_none(data.get("conversation_id")),
            element_id=text(data.get("element_id")),
            signal=_signal(data.get("signal")),
        )

    def to_text(self) -> str:
        """Return one line: ``[index] type: description — canonical_url``."""
        return f"[{self.index}] {self.type}: {self.description} — {self.canonical_url}"


class ActionsPayload(msgspec.Struct, tag_field="type", tag="actions"):
    """A batch of one session's actions, in any order.

    Args:
        product_id: the product's id; empty if the source did not send it.
        session_id: the analytics session.
        user_id: the signed-in user; None for an anonymous visitor.
        email: the user's e-mail address, if the source knows it.
        actions: the actions.
        count: the number of actions, always that of ``actions``.
        forwarded_at: when the source sent the batch, epoch seconds; 0 if unknown.
        conversation_id: a linked chat, if the source knows it.
        event_ids: a 64-bit id of each action's event, which stays the same if the event is sent again with
            another time; 0 for an event without an id; empty if no event has one. They are not part of the
            actions, because windows keep many actions, which must be small (not in the vendor's SDK).
        timezone: IANA name of the browser's time zone; empty if unknown (not in the vendor's SDK).
        properties: properties of the user that the app has set, by name; None for removed ones (not in the
            vendor's SDK).
        is_verified: whether the user's own token came with it (not in the vendor's SDK).
        language: the browser's language as a BCP 47 tag; empty if unknown (not in the vendor's SDK).
    """

    product_id: str
    session_id: str | None
    user_id: str | None
    email: str | None
    actions: list[SlimAction]
    count: int = 0
    forwarded_at: float = 0.0
    conversation_id: str | None = None
    event_ids: list[int] = []
    timezone: str = ""
    properties: dict[str, Any] = {}
    is_verified: bool = False
    language: str = ""

    def __post_init__(self) -> None:
        self.count = len(self.actions)
        if len(self.event_ids) != len(self.actions):
            self.event_ids = []

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], left_out: LeftOut = unnoticed) -> ActionsPayload:
        """Read a batch from parsed JSON; elements of ``actions`` that cannot be read are skipped.

        If only the actions have a session, user or e-mail address, the first one that has it counts. If the
        batch names a user whose id cannot be read, its actions are skipped: nobody knows whose they are.

        Args:
            data: the batch.
            left_out: called with the error of each skipped element.
        """
        raw_actions = data.get("actions")
        elements = raw_actions if isinstance(raw_actions, list) else []
        try:
            user_id = named_id(data.get("user_id"))
        except MalformedEvent as problem:
            left_out(problem)
            user_id, elements = "", []
        actions = list(_read_actions(elements, left_out))
        facts = facts_of(data)
        return cls(
            product_id=text(data.get("product_id")),
            session_id=id_text(data.get("session_id")) or None or _first(a.session_id for a in actions),
            user_id=user_id or _first(a.user_id for a in actions),
            email=text_or_none(data.get("email")) or _first(a.email for a in actions),
            actions=actions,
            forwarded_at=parse_timestamp(data.get("forwarded_at")),
            conversation_id=text_or_none(data.get("conversation_id")),
            timezone=facts.timezone,
            properties=facts.properties,
        )

    @classmethod
    def merge(cls, payloads: Sequence[ActionsPayload]) -> ActionsPayload:
        """Join batches of one session, with the actions in the given order and new indexes from 0.

        Raises:
            ValueError: there is no batch.
        """
        if not payloads:
            raise ValueError("ActionsPayload.merge() needs at least one payload")
        actions = [action for payload in payloads for action in payload.actions]
        return cls(
            product_id=payloads[0].product_id,
            session_id=payloads[0].session_id,
            user_id=_first(p.user_id for p in payloads),
            email=_first(p.email for p in payloads),
            actions=[msgspec.structs.replace(a, index=i) for i, a in enumerate(actions)],
            forwarded_at=max(p.forwarded_at for p in payloads),
            conversation_id=_first(p.conversation_id for p in payloads),
        )

    def to_text(self) -> str:
        """Return a line with the session and the number of actions, then one line for each action."""
        head = f"Session {self.session_id or 'unknown'} — {len(self.actions)} actions"
        return "\n".join([head, *(action.to_text() for action in self.actions)])


def _read_actions(elements: Iterable[object], left_out: LeftOut) -> Iterator[SlimAction]:
    for element in elements:
        try:
            if not isinstance(element, dict):
                raise MalformedEvent(f"an action is a JSON {type(element).__name__}, not an object")
            yield SlimAction.from_dict(element)
        except Exception as problem:
            left_out(problem)


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value), None)


class SummaryPayload(msgspec.Struct, tag_field="type", tag="summary"):
    """A summary of a session's earlier actions.

    Args:
        product_id: the product's id.
        session_id: the analytics session.
        summary: the text.
        replaces: number of actions that it replaces.
        forwarded_at: when the source sent it, epoch seconds.
    """

    product_id: str
    session_id: str | None
    summary: str
    replaces: int = 0
    forwarded_at: float = 0.0

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> SummaryPayload:
        """Read a summary from parsed JSON; fields that are missing or null get their defaults."""
        return cls(
            product_id=text(data.get("product_id")),
            session_id=id_text(data.get("session_id")) or None,
            summary=text(data.get("summary")),
            replaces=integer(data.get("replaces")),
            forwarded_at=parse_timestamp(data.get("forwarded_at")),
        )

    def to_text(self) -> str:
        """Return the text."""
        return self.summary


class UsertourTrigger(msgspec.Struct, tag_field="type", tag="usertour_trigger"):
    """An order by an upstream service to start a tour for a session.

    Args:
        flow_id: the tour provider's flow.
        session_id: the analytics session.
        product_id: the product's id; empty if the source did not send it.
        user_id: the signed-in user, if the source knows it.
        reason: the reason, in the source's words.
        forwarded_at: when the source sent it, epoch seconds; 0 if unknown.
    """

    flow_id: str
    session_id: str | None
    product_id: str = ""
    user_id: str | None = None
    reason: str = ""
    forwarded_at: float = 0.0

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> UsertourTrigger:
        """Read an order from parsed JSON; fields that are missing or null get their defaults."""
        return cls(
            flow_id=text(data.get("flow_id")),
            session_id=id_text(data.get("session_id")) or None,
            product_id=text(data.get("product_id")),
            user_id=id_text(data.get("user_id")) or None,
            reason=text(data.get("reason")),
            forwarded_at=parse_timestamp(data.get("forwarded_at")),
        )


AnyPayload = ActionsPayload | SummaryPayload
