"""Spans and traces, as this process records them before it is known whether anybody wants them.

Most captured actions lead to nothing. So a trace keeps its ended spans until something makes it wanted, such
as an offer; otherwise they are dropped with it. The trace of a click is not known until the engine has found
the offer: until then its spans belong to a provisional trace, which then joins the offer's.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from rasa_autoplay.common.tracing.trace_parent import TraceParent, format_trace_parent

__all__ = ["AttributeValue", "Span", "SpanKind", "SpanSink", "Trace", "new_span_id", "new_trace_id"]

AttributeValue = str | int | float | bool | Sequence[str]
SpanKind = Literal["internal", "server", "client", "producer", "consumer"]

#: No request has more spans; further ones of an unwanted trace are dropped.
_MAX_WAITING = 64


class SpanSink(Protocol):
    """Receives the spans of one process."""

    @property
    def samples(self) -> Callable[[int], bool]:
        """Returns whether the traces that begin with an id are recorded."""
        ...

    def record(self, span: Span) -> None:
        """Record a span that has ended; never blocks, never raises."""
        ...


def new_trace_id() -> int:
    """A random id: 128 bits, not zero."""
    return random.getrandbits(128) or 1


def new_span_id() -> int:
    """A random id: 64 bits, not zero."""
    return random.getrandbits(64) or 1


class Trace:
    """One trace, as far as it runs in this process.

    Args:
        sink: receives the spans once they are wanted.
        trace_id: its id, which may be provisional.
        parent_id: the span of another process that the first spans here are children of; 0 for none.
        is_wanted: whether the spans are recorded at once.
    """

    __slots__ = ("_sink", "_waiting", "is_wanted", "joined", "parent_id", "trace_id")

    def __init__(self, sink: SpanSink, trace_id: int, parent_id: int = 0, *, is_wanted: bool = False) -> None:
        self._sink = sink
        self.trace_id = trace_id
        self.parent_id = parent_id
        self.is_wanted = is_wanted
        #: The span that the first span of this trace, wherever it is, turned out to be a child of.
        self.joined: TraceParent | None = None
        self._waiting: list[Span] = []

    @property
    def has_parts(self) -> bool:
        """Whether spans have ended of which it is not known whether anybody wants them."""
        return bool(self._waiting)

    def want(self) -> None:
        """Record the spans that have ended, and all that will."""
        if self.is_wanted:
            return
        self.is_wanted = True
        waiting, self._waiting = self._waiting, []
        for span in waiting:
            self._sink.record(span)

    def want_if_sampled(self) -> None:
        """Record the spans, and those of the caller, if the sampler records a trace with this id."""
        if not self.is_wanted and self._sink.samples(self.trace_id):
            self.joined = TraceParent(self.trace_id, self.parent_id)
            self.want()

    def join(self, parent: TraceParent) -> None:
        """Become a part of another trace, and record the spans; a trace that is wanted does not change.

        If another process has begun this trace, its span stays the parent; that process learns the trace from
        ``joined``, and joins it, too.
        """
        if self.is_wanted:
            return
        self.joined = parent
        if parent.trace_id != self.trace_id:
            self.trace_id = parent.trace_id
            self.parent_id = self.parent_id or parent.span_id
        self.want()

    def ended(self, span: Span) -> None:
        """Record or keep a span that has ended."""
        if self.is_wanted:
            self._sink.record(span)
        elif len(self._waiting) < _MAX_WAITING:
            self._waiting.append(span)


class Span:
    """Something that took time.

    Args:
        trace: the trace that it belongs to.
        name: what it is, without ids.
        kind: its role between processes.
        parent: the span that it is a part of; None for the first one in this process.
        started_ns: its start, in epoch nanoseconds; None for now.
    """

    __slots__ = (
        "attributes",
        "ended_ns",
        "error",
        "kind",
        "links",
        "name",
        "parent",
        "span_id",
        "started_ns",
        "trace",
    )

    def __init__(
        self,
        trace: Trace,
        name: str,
        kind: SpanKind = "internal",
        parent: Span | None = None,
        started_ns: int | None = None,
    ) -> None:
        self.trace = trace
        self.name = name
        self.kind = kind
        self.parent = parent
        self.span_id = new_span_id()
        self.started_ns = time.time_ns() if started_ns is None else started_ns
        self.ended_ns = 0
        self.attributes: dict[str, AttributeValue] = {}
        self.links: list[TraceParent] = []
        #: The type of what went wrong; empty if nothing did.
        self.error = ""

    @property
    def parent_id(self) -> int:
        """The id of the parent; 0 if this is the root of its trace."""
        return self.trace.parent_id if self.parent is None else self.parent.span_id

    def child(self, name: str, kind: SpanKind = "internal") -> Span:
        """Begin a part of this span."""
        return Span(self.trace, name, kind, self)

    def set(self, name: str, value: AttributeValue) -> None:
        """Set an attribute."""
        self.attributes[name] = value

    def fail(self, error: str) -> None:
        """Record that it failed, with the type of the error; its text may hold users' data."""
        self.error = error

    def end(self, ended_ns: int | None = None) -> None:
        """End it, at a time in epoch nanoseconds or now. Only the first end counts."""
        if self.ended_ns:
            return
        self.ended_ns = time.time_ns() if ended_ns is None else ended_ns
        self.trace.ended(self)

    def trace_parent(self) -> str:
        """The text that carries it to another process. Until its trace is wanted, its id is provisional."""
        return format_trace_parent(self.trace.trace_id, self.span_id, is_sampled=self.trace.is_wanted)
