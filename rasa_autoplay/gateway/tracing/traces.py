"""Records the gateway's spans: requests of pages, events for the engine, delivered offers."""

from __future__ import annotations

import functools
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from sanic import Request
from sanic.response import HTTPResponse

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.common.tracing.current import NOTHING, ActiveSpan, current_span
from rasa_autoplay.common.tracing.span import Span, Trace, new_trace_id
from rasa_autoplay.common.tracing.switch import make_sink
from rasa_autoplay.common.tracing.trace_parent import format_trace_parent, parse_trace_parent
from rasa_autoplay.link.frames import FeedFrame
from rasa_autoplay.link.messages import Delivered, Event, UpMessage
from rasa_autoplay.settings.channel import ChannelSettings

if TYPE_CHECKING:
    from rasa_autoplay.common.tracing.open_telemetry import OpenTelemetrySink

__all__ = ["SERVICE_NAME", "GatewayTraces", "gateway_traces"]

#: Names the gateway in traces.
SERVICE_NAME = "autoplay-gateway"

_Handler = Callable[..., Awaitable["HTTPResponse | None"]]

#: How many traces of captured actions are kept until an offer comes of them: about 15 MB, and 3 s of 3,000
#: actions per second.
_MAX_CAPTURED = 10_000
_MAX_QUEUED = 50_000
_MAX_FRAMES = 10_000
_BASE_PATH = "/webhooks/autoplay"

#: The routes that bring events; a trace begins with each request.
_EVENT_ROUTES = frozenset({"/capture", "/posthog", "/amplitude", "/fullstory", "/events"})
#: What a page posts about an offer; its spans belong to the offer's trace.
_OFFER_ROUTES = frozenset(
    {
        "/proactive/ack",
        "/proactive/explain",
        "/proactive/inject",
        "/tour/end",
        "/tour/problem",
        "/tour/start",
        "/tour/step",
    }
)
#: A question to the assistant is a trace of its own if the language model is asked.
_QUESTION_ROUTES = frozenset({"/reply"})


def gateway_traces(settings: ChannelSettings) -> GatewayTraces | None:
    """Return the gateway's part of traces; None if tracing is off.

    Raises:
        ConfigError: the packages for tracing are missing.
    """
    return GatewayTraces(make_sink(SERVICE_NAME, "credentials.yml")) if settings.tracing else None


class GatewayTraces:
    """Records the gateway's spans.

    The spans of a captured action are kept until the engine says that an offer came of it. Those of a click
    are kept until the engine's answer names the trace of its offer.

    Args:
        sink: receives the spans that are wanted.
    """

    def __init__(self, sink: OpenTelemetrySink) -> None:
        self._sink = sink
        #: By trace: captured actions of which nothing has come yet.
        self._captured: BoundedDict[int, Trace] = BoundedDict(_MAX_CAPTURED)
        #: By their text: events that the engine has not accepted yet.
        self._queued: BoundedDict[str, Span] = BoundedDict(_MAX_QUEUED)
        #: By offer: when its frame came (epoch nanoseconds), and the engine's span.
        self._frames: BoundedDict[str, tuple[int, str]] = BoundedDict(_MAX_FRAMES)

    def start(self) -> None:
        """Begin to send spans."""
        self._sink.start()

    async def stop(self) -> None:
        """Send the spans that wait, within a bounded time."""
        await self._sink.stop()

    def health(self) -> dict[str, Any]:
        """State and counts."""
        return self._sink.health()

    def traced(self, handler: _Handler, path: str, method: str) -> _Handler:
        """Return a route's handler that records its requests; other routes are returned unchanged."""
        fixed = path.partition("/<")[0]
        if method == "POST" and fixed in _EVENT_ROUTES:
            begin = self._begin_event
        elif fixed in _OFFER_ROUTES | _QUESTION_ROUTES:
            begin = self._begin_click
        else:
            return handler
        name = f"{method} {fixed}"

        @functools.wraps(handler)
        async def handle(request: Request, *args: Any, **kwargs: Any) -> HTTPResponse | None:
            with ActiveSpan(begin(name)) as active:
                response = await handler(request, *args, **kwargs)
                if active.span is not None:
                    _describe(active.span, method, fixed, response)
            return response

        return handle

    def _begin_event(self, name: str) -> Span | None:
        trace_id = new_trace_id()
        if not self._sink.samples(trace_id):
            return None
        trace = self._captured[trace_id] = Trace(self._sink, trace_id)
        return Span(trace, name, "server")

    def _begin_click(self, name: str) -> Span:
        return Span(Trace(self._sink, new_trace_id()), name, "server")

    def queued(self, event: Event) -> None:
        """An event begins its way to the engine; it gets the text of its span if it is traced."""
        span = current_span()
        if span is None:
            if event.trace_parent:
                event.trace_parent = ""  # of an earlier process, whose journal had it
            return
        link = span.child("link event", "producer")
        event.trace_parent = format_trace_parent(link.trace.trace_id, link.span_id)
        self._queued[event.trace_parent] = link

    def begun(self, source: str) -> ActiveSpan:
        """Begin the trace of a payload that no request has brought, such as a stream's."""
        span = self._begin_event("receive")
        if span is None:
            return NOTHING
        span.set("autoplay.source", source)
        return ActiveSpan(span)

    def settled(self, message: UpMessage, is_received: bool) -> None:
        """The engine or Redis has accepted a message, or it is dropped."""
        if not isinstance(message, Event) or not message.trace_parent:
            return
        span = self._queued.pop(message.trace_parent, None)
        if span is not None:
            if not is_received:
                span.fail("dropped")
            span.end()

    def received(self, frame: FeedFrame) -> None:
        """A frame has come from the engine."""
        parent = parse_trace_parent(frame.trace_parent)
        if parent is None:
            return
        trace = self._captured.get(parent.trace_id)
        if trace is not None:
            trace.want()
        if frame.id:
            self._frames[frame.id] = time.time_ns(), frame.trace_parent

    def delivered(self, message: UpMessage) -> None:
        """A feed reports something; if it has written a traced offer, the report gets the span of that."""
        if not isinstance(message, Delivered):
            return
        came_at, text = self._frames.get(message.offer_id, (0, ""))
        parent = parse_trace_parent(text)
        if parent is None:
            return
        trace = Trace(self._sink, parent.trace_id, parent.span_id, is_wanted=True)
        span = Span(trace, "feed", "consumer", started_ns=came_at)
        message.trace_parent = span.trace_parent()
        span.end()

    def continued(self, trace_parent: str, name: str) -> ActiveSpan:
        """Continue what another gateway has begun; use it with ``with``."""
        parent = parse_trace_parent(trace_parent)
        if parent is None:
            return ActiveSpan(None)
        trace = Trace(self._sink, parent.trace_id, parent.span_id, is_wanted=parent.is_sampled)
        return ActiveSpan(Span(trace, name, "server"))


def _describe(span: Span, method: str, path: str, response: HTTPResponse | None) -> None:
    span.set("http.request.method", method)
    span.set("http.route", f"{_BASE_PATH}{path}")
    if response is not None:
        span.set("http.response.status_code", response.status)
        if response.status >= 500:
            span.fail(str(response.status))
