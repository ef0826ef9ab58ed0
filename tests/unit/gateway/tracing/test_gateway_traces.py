"""The gateway's part of traces, with a stand-in for OpenTelemetry."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from sanic.response import HTTPResponse
from support.run import asynchronous

from rasa_autoplay.common.tracing.current import child_span, current_span, join_trace, joined_trace_parent
from rasa_autoplay.common.tracing.sampling import Samples, always, never
from rasa_autoplay.common.tracing.span import Span
from rasa_autoplay.common.tracing.trace_parent import format_trace_parent, parse_trace_parent
from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.gateway.tracing.traces import GatewayTraces
from rasa_autoplay.link.frames import FeedFrame, trace_notice
from rasa_autoplay.link.messages import Delivered, Event

OFFER = format_trace_parent(0xA, 0xB)


class Recorded:
    """What the gateway needs of OpenTelemetry."""

    def __init__(self, samples: Samples = always) -> None:
        self.spans: list[Span] = []
        self.samples = samples

    def record(self, span: Span) -> None:
        self.spans.append(span)

    @property
    def names(self) -> list[str]:
        return [span.name for span in self.spans]


def traces(samples: Samples = always) -> tuple[GatewayTraces, Recorded]:
    sink = Recorded(samples)
    return GatewayTraces(sink), sink  # type: ignore[arg-type]


def event() -> Event:
    return Event(ActionsPayload("demo", "s1", "u1", None, []), "capture")


async def ask(made: GatewayTraces, path: str, method: str, handler: Any) -> HTTPResponse | None:
    request: Any = SimpleNamespace()
    return await made.traced(handler, path, method)(request)


@asynchronous
async def test_an_actions_spans_are_recorded_once_an_offer_comes_of_it() -> None:
    made, sink = traces()
    sent = event()

    async def capture(_request: Any) -> HTTPResponse:
        made.queued(sent)
        return HTTPResponse(status=200)

    await ask(made, "/capture/<path:path>", "POST", capture)
    made.settled(sent, True)
    assert sink.spans == []
    made.received(trace_notice("u1", sent.trace_parent))
    assert sink.names == ["POST /capture", "link event"]
    root, link = sink.spans
    assert (root.parent_id, link.parent_id) == (0, root.span_id)
    assert sent.trace_parent == link.trace_parent()


@asynchronous
async def test_a_dropped_event_fails_its_span() -> None:
    made, sink = traces()
    sent = event()
    with made.begun("stream") as active:
        made.queued(sent)
        assert active.span is not None
        active.span.trace.want()
    made.settled(sent, False)
    made.settled(sent, False)
    assert [(span.name, span.error) for span in sink.spans] == [("receive", ""), ("link event", "dropped")]


@asynchronous
async def test_an_action_that_is_not_sampled_is_not_traced() -> None:
    made, _ = traces(never)
    sent = event()

    async def capture(_request: Any) -> HTTPResponse:
        assert current_span() is None
        made.queued(sent)
        return HTTPResponse(status=200)

    await ask(made, "/capture/<path:path>", "POST", capture)
    assert sent.trace_parent == ""


def test_an_event_of_an_earlier_process_is_not_traced() -> None:
    made, _ = traces()
    sent = event()
    sent.trace_parent = OFFER
    made.queued(sent)
    assert sent.trace_parent == ""


@asynchronous
async def test_a_click_is_recorded_if_the_engine_names_its_trace() -> None:
    made, sink = traces()

    async def known(_request: Any) -> HTTPResponse:
        with child_span("ask acknowledge", "client"):
            join_trace(OFFER)
        return HTTPResponse(status=200)

    async def unknown(_request: Any) -> HTTPResponse:
        return HTTPResponse(status=404)

    await ask(made, "/proactive/ack", "POST", unknown)
    await ask(made, "/proactive/ack", "POST", known)
    assert sink.names == ["ask acknowledge", "POST /proactive/ack"]
    assert (sink.spans[1].trace.trace_id, sink.spans[1].parent_id) == (0xA, 0xB)


@asynchronous
async def test_a_server_error_fails_the_span() -> None:
    made, sink = traces()

    async def failing(_request: Any) -> HTTPResponse:
        join_trace(OFFER)
        return HTTPResponse(status=503)

    await ask(made, "/tour/start", "POST", failing)
    (span,) = sink.spans
    assert (span.error, span.attributes["http.response.status_code"]) == ("503", 503)


@pytest.mark.parametrize(("path", "method"), [("/", "GET"), ("/capture/<path:path>", "GET"), ("/now", "GET")])
def test_other_routes_stay_as_they_are(path: str, method: str) -> None:
    made, _ = traces()

    async def handler(_request: Any) -> HTTPResponse:
        return HTTPResponse(status=200)

    assert made.traced(handler, path, method) is handler


def test_a_delivered_offer_has_a_span_whose_text_the_engine_gets() -> None:
    made, sink = traces()
    made.received(FeedFrame("u1", "proactive", "offer_1", "{}", trace_parent=OFFER))
    report, other = Delivered("offer_1", ["f1"], "u1"), Delivered("offer_2", ["f1"], "u1")
    made.delivered(report)
    made.delivered(other)
    (feed,) = sink.spans
    assert (feed.name, feed.parent_id, report.trace_parent) == ("feed", 0xB, feed.trace_parent())
    assert other.trace_parent == ""


def test_another_gateways_click_is_continued_and_joins_with_it() -> None:
    made, sink = traces()
    asked = format_trace_parent(0xD, 0xE, is_sampled=False)
    with made.continued(asked, "open chat") as active:
        join_trace(OFFER)
    (span,) = sink.spans
    assert (span.trace.trace_id, span.parent_id) == (0xA, 0xE)
    assert parse_trace_parent(joined_trace_parent(active.span)) == (0xA, 0xB, True)
    with made.continued("", "open chat") as nothing:
        assert nothing.span is None
