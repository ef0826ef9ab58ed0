"""A user whose page is connected and who never acts is silent."""

from __future__ import annotations

from rasa_autoplay.engine.offers.presence import Presence
from rasa_autoplay.engine.offers.silent_users import SILENT_AFTER_S, SilentUsers
from rasa_autoplay.link.messages import FeedInfo


class Pages:
    def __init__(self) -> None:
        self.presence = Presence()
        self.silent = SilentUsers(self.presence)

    def open(self, user_id: str, now: float = 0.0, feed_id: str = "") -> None:
        self.presence.opened("g1", FeedInfo(feed_id or f"feed_{user_id}", user_id))
        self.silent.opened(user_id, now)

    def close(self, user_id: str, feed_id: str = "") -> None:
        self.presence.closed("g1", feed_id or f"feed_{user_id}")
        self.silent.closed(user_id)

    def count(self, now: float = SILENT_AFTER_S) -> tuple[int, int]:
        health = self.silent.health(now)
        return health["silent_users"], health["connected_users"]


def test_counts_who_has_been_silent_for_a_minute() -> None:
    pages = Pages()
    pages.open("ann")
    pages.open("bob", now=30.0)
    assert [pages.count(at) for at in (59.0, 60.0, 89.0, 90.0)] == [(0, 2), (1, 2), (1, 2), (2, 2)]


def test_who_acts_is_not_silent() -> None:
    pages = Pages()
    pages.open("ann")
    pages.silent.acted("ann")
    pages.silent.acted("somebody else")
    assert pages.count() == (0, 1)


def test_who_leaves_is_forgotten_when_the_last_page_closes() -> None:
    pages = Pages()
    pages.open("ann", feed_id="one")
    pages.open("ann", now=50.0, feed_id="two")
    pages.close("ann", "one")
    assert pages.count() == (1, 1)
    pages.close("ann", "two")
    assert pages.count() == (0, 0)


def test_the_pages_of_a_lost_gateway_are_forgotten() -> None:
    pages = Pages()
    pages.open("ann")
    pages.presence.lost("g1")
    assert pages.count() == (0, 0)
