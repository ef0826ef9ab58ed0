"""Turns the gateway's health into readings, so that nothing is counted twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rasa_autoplay.common.metrics.metric import Labels, Metric, Reading, plain
from rasa_autoplay.gateway.consent.required_consent import DROP_REASONS
from rasa_autoplay.gateway.metrics import catalogue
from rasa_autoplay.gateway.metrics.latencies import Latencies

__all__ = ["SOURCE_OUTCOMES", "GatewayReadings"]

#: By outcome: the counts in the health of a source that it sums up. Other counts are parts of these.
SOURCE_OUTCOMES: Mapping[str, tuple[str, ...]] = {
    "accepted": ("accepted",),
    "duplicate": ("duplicate",),
    "dropped": ("dropped",),
    "malformed": ("malformed", "malformed_events", "oversized", "unknown", "unreadable"),
    "refused": (
        "refused",
        "unsigned",
        "other_product",
        "without_session_id",
        "too_long_id",
        "unsafe_id",
        "of_another_user",
        "clock_ahead",
    ),
    "ignored": ("ignored",),
    "failed": ("failed_events", "failed_requests"),
}
_LINK_OUTCOMES = ("sent", "replayed", "dropped", "evicted", "refused")
_JOURNAL_REASONS = {"full": "rejected_full", "disk": "failed", "damaged": "damaged"}
_FEED_LIMITS = ("by_user", "by_total")


class GatewayReadings:
    """Reads the gateway's metrics.

    Args:
        health: returns the gateway's own health.
        feed_queue: returns how many frames wait to be written to pages.
        latencies: measures events and toasts.
    """

    def __init__(
        self, health: Callable[[], Mapping[str, Any]], feed_queue: Callable[[], int], latencies: Latencies
    ) -> None:
        self._health = health
        self._feed_queue = feed_queue
        self._latencies = latencies
        #: Of each source's counts: their sum when they began again, and their latest value.
        self._rising: dict[Labels, tuple[float, float]] = {}

    def read(self) -> Iterator[Reading]:
        """Read all metrics of the gateway."""
        health = self._health()
        yield from self._latencies.readings()
        yield from self._sources(health["sources"])
        yield plain(catalogue.FEEDS, health["feeds"]["open"])
        refused = health["feeds"]["refused"]
        yield Reading(catalogue.FEEDS_REFUSED, {(limit,): refused.get(limit, 0) for limit in _FEED_LIMITS})
        yield plain(catalogue.FEED_QUEUE, self._feed_queue())
        yield from _link(health["link"])
        yield from _journal(health["journal"])
        yield _by_name(catalogue.RATE_LIMITED, health["rate_limited"])
        yield from _consent(health.get("consent") or {})
        yield plain(catalogue.CHAT_SOCKETS, health["chat"]["open"])
        yield plain(catalogue.CHAT_REFUSED, sum(health["chat"]["refused"].values()))

    def _sources(self, sources: Mapping[str, Mapping[str, Any]]) -> Iterator[Reading]:
        counts: dict[Labels, float] = {}
        states: dict[Labels, float] = {}
        times: dict[Labels, float] = {}
        for name, health in sources.items():
            for outcome, own_names in SOURCE_OUTCOMES.items():
                count = sum(health.get(own, 0) for own in own_names)
                counts[name, outcome] = self._never_falling((name, outcome), count)
            states[name,] = float(health["state"] != "failed")
            times[name,] = health["last_event_at"] or 0.0
        yield Reading(catalogue.SOURCE_EVENTS, counts)
        yield Reading(catalogue.SOURCE_UP, states)
        yield Reading(catalogue.SOURCE_LAST_EVENT, times)

    def _never_falling(self, labels: Labels, count: float) -> float:
        """Continue a count that begins again, because with Redis a source moves between servers."""
        base, latest = self._rising.get(labels, (0.0, 0.0))
        if count < latest:
            base += latest
        self._rising[labels] = base, count
        return base + count


def _link(link: Mapping[str, Any]) -> Iterator[Reading]:
    yield plain(catalogue.LINK_CONNECTED, float(link["state"] == "connected"))
    yield plain(catalogue.LINK_CONNECTIONS, link.get("connections", 0))
    yield plain(catalogue.LINK_QUEUE, link["queued"])
    yield plain(catalogue.LINK_QUEUE_RATIO, link["queue_used"])
    yield Reading(catalogue.LINK_MESSAGES, {(name,): link.get(name, 0) for name in _LINK_OUTCOMES})
    if "redis" in link:
        yield plain(catalogue.LINK_REDIS, float(link["redis"] == "connected"))


def _journal(journal: Mapping[str, Any]) -> Iterator[Reading]:
    if journal["state"] == "off":
        return
    yield plain(catalogue.JOURNAL_UP, float(journal["state"] == "connected"))
    yield plain(catalogue.JOURNAL_EVENTS, journal["pending"])
    yield plain(catalogue.JOURNAL_BYTES, journal["bytes"])
    yield plain(catalogue.JOURNAL_LIMIT, journal["max_bytes"])
    reasons: dict[Labels, float] = {
        (reason,): journal.get(name, 0) for reason, name in _JOURNAL_REASONS.items()
    }
    yield Reading(catalogue.JOURNAL_FAILURES, reasons)


def _consent(consent: Mapping[str, Any]) -> Iterator[Reading]:
    dropped = consent.get("dropped") or {}
    yield Reading(catalogue.CONSENT_DROPPED, {(reason,): dropped.get(reason, 0) for reason in DROP_REASONS})
    yield plain(catalogue.CONSENT_HELD, consent.get("held", 0))


def _by_name(metric: Metric, counts: Mapping[str, int]) -> Reading:
    values: dict[Labels, float] = {(name.removeprefix("by_"),): count for name, count in counts.items()}
    return Reading(metric, values)
