"""The wire models of events, into which every source converts its data.

The names, fields and methods are those of the vendor's SDK (``SlimAction``, ``ActionsPayload``,
``SummaryPayload``), so that code written for it can read these objects. They are msgspec structs, because
pydantic needs tens of microseconds per model, and because the garbage collector must not traverse millions of
actions (``gc=False``: an action has only strings and numbers).

All irregularities of the wire are handled here: a timestamp may be a number, a numeric string, or ISO-8601
with or without a zone (UTC by default); fields may be null, missing or of the wrong type; ``count`` may
differ from the length of the list; a batch may contain elements that are not actions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

import msgspec

from rasa_autoplay.common.lenient_json import decode_json
from rasa_autoplay.errors import MalformedEvent

__all__ = [
    "SIGNALS",
    "ActionsPayload",
    "AnyPayload",
    "LeftOut",
    "SlimAction",
    "SummaryPayload",
    "UsertourTrigger",
    "parse_payload",
    "parse_timestamp",
    "read_payload",
    "unnoticed",
]

#: Failure signals of an action.
SIGNALS = frozenset({"rage_click", "dead_click", "error", "failed_request"})

#: Numbers above this are milliseconds; as seconds, they would be later than the year 5138.
_MILLISECONDS_FROM = 1e11

#: Called with the error of each element that is skipped.
LeftOut = Callable[[Exception], object]


def unnoticed(_problem: Exception) -> None:
    """Do nothing with a skipped element."""


def parse_timestamp(value: object) -> float:
    """Read a wire timestamp as epoch seconds.

    Args:
        value: a number (seconds; milliseconds are recognised by their size), a numeric string, or an
            ISO-8601 string, in UTC if it has no zone.

    Returns:
        Epoch seconds; ``0.0`` (unknown) for null, empty or unreadable values.
    """
    if isinstance(value, bool) or value is None:
        return 0.0
    if isinstance(value, (int, float)):
        return _finite_seconds(value)
    if not isinstance(value, str):
        return 0.0
    text = value.strip()
    try:
        return _finite_seconds(float(text))
    except ValueError:
        return _parse_iso8601(text)


def _finite_seconds(number: float) -> float:
    try:
        seconds = float(number)
    except OverflowError:
        return 0.0
    if not math.isfinite(seconds) or seconds < 0:
        return 0.0
    return seconds / 1000 if seconds > _MILLISECONDS_FROM else seconds


def _parse_iso8601(text: str) -> float:
    # msgspec reads RFC 3339 with any number of fractional digits; Python 3.10's fromisoformat does not.
    try:
        moment = msgspec.convert(text, datetime)
    except msgspec.ValidationError:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return max(moment.timestamp(), 0.0)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, (dict, list, bool)):
        return ""
    return str(value)


def _text_or_none(value: object) -> str | None:
    return _text(value) or None


def _signal(value: object) -> str:
    # A list or an object is not hashable.
    return value if isinstance(value, str) and value in SIGNALS else ""


def _integer(value: object) -> int:
    try:
        return int(value)  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError, OverflowError):
        return 0


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
            title=_text(data.get("title")),
            description=_text(data.get("description")),
            canonical_url=_text(data.get("canonical_url")),
            index=_integer(data.get("index")),
            type=_text(data.get("type")),
            timestamp_start=start,
            timestamp_end=parse_timestamp(data.get("timestamp_end")) or start,
            raw_url=_text(data.get("raw_url")),
            session_id=_text_or_none(data.get("session_id")),
            user_id=_text_or_none(data.get("user_id")),
            email=_text_or_none(data.get("email")),
            conversation_id=_text_or_none(data.get("conversation_id")),
            element_id=_text(data.get("element_id")),
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

    def __post_init__(self) -> None:
        self.count = len(self.actions)
        if len(self.event_ids) != len(self.actions):
            self.event_ids = []

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], left_out: LeftOut = unnoticed) -> ActionsPayload:
        """Read a batch from parsed JSON; elements of ``actions`` that cannot be read are skipped.

        If only the actions have a session, user or e-mail address, the first one that has it counts.

        Args:
            data: the batch.
            left_out: called with the error of each skipped element.
        """
        raw_actions = data.get("actions")
        elements = raw_actions if isinstance(raw_actions, list) else []
        actions = list(_read_actions(elements, left_out))
        return cls(
            product_id=_text(data.get("product_id")),
            session_id=_text_or_none(data.get("session_id")) or _first(a.session_id for a in actions),
            user_id=_text_or_none(data.get("user_id")) or _first(a.user_id for a in actions),
            email=_text_or_none(data.get("email")) or _first(a.email for a in actions),
            actions=actions,
            forwarded_at=parse_timestamp(data.get("forwarded_at")),
            conversation_id=_text_or_none(data.get("conversation_id")),
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
            product_id=_text(data.get("product_id")),
            session_id=_text_or_none(data.get("session_id")),
            summary=_text(data.get("summary")),
            replaces=_integer(data.get("replaces")),
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
            flow_id=_text(data.get("flow_id")),
            session_id=_text_or_none(data.get("session_id")),
            product_id=_text(data.get("product_id")),
            user_id=_text_or_none(data.get("user_id")),
            reason=_text(data.get("reason")),
            forwarded_at=parse_timestamp(data.get("forwarded_at")),
        )


AnyPayload = ActionsPayload | SummaryPayload

_KNOWN_TYPES = ("actions", "summary", "usertour_trigger")


def parse_payload(
    body: bytes | str, left_out: LeftOut = unnoticed
) -> ActionsPayload | SummaryPayload | UsertourTrigger:
    """Read one JSON payload of any known type.

    Args:
        body: the JSON.
        left_out: called with the error of each skipped action.

    Raises:
        MalformedEvent: the body is not JSON, is not an object, or has an unknown ``type``.
    """
    return read_payload(decode_json(body), left_out)


def read_payload(
    data: object, left_out: LeftOut = unnoticed
) -> ActionsPayload | SummaryPayload | UsertourTrigger:
    """Read a payload from parsed JSON; see :func:`parse_payload`."""
    if not isinstance(data, dict):
        raise MalformedEvent(f"the payload is a JSON {type(data).__name__}, not an object")
    kind = data.get("type")
    if kind == "actions":
        return ActionsPayload.from_dict(data, left_out)
    if kind == "summary":
        return SummaryPayload.from_dict(data)
    if kind == "usertour_trigger":
        return UsertourTrigger.from_dict(data)
    known = ", ".join(_KNOWN_TYPES)
    raise MalformedEvent(f"unknown payload type {str(kind)[:40]!r}; the known types are {known}")
