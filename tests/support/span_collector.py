"""A stand-in for a collector of traces (OTLP over HTTP), which can also refuse, hang and answer nonsense."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanMessage
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from support.processes import free_port

__all__ = ["CollectedSpan", "SpanCollector", "tree_of"]

Mood = Literal["good", "refusing", "rejecting", "hanging", "endless", "mad", "redirecting"]


@dataclass(frozen=True)
class CollectedSpan:
    """A span as a collector receives it.

    Args:
        service: ``service.name`` of its resource.
        name: its name.
        kind: its kind, in lower case.
        trace_id: in hexadecimal digits, as the other ids.
        span_id: its id.
        parent_id: empty for a root.
        attributes: its attributes.
        links: pairs of trace and span.
        is_error: whether its status is an error.
        seconds: how long it took.
    """

    service: str
    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, Any]
    links: list[tuple[str, str]] = field(default_factory=list)
    is_error: bool = False
    seconds: float = 0.0


class SpanCollector:
    """Serves ``/v1/traces``."""

    def __init__(self) -> None:
        self.port = free_port()
        self.mood: Mood = "good"
        #: All spans so far.
        self.spans: list[CollectedSpan] = []
        #: The number of requests so far.
        self.requests = 0
        #: Everything that was received, as bytes.
        self.bodies: list[bytes] = []
        self._runner: web.AppRunner | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a process that sends its traces here, soon."""
        return {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{self.port}",
            "OTEL_BSP_SCHEDULE_DELAY": "50",
        }

    async def start(self) -> None:
        """Listen."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/v1/traces", self._collect)
        app.router.add_post("/elsewhere", self._elsewhere)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

    async def close(self) -> None:
        """Stop."""
        if self._runner is not None:
            await self._runner.cleanup()

    def of(self, trace_id: str) -> list[CollectedSpan]:
        """Return the spans of one trace."""
        return [span for span in self.spans if span.trace_id == trace_id]

    def named(self, name: str) -> list[CollectedSpan]:
        """Return the spans with that name."""
        return [span for span in self.spans if span.name == name]

    async def _elsewhere(self, _request: web.Request) -> web.Response:
        raise AssertionError("a redirect was followed")

    async def _collect(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.requests += 1
        if self.mood == "hanging":
            await asyncio.sleep(3600)
        if self.mood == "refusing":
            return web.Response(status=503)
        if self.mood == "rejecting":
            return web.Response(status=400, text="x" * 1_000_000)
        if self.mood == "redirecting":
            return web.Response(status=307, headers={"Location": "/elsewhere"})
        if self.mood == "mad":
            return web.Response(status=200, body=b"\xff" * 1_000_000, content_type="application/x-protobuf")
        if self.mood == "endless":
            response = web.StreamResponse()
            await response.prepare(request)
            while True:
                await response.write(b"x" * 65_536)
        self._keep(gzip.decompress(body) if request.headers.get("Content-Encoding") == "gzip" else body)
        return web.Response(status=200, content_type="application/x-protobuf")

    def _keep(self, body: bytes) -> None:
        self.bodies.append(body)
        message = ExportTraceServiceRequest.FromString(body)
        for each in message.resource_spans:
            service = str(_attributes(each.resource.attributes)["service.name"])
            for scope in each.scope_spans:
                self.spans += [_collected(service, span) for span in scope.spans]


def tree_of(spans: list[CollectedSpan]) -> list[str]:
    """Return the spans of a trace as lines, indented below their parents: ``service: name``.

    Children are in the order of their names, because processes' clocks decide their order in time.
    """
    by_id = {span.span_id for span in spans}
    roots = [span for span in spans if span.parent_id not in by_id]

    def lines(span: CollectedSpan, depth: int) -> list[str]:
        own = f"{'  ' * depth}{span.service.removeprefix('autoplay-')}: {span.name}"
        children = sorted((each for each in spans if each.parent_id == span.span_id), key=lambda s: s.name)
        return [own, *(line for each in children for line in lines(each, depth + 1))]

    return [line for root in roots for line in lines(root, 0)]


def _collected(service: str, span: SpanMessage) -> CollectedSpan:
    return CollectedSpan(
        service,
        span.name,
        SpanMessage.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex(),
        _attributes(span.attributes),
        [(link.trace_id.hex(), link.span_id.hex()) for link in span.links],
        span.status.code == Status.STATUS_CODE_ERROR,
        (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
    )


def _attributes(pairs: Any) -> dict[str, Any]:
    return {pair.key: _value(pair.value) for pair in pairs}


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(each) for each in value.array_value.values]
    return getattr(value, kind) if kind else None
