"""A health report: the answer of ``GET /webhooks/autoplay/``, and the questions that checks ask of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

__all__ = ["Health", "HealthReport", "counted", "seen_count", "spoken", "watched_for"]


class HealthReport(Protocol):
    """The health of a Rasa server and its engines."""

    @property
    def health(self) -> Mapping[str, Any]:
        """The answer of ``GET /webhooks/autoplay/``; empty if there is none."""

    @property
    def sources(self) -> Mapping[str, Mapping[str, Any]]:
        """The health of each source, by its name."""

    @property
    def engines(self) -> Mapping[str, Mapping[str, Any]]:
        """The health of each engine, by its id. Without Redis there is one engine, and its key is empty."""


class Health(NamedTuple):
    """A health report.

    Args:
        health: the answer of ``GET /webhooks/autoplay/``; empty if there is none.
    """

    health: Mapping[str, Any]

    @property
    def sources(self) -> Mapping[str, Mapping[str, Any]]:
        """The health of each source, by its name."""
        sources: Mapping[str, Mapping[str, Any]] = self.health.get("sources") or {}
        return sources

    @property
    def engines(self) -> Mapping[str, Mapping[str, Any]]:
        """The health of each engine, by its id. Without Redis there is one engine, and its key is empty."""
        engine: Mapping[str, Any] = self.health.get("engine") or {}
        several: Mapping[str, Mapping[str, Any]] = engine.get("engines") or {}
        return several or {"": engine}


def counted(report: HealthReport, name: str) -> int:
    """The sum of a count over all engines."""
    return sum(int(engine.get(name) or 0) for engine in report.engines.values())


def seen_count(report: HealthReport, what: str) -> int:
    """How often the gateway has seen something; ``what`` is a name of its ``Sightings``."""
    sighting = (report.health.get("seen") or {}).get(what) or {}
    return int(sighting.get("count") or 0)


def watched_for(report: HealthReport) -> str:
    """Since when the gateway has watched, as the end of a sentence."""
    for_s = (report.health.get("seen") or {}).get("for_s")
    if not isinstance(for_s, (int, float)):
        return "since the Rasa server started"
    return f"since the Rasa server started {spoken(for_s)} ago"


def spoken(seconds: float) -> str:
    """A duration in its largest unit: ``45 s``, ``12 min``, ``3 h``, ``2 d``."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length:.0f} {unit}"
    return f"{seconds:.0f} s"
