"""W3C trace context: the text that carries a span from one process to another (``traceparent``)."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["TraceParent", "format_trace_parent", "parse_trace_parent"]

#: Version 00 of https://www.w3.org/TR/trace-context/; all zeros are no id.
_FORM = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")


class TraceParent(NamedTuple):
    """A span of another process.

    Args:
        trace_id: its trace.
        span_id: its id within the trace.
        is_sampled: whether the trace is recorded. If not, the other process does not know its trace yet.
    """

    trace_id: int
    span_id: int
    is_sampled: bool = True


def format_trace_parent(trace_id: int, span_id: int, *, is_sampled: bool = True) -> str:
    """Return the text for a span."""
    return f"00-{trace_id:032x}-{span_id:016x}-{'01' if is_sampled else '00'}"


def parse_trace_parent(text: str) -> TraceParent | None:
    """Read a text; None if it is empty or malformed."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    trace_id, span_id, flags = found.groups()
    return TraceParent(int(trace_id, 16), int(span_id, 16), bool(int(flags, 16) & 1))
