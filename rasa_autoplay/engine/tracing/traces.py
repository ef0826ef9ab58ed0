"""Records the engine's spans: an event, its decision, its offer, and the answers that pages get."""

from __future__ import annotations

import time
from contextvars import ContextVar, Token
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.common.tracing.current import NOTHING, ActiveSpan, current_span, joined_trace_parent
from rasa_autoplay.common.tracing.offer_digest import offer_digest
from rasa_autoplay.common.tracing.remote_caller import RemoteCaller, remote_caller
from rasa_autoplay.common.tracing.span import Span, Trace, new_trace_id
from rasa_autoplay.common.tracing.switch import make_sink
from rasa_autoplay.common.tracing.trace_parent import TraceParent, parse_trace_parent
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.open_offers import FramePublisher
from rasa_autoplay.engine.sessions.session import Session, SessionKey
from rasa_autoplay.engine.tracing.base import Context, NoTraces, Traces
from rasa_autoplay.link.frames import FeedFrame, trace_notice
from rasa_autoplay.link.messages import Delivered, Event, UpMessage
from rasa_autoplay.link.request_types import EngineRequest, tag_of
from rasa_autoplay.link.requests import Acknowledge
from rasa_autoplay.settings.engine import EngineSettings

if TYPE_CHECKING:
    from rasa_autoplay.common.tracing.open_telemetry import OpenTelemetrySink

__all__ = [
    "SERVICE_NAME",
    "EngineTraces",
    "deciding",
    "engine_traces",
    "join_offer",
    "offering",
]

#: Names the engine in traces.
SERVICE_NAME = "autoplay-engine"

_MAX_OFFERS = 10_000
_MAX_SESSIONS = 10_000


def engine_traces(settings: EngineSettings) -> Traces:
    """Return the engine's part of traces.

    Raises:
        ConfigError: the packages for tracing are missing.
    """
    return EngineTraces(make_sink(SERVICE_NAME, "autoplay.yml")) if settings.tracing else NoTraces()


class _Cause:
    """Why triggers are evaluated: an event of a gateway, a timer, or a request. Use it with ``with``.

    Args:
        traces: records the spans.
        gateway_id: the gateway that has sent the event; empty for other causes.
        event: the gateway's span of the event; None for other causes.
    """

    __slots__ = ("_token", "began_ns", "event", "gateway_id", "traces")

    def __init__(self, traces: EngineTraces, gateway_id: str = "", event: str = "") -> None:
        self.traces = traces
        self.gateway_id = gateway_id
        self.event = event
        self.began_ns = time.time_ns()
        self._token: Token[_Cause | None] | None = None

    def __enter__(self) -> object:
        self._token = _cause.set(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, at: TracebackType | None
    ) -> None:
        if self._token is not None:
            _cause.reset(self._token)


_cause: ContextVar[_Cause | None] = ContextVar("autoplay_cause", default=None)


class _DecisionSpan(Span):
    """The span of a decision.

    Args:
        trace: its trace.
        parent: the span of the event; None if no event has caused it.
        traces: records the spans.
        actions: the events whose gateways record their spans, too, if an offer is made.
        session: the session that it is about.
    """

    __slots__ = ("actions", "session", "traces")

    def __init__(
        self,
        trace: Trace,
        parent: Span | None,
        traces: EngineTraces,
        actions: list[_Cause],
        session: Session,
    ) -> None:
        super().__init__(trace, "decide", parent=parent)
        self.traces = traces
        self.actions = actions
        self.session = session


class _OfferTrace(NamedTuple):
    """The spans of an offer, as texts.

    Args:
        made: the engine's span of the offer.
        shown: the gateway's span of its delivery, or ``made`` until it is delivered.
    """

    made: str
    shown: str


