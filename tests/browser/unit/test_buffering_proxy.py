"""Behind a proxy that holds streams back, short requests bring the offers; the stream is tried again."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser.unit.conftest import Visitor
from browser.unit.stand_in import StandIn, offer

#: Makes the page's pauses a hundred times shorter. The ten seconds that a connection has to open become one,
#: because on a busy machine it may need more than 0.1 s.
HURRY = """
Math.random = () => 0;
const later = window.setTimeout;
const hurried = (ms) => (ms === 10000 ? 1000 : ms >= 1000 ? ms / 100 : ms);
window.setTimeout = (act, ms, ...more) => later(act, hurried(ms), ...more);
"""


def test_short_requests_replace_a_stream_that_is_held_back(visitor: Visitor, server: StandIn) -> None:
    server.holds_back, server.second_s = True, 0.01
    page = visitor.open(init=HURRY)
    assert [feed["wait"] for feed in server.until_feeds(5)[:5]] == ["", "1", "1", "1", "1"]
    server.send(offer())
    expect(page.locator("rasa-autoplay .card")).to_be_visible()
    server.until_receipt("rendered")


def test_stream_returns_when_the_proxy_stops_buffering(visitor: Visitor, server: StandIn) -> None:
    server.holds_back, server.second_s = True, 0.001
    page = visitor.open(init=HURRY)
    server.until_feeds(10)
    server.holds_back = False
    # About ten minutes of short requests later.
    feeds = server.until_feeds(152)
    assert [number for number, feed in enumerate(feeds) if feed["wait"] == ""] == [0, 151]
    server.until_open(1)
    server.send(offer())
    expect(page.locator("rasa-autoplay .card")).to_be_visible()


@pytest.mark.slow
def test_stream_that_is_still_held_back_is_left_again(visitor: Visitor, server: StandIn) -> None:
    server.holds_back, server.second_s = True, 0.001
    visitor.open(init=HURRY)
    feeds = server.until_feeds(160)
    assert [number for number, feed in enumerate(feeds[:160]) if feed["wait"] == ""] == [0, 151]


def test_stream_that_sends_stays_a_stream(visitor: Visitor, server: StandIn) -> None:
    """Ten seconds without an event say nothing once the feed has opened."""
    server.heartbeat_s = 30.0
    visitor.open(init=HURRY)
    server.until_open(1)
    server.lose_connections()
    # Two heartbeats are missing: another stream, because this one was never held back.
    assert [feed["wait"] for feed in server.until_feeds(2)] == ["", ""]
