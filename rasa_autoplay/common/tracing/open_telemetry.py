"""Hands spans to OpenTelemetry: to the provider that the host has set, or else to an exporter of our own.

The packages are an optional extra, so this module is imported only if tracing is on.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter
from importlib.metadata import version
from typing import Any

from opentelemetry import trace as api
from opentelemetry.attributes import BoundedAttributes
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, Tracer, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import Decision, Sampler
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from rasa_autoplay.common.tracing.exporting import make_exporter
from rasa_autoplay.common.tracing.sampling import Samples, never, sampler_of_environment
from rasa_autoplay.common.tracing.span import Span

__all__ = ["SEMANTIC_CONVENTIONS", "OpenTelemetrySink"]

logger = logging.getLogger(__name__)

#: The version of OpenTelemetry's semantic conventions that names and attributes of spans follow.
SEMANTIC_CONVENTIONS = "1.37.0"
_SCHEMA_URL = f"https://opentelemetry.io/schemas/{SEMANTIC_CONVENTIONS}"
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)
_NO_PARENT = Context()
_KINDS = {
    "internal": SpanKind.INTERNAL,
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "producer": SpanKind.PRODUCER,
    "consumer": SpanKind.CONSUMER,
}
#: How long a stop waits for the last spans to be sent.
_STOP_S = 0.5


class OpenTelemetrySink:
    """Records spans that have ended. Spans are sent by a thread; a full queue loses spans, never time.

    Args:
        service_name: the name of this half of the copilot, unless the environment names the service.
        exporter: sends the spans; None for OTLP over HTTP, as the environment configures it.
    """

    def __init__(self, service_name: str, exporter: SpanExporter | None = None) -> None:
        self._service_name = service_name
        self._exporter = exporter
        self._scope = InstrumentationScope(
            f"rasa_autoplay.{service_name.removeprefix('autoplay-')}", version("rasa-autoplay"), _SCHEMA_URL
        )
        #: Whether the traces that begin with an id are recorded.
        self.samples: Samples = never
        self._processor: SpanProcessor | None = None
        self._own: BatchSpanProcessor | None = None
        self._resource = Resource.get_empty()
        self._counts: Counter[str] = Counter()
        self._delivery: Any = None

    def start(self) -> None:
        """Begin to send. Called in the process that serves, because threads do not survive a fork."""
        hosts = api.get_tracer_provider()
        tracer = hosts.get_tracer(self._scope.name) if isinstance(hosts, TracerProvider) else None
        if isinstance(tracer, Tracer):
            self.samples, self._processor = _samples_of(tracer.sampler), tracer.span_processor
            self._resource = tracer.resource
            logger.info("Traces go to the tracer provider that this process has already.")
            return
        named = Resource.create()
        # OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win; without them, the SDK calls every service
        # "unknown_service".
        default = {"service.name": self._service_name, "service.version": version("rasa-autoplay")}
        if not str(named.attributes.get("service.name", "")).startswith("unknown_service"):
            default.pop("service.name")
        self._resource = named.merge(Resource(default))
        self._delivery = make_exporter(self._exporter)
        if self._delivery is not None:
            self._own = BatchSpanProcessor(self._delivery)
            self._processor = self._own
            self.samples = sampler_of_environment()

    def record(self, span: Span) -> None:
        """Record a span that has ended."""
        if self._processor is None:
            return
        try:
            self._processor.on_end(self._readable(span))
            self._counts["recorded"] += 1
        except Exception as problem:  # of a host's processor: tracing must not disturb what it observes
            self._counts["lost"] += 1
            logger.debug("A span could not be recorded (%s).", type(problem).__name__)

    def _readable(self, span: Span) -> ReadableSpan:
        trace_id, parent_id = span.trace.trace_id, span.parent_id
        attributes = {**span.attributes, "error.type": span.error} if span.error else span.attributes
        return ReadableSpan(
            name=span.name,
            context=_context(trace_id, span.span_id, is_remote=False),
            parent=_context(trace_id, parent_id, is_remote=span.parent is None) if parent_id else None,
            resource=self._resource,
            attributes=BoundedAttributes(attributes=attributes, immutable=True),
            links=[Link(_context(each.trace_id, each.span_id, is_remote=True)) for each in span.links],
            kind=_KINDS[span.kind],
            status=Status(StatusCode.ERROR) if span.error else Status(),
            start_time=span.started_ns,
            end_time=max(span.ended_ns, span.started_ns),
            instrumentation_scope=self._scope,
        )

    async def stop(self) -> None:
        """Send what is queued if the collector accepts it within half a second, and end."""
        own, self._own, self._processor = self._own, None, None
        if own is None:
            return
        loop, sent = asyncio.get_running_loop(), asyncio.Event()

        def finish() -> None:
            if own.force_flush(int(_STOP_S * 1000)):
                _call_soon(loop, sent)
            own.shutdown()

        # A daemon: an exporter that hangs, or retries for a minute, does not keep the process alive.
        threading.Thread(target=finish, name="autoplay traces, stop", daemon=True).start()
        try:
            await asyncio.wait_for(sent.wait(), _STOP_S)
        except asyncio.TimeoutError:
            logger.warning("The last spans could not be sent before the stop.")

    def health(self) -> dict[str, Any]:
        """State and counts, without secrets."""
        if self._delivery is None:
            state = "host" if self._processor is not None else "off"
            return {"state": state, **self._counts}
        return {**self._delivery.health(), **self._counts}


def _samples_of(sampler: Sampler) -> Samples:
    """Ask a sampler of the SDK."""
    return lambda trace_id: (
        sampler.should_sample(_NO_PARENT, trace_id, "").decision is Decision.RECORD_AND_SAMPLE
    )


def _context(trace_id: int, span_id: int, *, is_remote: bool) -> SpanContext:
    return SpanContext(trace_id, span_id, is_remote, _SAMPLED)


def _call_soon(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    try:
        loop.call_soon_threadsafe(event.set)
    except RuntimeError:  # the loop has ended in the meantime
        logger.debug("The spans were sent after the stop.")
