"""The current span: code finds here which span it is a part of, and does nothing if there is none."""

from __future__ import annotations

from contextvars import ContextVar, Token
from types import TracebackType

from rasa_autoplay.common.tracing.span import AttributeValue, Span, SpanKind
from rasa_autoplay.common.tracing.trace_parent import format_trace_parent, parse_trace_parent

__all__ = [
    "NOTHING",
    "ActiveSpan",
    "child_span",
    "current_span",
    "join_trace",
    "joined_trace_parent",
    "outgoing_trace_parent",
]

_current: ContextVar[Span | None] = ContextVar("autoplay_span", default=None)

current_span = _current.get
"""Return the span that the running code is a part of; None if it is not traced."""


class ActiveSpan:
    """Makes a span the current one, and ends it; without a span, it does nothing.

    Args:
        span: the span; None if nothing is traced.
    """

    __slots__ = ("_span", "_token")

    def __init__(self, span: Span | None) -> None:
        self._span = span
        self._token: Token[Span | None] | None = None

    def __enter__(self) -> ActiveSpan:
        """Make the span the current one."""
        if self._span is not None:
            self._token = _current.set(self._span)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, at: TracebackType | None
    ) -> None:
        """End the span, with the type of the exception if there is one."""
        if self._span is None or self._token is None:
            return
        _current.reset(self._token)
        if kind is not None:
            self._span.fail(kind.__name__)
        self._span.end()

    def set(self, name: str, value: AttributeValue) -> None:
        """Set an attribute of the span."""
        if self._span is not None:
            self._span.set(name, value)

    def fail(self, error: str) -> None:
        """Record that the span failed."""
        if self._span is not None:
            self._span.fail(error)

    @property
    def span(self) -> Span | None:
        """The span; None if nothing is traced."""
        return self._span


#: For ``with``, if there is nothing to trace.
NOTHING = ActiveSpan(None)


def child_span(name: str, kind: SpanKind = "internal") -> ActiveSpan:
    """Trace a part of the current span; use it with ``with``."""
    parent = _current.get()
    return NOTHING if parent is None else ActiveSpan(parent.child(name, kind))


def outgoing_trace_parent() -> str:
    """The text that continues the current span in another process; empty if nothing is traced."""
    span = _current.get()
    return "" if span is None else span.trace_parent()


def joined_trace_parent(span: Span | None) -> str:
    """The text of the span that a caller's own span turned out to be a part of; empty if there is none."""
    joined = span.trace.joined if span is not None else None
    return format_trace_parent(joined.trace_id, joined.span_id) if joined is not None else ""


def join_trace(trace_parent: str) -> None:
    """Let the current trace join the one that another process names; an empty or wrong text does nothing."""
    span = _current.get()
    if span is not None and trace_parent and (parent := parse_trace_parent(trace_parent)) is not None:
        span.trace.join(parent)
