"""How long events and toasts take in the gateway."""

from __future__ import annotations

import pytest
from support.engine_parts import Clock, batch, save
from support.metrics import Scrape

from rasa_autoplay.common.metrics.page import MetricsPage
from rasa_autoplay.gateway.metrics.latencies import Latencies
from rasa_autoplay.link.frames import FeedFrame
from rasa_autoplay.link.messages import Delivered, Event, UpMessage


def scrape(latencies: Latencies) -> Scrape:
    return Scrape(MetricsPage(latencies.readings).render().decode())


def test_measures_accepted_events_and_passes_every_message_on() -> None:
    clock = Clock(500.0)
    latencies = Latencies(clock)
    passed: list[tuple[UpMessage, bool]] = []
    settled = latencies.watching(lambda message, is_accepted: passed.append((message, is_accepted)))
    events = [Event(batch(save(0)), "capture") for _ in range(3)]
    for event in events[:2]:
        latencies.arrived(event)
    clock.now += 0.25
    messages: list[tuple[UpMessage, bool]] = [
        (events[0], True),
        (events[1], False),  # evicted from a full queue
        (events[2], True),  # sent again to a restarted engine
        (Delivered("o1", ["f1"], "u1"), True),
    ]
    for message, is_accepted in messages:
        settled(message, is_accepted)
    assert passed == messages
    assert scrape(latencies).value("autoplay_event_delivery_seconds_count") == 1
    assert scrape(latencies).value("autoplay_event_delivery_seconds_sum") == pytest.approx(0.25)


def test_measures_only_toasts_that_an_event_of_this_gateway_caused() -> None:
    clock = Clock(500.0)
    latencies = Latencies(clock)
    for frame in (
        FeedFrame("u1", "proactive", "o1", "{}", caused_at=499.0),
        FeedFrame("u1", "proactive", "o2", "{}"),
        FeedFrame("u1", "tour_progress", "", "{}"),
    ):
        latencies.written(frame)
    seen = scrape(latencies)
    assert seen.value("autoplay_toasts_written_total") == 2
    assert seen.value("autoplay_action_to_sent_seconds_count") == 1
    assert seen.value("autoplay_action_to_sent_seconds_sum") == pytest.approx(1.0)
