"""Encodes a session as bytes, so that another engine can continue it.

Some fields are left out because they belong to the engine that holds the session: its place in the store,
whether a decision is pending, whether all triggers were asked (the next engine asks again), and its user's
history (memory loads it again).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain, count
from operator import attrgetter, itemgetter
from typing import Any

import msgspec

from rasa_autoplay.engine.knowledge.attempts import StepEvidence
from rasa_autoplay.engine.sessions.files_version import FilesVersion
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.sessions.state import SessionState
from rasa_autoplay.engine.sessions.summary import RollingSummary
from rasa_autoplay.engine.sessions.trigger_states import StoppedFire, TriggerStates
from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.settings.engine import SessionSettings

__all__ = ["UnreadableSnapshot", "decode_session", "encode_session"]

#: The first byte. A field with a default can be added without a new version; a changed meaning needs one.
_VERSION = 1

_TEXTS = (
    "title",
    "description",
    "canonical_url",
    "type",
    "raw_url",
    "session_id",
    "user_id",
    "email",
    "conversation_id",
    "element_id",
    "signal",
)
_NUMBERS = ("index", "timestamp_start", "timestamp_end")

_texts_of = attrgetter(*_TEXTS)
_numbers_of = attrgetter(*_NUMBERS)
_as_arguments = itemgetter(*map((*_TEXTS, *_NUMBERS).index, SlimAction.__struct_fields__))


class UnreadableSnapshot(AutoplayError):
    """These bytes are not a session that this version can read."""


class _Actions(msgspec.Struct, array_like=True):
    """A window's actions, oldest first. Texts repeat often, so each different text is stored once.

    Args:
        texts: all different texts.
        places: the texts of each action, as indexes of ``texts``, one action after the other.
        numbers: the numbers of each action.
    """

    texts: list[str | None] = []
    places: list[int] = []
    numbers: list[tuple[int, float, float]] = []


class _Snapshot(msgspec.Struct, omit_defaults=True):
    """The stored fields of a session and of its trigger states, with their names."""

    key: tuple[str, str]
    active_at: float
    held_by: str = ""
    source: str = ""
    user_id: str | None = None
    email: str | None = None
    timezone: str = ""
    language: str = ""
    is_verified: bool = False
    user_since: float = 0.0
    properties: dict[str, str | int | float | bool | None] | None = None
    began_at: float = 0.0
    action_count: int = 0
    step_evidence: dict[str, list[StepEvidence]] | None = msgspec.field(default=None, name="proofs")
    remembered: frozenset[str] = frozenset()
    consumed_until: dict[str, float] | None = None
    held_until: dict[str, float] | None = None
    silenced_until: dict[str, dict[str, float]] | None = None
    summary: RollingSummary | None = None
    waiting_since: dict[str, float] | None = None
    stopped_fires: dict[str, StoppedFire] | None = None
    state: dict[str, Any] | None = None
    version: FilesVersion | None = None
    offer_trace: tuple[str, str] | None = None
    actions: _Actions = msgspec.field(default_factory=_Actions)
    event_ids: list[int] = []


_OF_TRIGGERS = TriggerStates.__struct_fields__
_CONVERTED = {"state", "version", "actions", "event_ids", *_OF_TRIGGERS}
_SAME = tuple(name for name in _Snapshot.__struct_fields__ if name not in _CONVERTED)

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Snapshot)


def encode_session(session: Session) -> bytes:
    """Encode a session.

    Raises:
        TypeError, ValueError: the FSM's metadata cannot be encoded, or a text is not valid Unicode.
    """
    state = session.state if session.was_spoken_to else None
    window = session.window
    snapshot = _Snapshot(
        **{name: getattr(session, name) for name in _SAME},
        **{name: getattr(session.triggers, name) for name in _OF_TRIGGERS},
        state=state.to_dict() if state is not None else None,
        version=session.version and session.version.only(session.step_evidence or {}),
        actions=_packed(window.actions),
        event_ids=window.event_ids(),
    )
    return bytes((_VERSION,)) + _encoder.encode(snapshot)


def decode_session(data: bytes, settings: SessionSettings) -> Session:
    """Decode a session.

    Args:
        data: the result of :func:`encode_session`, of this or another version.
        settings: this engine's own timeouts and limits.

    Raises:
        UnreadableSnapshot: the data has another version, or is not a snapshot.
    """
    if not data or data[0] != _VERSION:
        raise UnreadableSnapshot(f"version {data[0] if data else 'none'}, not {_VERSION}")
    try:
        snapshot = _decoder.decode(memoryview(data)[1:])
        # The snapshot has the FSM's times; "now" is used only for times that an older version did not store.
        state = snapshot.state and SessionState.from_dict(snapshot.state, now=snapshot.active_at)
        actions = _unpacked(snapshot.actions)
        same = {name: getattr(snapshot, name) for name in _SAME}
        triggers = TriggerStates(**{name: getattr(snapshot, name) for name in _OF_TRIGGERS})
        session = Session(
            **same, triggers=triggers, version=snapshot.version, _settings=settings, _state=state or None
        )
        session.window.restore(actions, snapshot.event_ids)
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as problem:
        raise UnreadableSnapshot(type(problem).__name__) from None
    return session


def _packed(actions: Sequence[SlimAction]) -> _Actions:
    # A text that is looked up for the first time gets the next place.
    places: defaultdict[str | None, int] = defaultdict(count().__next__)
    where = list(map(places.__getitem__, chain.from_iterable(map(_texts_of, actions))))
    return _Actions(list(places), where, list(map(_numbers_of, actions)))


def _unpacked(packed: _Actions) -> list[SlimAction]:
    texts = map(packed.texts.__getitem__, packed.places)
    rows = zip(*[texts] * len(_TEXTS), strict=True)
    return [
        SlimAction(*_as_arguments((*row, *numbers)))
        for row, numbers in zip(rows, packed.numbers, strict=True)
    ]
