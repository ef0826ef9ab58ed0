"""Sends spans to a collector by OTLP over HTTP, and knows how that goes."""

from __future__ import annotations

import logging
import os
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import requests
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

__all__ = ["ObservedExporter", "make_exporter"]

logger = logging.getLogger(__name__)

_EXPORTER = "OTEL_TRACES_EXPORTER"
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_HTTP = "http/protobuf"
_REMEDY = "check that a collector accepts OTLP over HTTP at OTEL_EXPORTER_OTLP_ENDPOINT"
#: A problem that lasts is reported again after this time.
_REPORT_EVERY_S = 600.0


def make_exporter(exporter: SpanExporter | None = None) -> ObservedExporter | None:
    """Return the exporter that the environment configures; None if it wants none.

    Args:
        exporter: used instead of the environment's; None for OTLP over HTTP.
    """
    if exporter is not None:
        return ObservedExporter(exporter)
    wanted = os.environ.get(_EXPORTER, "").strip().lower() or "otlp"
    if wanted == "none" or os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return None
    if wanted != "otlp":
        logger.warning("%s=%s is not supported; spans are sent by OTLP.", _EXPORTER, wanted)
    protocol = next(filter(None, (os.environ.get(name, "").strip() for name in _PROTOCOLS)), _HTTP)
    if protocol != _HTTP:
        logger.warning("Spans are sent by OTLP over HTTP (http/protobuf); %s is not supported.", protocol)
    return ObservedExporter(OTLPSpanExporter(session=_CollectorSession()))


class ObservedExporter(SpanExporter):
    """Counts what another exporter sends, and logs a problem once instead of at every batch.

    Args:
        exporter: sends the spans; runs in the thread of the batch processor.
    """

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._counts: Counter[str] = Counter()
        self._problem = ""
        self._reported_at = -_REPORT_EVERY_S

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send some spans."""
        try:
            result = self._exporter.export(spans)
            problem = "" if result is SpanExportResult.SUCCESS else "the collector refuses spans"
        except Exception as failure:  # requests raises many types
            result, problem = SpanExportResult.FAILURE, f"no collector takes spans ({type(failure).__name__})"
        self._counts["failed" if problem else "sent"] += len(spans)
        self._report(problem)
        return result

    def _report(self, problem: str) -> None:
        now = time.monotonic()
        if problem and now - self._reported_at >= _REPORT_EVERY_S:
            self._reported_at = now
            logger.warning("Traces are lost: %s. Remedy: %s.", problem, _REMEDY)
        self._problem = problem

    def shutdown(self) -> None:
        """End."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Do nothing: an exporter keeps no spans."""
        return True

    def health(self) -> dict[str, Any]:
        """State and counts."""
        state = "failed" if self._problem else "connected" if self._counts["sent"] else "idle"
        remedy = {"remedy": f"{self._problem}: {_REMEDY}"} if self._problem else {}
        return {"state": state, **self._counts, **remedy}


class _CollectorSession(requests.Session):
    """Reads no body of an answer, which could be endless, and follows no redirect with the team's headers."""

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request; the answer has its status only."""
        answer = super().request(*args, **{**kwargs, "stream": True, "allow_redirects": False})
        answer.close()
        if answer.is_redirect:
            raise requests.TooManyRedirects("the collector redirects")
        status = requests.Response()
        status.status_code, status.reason, status.url = answer.status_code, answer.reason, answer.url
        status.headers = answer.headers
        status.raw = None
        return status
