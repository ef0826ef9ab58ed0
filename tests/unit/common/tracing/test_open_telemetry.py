"""Spans reach OpenTelemetry: the host's provider if there is one, or else an exporter of our own."""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterator, Sequence

import pytest
import requests
from opentelemetry import trace as api
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, TraceIdRatioBased
from opentelemetry.trace import StatusCode
from support.run import asynchronous

from rasa_autoplay.common.tracing import switch
from rasa_autoplay.common.tracing.exporting import ObservedExporter, make_exporter
from rasa_autoplay.common.tracing.open_telemetry import OpenTelemetrySink, _samples_of
from rasa_autoplay.common.tracing.sampling import sampler_of_environment
from rasa_autoplay.common.tracing.span import Span, Trace, new_trace_id
from rasa_autoplay.common.tracing.trace_parent import TraceParent
from rasa_autoplay.errors import ConfigError


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "OTEL_SDK_DISABLED",
        "OTEL_SERVICE_NAME",
        "OTEL_RESOURCE_ATTRIBUTES",
        "OTEL_TRACES_EXPORTER",
        "OTEL_TRACES_SAMPLER",
        "OTEL_TRACES_SAMPLER_ARG",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[TracerProvider, InMemorySpanExporter]]:
    """A global provider, as a host sets it."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(resource=Resource({"service.name": "host"}), shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(api, "get_tracer_provider", lambda: provider)
    yield provider, exporter
    provider.shutdown()  # type: ignore[no-untyped-call]


@asynchronous
async def test_exports_a_span_with_all_it_has() -> None:
    exporter = InMemorySpanExporter()
    sink = OpenTelemetrySink("autoplay-engine", exporter)
    sink.start()
    trace = Trace(sink, 0x11, 0x22, is_wanted=True)
    span = Span(trace, "decide", "server", started_ns=1_000)
    span.set("autoplay.trigger_id", "bulk")
    span.links.append(TraceParent(0x33, 0x44))
    span.fail("ValueError")
    span.end(5_000)
    await sink.stop()
    (sent,) = exporter.get_finished_spans()
    assert (sent.name, sent.kind.name, sent.start_time, sent.end_time) == ("decide", "SERVER", 1_000, 5_000)
    assert sent.context is not None
    assert sent.parent is not None
    assert (sent.context.trace_id, sent.context.span_id) == (0x11, span.span_id)
    assert (sent.parent.span_id, sent.parent.is_remote) == (0x22, True)
    assert dict(sent.attributes or {}) == {"autoplay.trigger_id": "bulk", "error.type": "ValueError"}
    assert [(link.context.trace_id, link.context.span_id) for link in sent.links] == [(0x33, 0x44)]
    assert sent.status.status_code is StatusCode.ERROR
    assert sent.resource.attributes["service.name"] == "autoplay-engine"
    assert sent.instrumentation_scope is not None
    assert sent.instrumentation_scope.schema_url == "https://opentelemetry.io/schemas/1.37.0"
    assert sent.instrumentation_scope.name == "rasa_autoplay.engine"
    assert sink.health() == {"state": "connected", "sent": 1, "recorded": 1}


@pytest.mark.parametrize(
    ("variable", "value"),
    [("OTEL_SERVICE_NAME", "ours"), ("OTEL_RESOURCE_ATTRIBUTES", "service.name=ours,team=a")],
)
@asynchronous
async def test_the_environment_may_name_the_service(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    exporter = InMemorySpanExporter()
    sink = OpenTelemetrySink("autoplay-engine", exporter)
    sink.start()
    Span(Trace(sink, 1, is_wanted=True), "x").end()
    await sink.stop()
    assert exporter.get_finished_spans()[0].resource.attributes["service.name"] == "ours"


@asynchronous
async def test_uses_the_provider_of_the_host(host: tuple[TracerProvider, InMemorySpanExporter]) -> None:
    provider, exporter = host
    sink = OpenTelemetrySink("autoplay-gateway")
    sink.start()
    assert sink.samples(1)
    Span(Trace(sink, 1, is_wanted=True), "x").end()
    (sent,) = exporter.get_finished_spans()
    assert sent.resource.attributes["service.name"] == "host"
    assert sink.health() == {"state": "host", "recorded": 1}
    await sink.stop()
    # The provider is the host's to shut down.
    provider.get_tracer("other").start_span("still works").end()
    assert len(exporter.get_finished_spans()) == 2


def test_asks_the_sampler_of_the_host(
    host: tuple[TracerProvider, InMemorySpanExporter], monkeypatch: pytest.MonkeyPatch
) -> None:
    never = TracerProvider(sampler=ALWAYS_OFF, shutdown_on_exit=False)
    monkeypatch.setattr(api, "get_tracer_provider", lambda: never)
    sink = OpenTelemetrySink("autoplay-gateway")
    sink.start()
    assert not sink.samples(1)


def test_sets_no_provider_of_its_own() -> None:
    before = api.get_tracer_provider()
    sink = OpenTelemetrySink("autoplay-gateway", InMemorySpanExporter())
    sink.start()
    assert api.get_tracer_provider() is before


@pytest.mark.parametrize(
    ("name", "ratio", "sampled"),
    [
        ("", "", [True, True]),
        ("always_on", "", [True, True]),
        ("parentbased_always_off", "", [False, False]),
        ("traceidratio", "0.5", [True, False]),
        ("parentbased_traceidratio", "0.5", [True, False]),
        ("traceidratio", "half", [True, True]),
        ("traceidratio", "7", [True, True]),
        ("jaeger_remote", "", [True, True]),
    ],
)
def test_reads_the_sampler(
    monkeypatch: pytest.MonkeyPatch, name: str, ratio: str, sampled: list[bool]
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", name)
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", ratio)
    sampler = sampler_of_environment()
    ids = (1, (1 << 64) - 1)
    assert [sampler(each) for each in ids] == sampled


@pytest.mark.parametrize("ratio", [0.0, 0.01, 0.3, 1.0])
def test_samples_the_traces_that_opentelemetry_samples(monkeypatch: pytest.MonkeyPatch, ratio: float) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", str(ratio))
    ours, theirs = sampler_of_environment(), _samples_of(TraceIdRatioBased(ratio))
    ids = [new_trace_id() for _ in range(2_000)]
    assert [ours(each) for each in ids] == [theirs(each) for each in ids]


@pytest.mark.parametrize(
    ("variable", "value"), [("OTEL_TRACES_EXPORTER", "none"), ("OTEL_SDK_DISABLED", "true")]
)
def test_records_nothing_if_the_environment_says_so(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert make_exporter() is None
    sink = OpenTelemetrySink("autoplay-engine")
    sink.start()
    assert not sink.samples(1)
    Span(Trace(sink, 1, is_wanted=True), "x").end()
    assert sink.health() == {"state": "off"}


def test_warns_of_a_protocol_that_it_cannot_speak(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "zipkin")
    assert make_exporter() is not None
    assert "grpc is not supported" in caplog.text
    assert "zipkin is not supported" in caplog.text


class Broken(SpanExporter):
    """Raises, or fails."""

    def __init__(self, problem: Exception | None) -> None:
        self._problem = problem

    def export(self, _spans: Sequence[ReadableSpan]) -> SpanExportResult:
        if self._problem is not None:
            raise self._problem
        return SpanExportResult.FAILURE


@pytest.mark.parametrize("problem", [requests.ConnectionError("http://user:pw@host"), None])
def test_a_problem_is_logged_once_without_its_text(
    caplog: pytest.LogCaptureFixture, problem: Exception | None
) -> None:
    exporter = ObservedExporter(Broken(problem))
    for _ in range(5):
        exporter.export([ReadableSpan("x")])
    assert caplog.text.count("Traces are lost") == 1
    assert "pw" not in caplog.text
    health = exporter.health()
    assert (health["state"], health["failed"]) == ("failed", 5)
    assert "pw" not in str(health)


class Hanging(SpanExporter):
    """Never comes back."""

    def export(self, _spans: Sequence[ReadableSpan]) -> SpanExportResult:
        time.sleep(3600)
        return SpanExportResult.SUCCESS


@asynchronous
async def test_a_stop_waits_half_a_second_at_most(caplog: pytest.LogCaptureFixture) -> None:
    sink = OpenTelemetrySink("autoplay-engine", Hanging())
    sink.start()
    begun = time.monotonic()
    for _ in range(10_000):  # more than the queue holds
        Span(Trace(sink, 1, is_wanted=True), "x").end()
    await sink.stop()
    assert time.monotonic() - begun < 4.0
    assert "could not be sent before the stop" in caplog.text


def test_missing_packages_are_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.import_module

    def without(name: str, package: str | None = None) -> object:
        if name.startswith("opentelemetry"):
            raise ImportError(name)
        return real(name, package)

    monkeypatch.setattr(importlib, "import_module", without)
    assert not switch.has_open_telemetry()
    with pytest.raises(ConfigError, match=r'credentials.yml: "tracing: true".*pip install "rasa-autoplay'):
        switch.make_sink("autoplay-gateway", "credentials.yml")
