"""Readings that the gateway's health gives."""

from __future__ import annotations

from typing import Any

from support.gateway import served_gateway
from support.metrics import Scrape
from support.run import asynchronous

from rasa_autoplay.common.metrics.page import MetricsPage
from rasa_autoplay.gateway.metrics.health_readings import SOURCE_OUTCOMES, GatewayReadings
from rasa_autoplay.gateway.metrics.latencies import Latencies

#: Counts in the health of sources that are parts of others, or no counts of events.
PARTS = {
    "page_views",
    "anonymous",
    "held_back",
    "keyless",
    "users",
    "requests",
    "throttled",
    "unknown_users",
    "full_answers",
    "last_event_at",
    "last_event_age_s",
}
ALL_SOURCES: dict[str, Any] = {
    "capture": True,
    "webhook_secret": "s" * 32,
    "posthog_secret": "s" * 32,
    "amplitude_secret": "s" * 32,
    "fullstory_secret": "s" * 32,
}


def health(**sources: dict[str, Any]) -> dict[str, Any]:
    return {
        "sources": {
            name: {"state": "connected", "last_event_at": None, **own} for name, own in sources.items()
        },
        "feeds": {"open": 0, "refused": {}},
        "link": {"state": "connecting", "queued": 0, "queue_used": 0.0},
        "journal": {"state": "off"},
        "rate_limited": {"by_user": 2},
        "chat": {"open": 0, "refused": {}},
    }


def test_count_that_begins_again_does_not_fall() -> None:
    """With Redis, a source moves to another server, and begins again when it comes back."""
    counts = {"accepted": 0}
    readings = GatewayReadings(lambda: health(stream=dict(counts)), lambda: 0, Latencies())
    seen = []
    for accepted in (5, 9, 0, 3, 1):
        counts["accepted"] = accepted
        page = Scrape(MetricsPage(readings.read).render().decode())
        seen.append(page.value("autoplay_source_events_total", source="stream", outcome="accepted"))
    assert seen == [5, 9, 9, 12, 13]


@asynchronous
async def test_every_count_of_a_source_has_an_outcome() -> None:
    known = {name for names in SOURCE_OUTCOMES.values() for name in names} | PARTS
    async with served_gateway(**ALL_SOURCES) as made:
        assert len(made.gateway.sources) == len(ALL_SOURCES)
        for source in made.gateway.sources:
            counts = {name for name, value in source.health().items() if isinstance(value, (int, float))}
            assert counts <= known, source.name
