"""Spans wait until their trace is wanted, and then belong to the trace that it turned out to be."""

from __future__ import annotations

import asyncio

import pytest
from support.run import asynchronous

from rasa_autoplay.common.tracing.current import (
    ActiveSpan,
    child_span,
    current_span,
    join_trace,
    joined_trace_parent,
    outgoing_trace_parent,
)
from rasa_autoplay.common.tracing.offer_digest import offer_digest
from rasa_autoplay.common.tracing.remote_caller import RemoteCaller, remote_caller
from rasa_autoplay.common.tracing.sampling import Samples, always, never
from rasa_autoplay.common.tracing.span import Span, Trace, new_span_id, new_trace_id
from rasa_autoplay.common.tracing.trace_parent import TraceParent, format_trace_parent, parse_trace_parent


class Recorded:
    """A sink that keeps spans."""

    def __init__(self, *, samples: bool = True) -> None:
        self.spans: list[Span] = []
        self.samples: Samples = always if samples else never

    def record(self, span: Span) -> None:
        self.spans.append(span)

    @property
    def names(self) -> list[str]:
        return [span.name for span in self.spans]


def test_spans_of_an_unwanted_trace_are_not_recorded() -> None:
    sink = Recorded()
    Span(Trace(sink, 1), "work").end()
    assert sink.spans == []


def test_spans_that_ended_are_recorded_once_the_trace_is_wanted() -> None:
    sink = Recorded()
    trace = Trace(sink, 1)
    first = Span(trace, "first")
    part = first.child("part")
    part.end()
    assert trace.has_parts
    trace.want()
    trace.want()
    first.end()
    first.end()
    assert sink.names == ["part", "first"]
    assert (part.parent_id, first.parent_id) == (first.span_id, 0)


def test_an_unwanted_trace_keeps_a_bounded_number_of_spans() -> None:
    sink = Recorded()
    trace = Trace(sink, 1)
    for _ in range(200):
        Span(trace, "work").end()
    trace.want()
    assert len(sink.spans) == 64


def test_a_click_joins_the_trace_that_the_answer_names() -> None:
    sink = Recorded()
    trace = Trace(sink, new_trace_id())
    with ActiveSpan(Span(trace, "click")), child_span("ask", "client"):
        assert outgoing_trace_parent().endswith("-00")
        join_trace(format_trace_parent(5, 6))
        assert outgoing_trace_parent().startswith(f"00-{5:032x}-")
        assert outgoing_trace_parent().endswith("-01")
    asked, click = sink.spans
    assert (click.trace.trace_id, click.parent_id) == (5, 6)
    assert asked.parent_id == click.span_id


def test_only_the_first_answer_names_the_trace() -> None:
    trace = Trace(Recorded(), 1)
    with ActiveSpan(Span(trace, "click")):
        join_trace(format_trace_parent(5, 6))
        join_trace(format_trace_parent(7, 8))
    assert (trace.trace_id, trace.parent_id) == (5, 6)


def test_a_continued_trace_keeps_the_callers_span_as_its_parent_and_tells_the_caller() -> None:
    trace = Trace(Recorded(), trace_id=1, parent_id=2)
    span = Span(trace, "answer")
    trace.join(TraceParent(5, 6))
    assert (trace.trace_id, span.parent_id) == (5, 2)
    assert joined_trace_parent(span) == format_trace_parent(5, 6)


@pytest.mark.parametrize(("samples", "names"), [(True, ["ask"]), (False, [])])
def test_a_trace_of_its_own_is_sampled(samples: bool, names: list[str]) -> None:
    sink = Recorded(samples=samples)
    trace = Trace(sink, trace_id=1, parent_id=2)
    Span(trace, "ask").end()
    trace.want_if_sampled()
    assert sink.names == names
    # The caller records its spans of the same trace, with no other parent.
    own = Trace(Recorded(), trace_id=1)
    if trace.joined is not None:
        own.join(trace.joined)
    assert (own.is_wanted, own.parent_id) == (samples, 0)


def test_nothing_is_traced_without_a_current_span() -> None:
    with child_span("work") as span:
        span.set("name", 1)
        span.fail("ValueError")
        join_trace(format_trace_parent(1, 2))
        assert span.span is None
    assert (current_span(), outgoing_trace_parent(), joined_trace_parent(None)) == (None, "", "")


def test_an_exception_fails_the_span_by_its_type_only() -> None:
    sink = Recorded()
    trace = Trace(sink, 1, is_wanted=True)
    with pytest.raises(ValueError, match="secret"), ActiveSpan(Span(trace, "work")):
        raise ValueError("secret of a user")
    assert sink.spans[0].error == "ValueError"
    assert current_span() is None


@asynchronous
async def test_tasks_continue_the_span_in_which_they_began() -> None:
    sink = Recorded()
    trace = Trace(sink, 1, is_wanted=True)

    async def later() -> None:
        with child_span("later"):
            await asyncio.sleep(0)

    with ActiveSpan(Span(trace, "now")) as active:
        task = asyncio.get_running_loop().create_task(later())
    assert active.span is not None
    await task
    assert sink.names == ["now", "later"]
    assert sink.spans[1].parent_id == active.span.span_id


@pytest.mark.parametrize(
    "text",
    [
        "",
        "00",
        f"00-{0:032x}-{1:016x}-01",
        f"00-{1:032x}-{0:016x}-01",
        f"01-{1:032x}-{1:016x}-01",
        f"00-{1:032x}-{1:016x}-01-more",
        f"00-{1:032x}-{1:016x}-0g",
        f"00-{'A' * 32}-{1:016x}-01",
        "0" * 10_000,
    ],
)
def test_malformed_texts_are_no_trace(text: str) -> None:
    assert parse_trace_parent(text) is None


def test_a_text_carries_a_span() -> None:
    trace_id, span_id = new_trace_id(), new_span_id()
    for is_sampled in (True, False):
        text = format_trace_parent(trace_id, span_id, is_sampled=is_sampled)
        assert parse_trace_parent(text) == (trace_id, span_id, is_sampled)


def test_a_caller_that_does_not_trace_is_none() -> None:
    with RemoteCaller(""):
        assert remote_caller() is None
    with RemoteCaller("00-1") as caller:
        assert remote_caller() is caller
    assert remote_caller() is None


def test_an_offers_digest_is_short_and_its_own() -> None:
    assert len(offer_digest("offer_a")) == 16
    assert offer_digest("offer_a") != offer_digest("offer_b")