class EngineTraces:
    """Records the engine's spans.

    Args:
        sink: receives the spans that are wanted.
    """

    def __init__(self, sink: OpenTelemetrySink) -> None:
        self._sink = sink
        self._publisher: FramePublisher | None = None
        #: By offer; lost when the engine ends.
        self._offers: BoundedDict[str, _OfferTrace] = BoundedDict(_MAX_OFFERS)
        #: By session: its last traced event.
        self._last_events: BoundedDict[SessionKey, _Cause] = BoundedDict(_MAX_SESSIONS)

    def start(self) -> None:
        """Begin to send spans."""
        self._sink.start()

    async def stop(self) -> None:
        """Send the spans that wait, within a bounded time."""
        await self._sink.stop()

    def health(self) -> dict[str, Any]:
        """State and counts."""
        return {"tracing": self._sink.health()}

    def publishing(self, publisher: FramePublisher) -> FramePublisher:
        """Return a publisher that gives the frames of traced offers their span."""
        self._publisher = publisher
        return _TracingPublisher(publisher, self)

    def traced(self, frame: FeedFrame) -> FeedFrame:
        """Return a frame with the span of its offer, if that is traced."""
        known = self._offers.get(frame.id)
        return frame if known is None else msgspec.structs.replace(frame, trace_parent=known.made)

    def applying(self, gateway_id: str, message: UpMessage) -> Context:
        """A gateway's message is applied."""
        if isinstance(message, Event) and message.trace_parent:
            cause = _Cause(self, gateway_id, message.trace_parent)
            payload = message.payload
            self._last_events[payload.product_id, payload.session_id or ""] = cause
            return cause
        if isinstance(message, Delivered) and (known := self._offers.get(message.offer_id)):
            self._offers[message.offer_id] = _OfferTrace(known.made, message.trace_parent or known.shown)
        return NOTHING

    def on_timer(self) -> Context:
        """A timer has fired."""
        return _Cause(self)

    def answering(self, request: EngineRequest[Any]) -> Context:
        """A gateway's request is answered. Its trace is that of its offer, if it names one."""
        caller = remote_caller()
        parent = parse_trace_parent(caller.trace_parent) if caller is not None else None
        if caller is None or parent is None:
            return NOTHING
        trace = Trace(self._sink, parent.trace_id, parent.span_id, is_wanted=parent.is_sampled)
        span = Span(trace, f"answer {tag_of(request)}", "server")
        if isinstance(request, Acknowledge):
            span.set("autoplay.receipt", request.event)
        self.join(span, getattr(request, "offer_id", ""))
        return _Answering(self, span, caller)

    def join(self, span: Span, offer_id: str) -> None:
        """Let a request's span be a part of its offer's trace."""
        known = self._offers.get(offer_id) if offer_id else None
        shown = parse_trace_parent(known.shown) if known is not None else None
        if shown is not None:
            span.set("autoplay.offer", offer_digest(offer_id))
            span.trace.join(shown)

    def adopt(self, session: Session) -> None:
        """Continue the offer of a session that another engine has served."""
        if session.offer_trace is not None:
            offer_id, made = session.offer_trace
            self._offers[offer_id] = _OfferTrace(made, made)

    def decision(self, cause: _Cause, session: Session) -> Span | None:
        """Begin the span of a decision about a session."""
        last = self._last_events.get(session.key)
        if cause.event:
            # A decision that waited for an earlier one is about what came in the meantime.
            newest = last if last is not None and last.began_ns > cause.began_ns else cause
            return self._decision_of_event(newest, session)
        trace_id = new_trace_id()
        if not self._sink.samples(trace_id):
            return None
        span = _DecisionSpan(Trace(self._sink, trace_id), None, self, [last] if last else [], session)
        asked = current_span()
        causes = [parse_trace_parent(last.event)] if last else []
        if asked is not None and asked.trace.is_wanted:
            causes.append(TraceParent(asked.trace.trace_id, asked.span_id))
        span.links = [each for each in causes if each is not None]
        return span

    def _decision_of_event(self, event: _Cause, session: Session) -> Span | None:
        parent = parse_trace_parent(event.event)
        if parent is None:
            return None
        trace = Trace(self._sink, parent.trace_id, parent.span_id)
        applied = Span(trace, "apply event", "consumer", started_ns=event.began_ns)
        applied.end()
        return _DecisionSpan(trace, applied, self, [event], session)

    def offered(self, decided: _DecisionSpan, offer: Offer) -> Span:
        """Begin the span of an offer. From now on, its trace is recorded, here and at the gateway."""
        span = decided.child("offer", "producer")
        for each in (decided, span):
            each.set("autoplay.trigger_id", offer.trigger_id)
            each.set("autoplay.offer", offer_digest(offer.offer_id))
        if offer.golden_path:
            decided.set("autoplay.golden_path", offer.golden_path)
        decided.trace.want()
        text = span.trace_parent()
        self._offers[offer.offer_id] = _OfferTrace(text, text)
        decided.session.offer_trace = (offer.offer_id, text)
        for action in decided.actions:
            if self._publisher is not None:
                self._publisher.push(action.gateway_id, trace_notice(offer.user_id, action.event))
        return span


class _TracingPublisher:
    """Gives the frames of traced offers their span.

    Args:
        publisher: sends the frames.
        traces: knows the offers.
    """

    def __init__(self, publisher: FramePublisher, traces: EngineTraces) -> None:
        self._publisher = publisher
        self._traces = traces

    def push(self, gateway_id: str, frame: FeedFrame) -> bool:
        """Send a frame to a gateway; False if that gateway is not connected."""
        return self._publisher.push(gateway_id, self._traces.traced(frame))


class _Answering:
    """The engine answers a request.

    Args:
        traces: records the spans.
        span: the span of the answer.
        caller: learns which trace the request is a part of.
    """

    __slots__ = ("_active", "_caller", "_cause", "_span")

    def __init__(self, traces: EngineTraces, span: Span, caller: RemoteCaller) -> None:
        self._active = ActiveSpan(span)
        self._span = span
        self._caller = caller
        self._cause = _Cause(traces)

    def __enter__(self) -> object:
        self._cause.__enter__()
        return self._active.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, at: TracebackType | None
    ) -> None:
        if self._span.trace.has_parts:
            # A question without an offer, for which the language model was asked.
            self._span.trace.want_if_sampled()
        self._active.__exit__(kind, problem, at)
        self._cause.__exit__(kind, problem, at)
        self._caller.answered_in = joined_trace_parent(self._span)


def deciding(session: Session) -> ActiveSpan:
    """Trace a decision about a session; use it with ``with``. Without an offer, its spans are dropped."""
    cause = _cause.get()
    return ActiveSpan(None if cause is None else cause.traces.decision(cause, session))


def offering(offer: Offer) -> ActiveSpan:
    """Trace the making of an offer, within ``deciding``; use it with ``with``."""
    decided = current_span()
    if not isinstance(decided, _DecisionSpan) or offer.is_withheld:
        return ActiveSpan(None)
    return ActiveSpan(decided.traces.offered(decided, offer))


def join_offer(offer_id: str) -> None:
    """Let the request that is answered now be a part of an offer's trace."""
    cause, span = _cause.get(), current_span()
    if cause is not None and span is not None:
        cause.traces.join(span, offer_id)
