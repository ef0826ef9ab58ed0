"""What a contestant is told, line by line, and what it answers."""

from __future__ import annotations

from typing import Any

import msgspec

from benchmarks.timing.referee import Offer

__all__ = [
    "AnswerMessage",
    "AppMessage",
    "EventMessage",
    "Message",
    "TickMessage",
    "decode_message",
    "encode",
]


class AppMessage(msgspec.Struct, tag_field="kind", tag="app", frozen=True):
    """An app, before any session: its pages, and its workflows with their steps."""

    id: str
    pages: list[str]
    workflows: list[dict[str, Any]]


class EventMessage(msgspec.Struct, tag_field="kind", tag="event", frozen=True):
    """One act of a user; the fields are those of :class:`~benchmarks.timing.labels.Event`."""

    session: str
    user: str
    app: str
    at: float
    type: str
    page: str
    title: str
    element: str
    signal: str


class TickMessage(msgspec.Struct, tag_field="kind", tag="tick", frozen=True):
    """A second has passed since the last message, and the page is still open."""

    session: str
    at: float


class AnswerMessage(msgspec.Struct, tag_field="kind", tag="answer", frozen=True):
    """What the user has done with the contestant's offer: ``accepted`` or ``dismissed`` it."""

    session: str
    at: float
    answer: str


Message = AppMessage | EventMessage | TickMessage | AnswerMessage

_DECODER = msgspec.json.Decoder(Message)


def encode(message: Message | list[Offer]) -> bytes:
    """Return one line of JSON, with its end."""
    return msgspec.json.encode(message) + b"\n"


def decode_message(line: bytes) -> Message:
    """Read a line of the runner.

    Raises:
        msgspec.DecodeError: it is none.
    """
    message: Message = _DECODER.decode(line)
    return message
