"""Whether the traces of both processes reach a collector, by a health report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rasa_autoplay.common.checks import Observation, Problem, not_seen, seen, warning
from rasa_autoplay.gateway.studio.health import HealthReport

__all__ = ["lost_traces", "sent_traces"]

_OFFER = "let a toast appear, then run this again (docs/tracing.md)"


def _senders(report: HealthReport) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each process that traces, with its part of health."""
    halves = {"the Rasa server": report.health}
    halves.update({f"the engine {name}".strip(): engine for name, engine in report.engines.items()})
    for name, half in halves.items():
        if half.get("tracing"):
            yield name, half["tracing"]


def lost_traces(report: HealthReport) -> Iterator[Problem]:
    """The collector takes the spans."""
    for name, tracing in _senders(report):
        if tracing.get("state") == "failed":
            yield warning(f"traces of {name} are lost", str(tracing.get("remedy") or "see its log"))


def sent_traces(report: HealthReport) -> Iterator[Observation]:
    """Spans were sent; nothing if tracing is off."""
    for name, tracing in _senders(report):
        if tracing.get("sent") or (tracing.get("state") == "host" and tracing.get("recorded")):
            yield seen(f"{name} has sent {tracing.get('sent') or tracing['recorded']} spans")
        elif tracing.get("state") != "failed":
            yield not_seen(f"{name} has sent no spans yet", _OFFER)
