"""Groups a user's feeds, so that each page gets its texts in its own languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from rasa_autoplay.engine.languages.user_languages import UserLanguages
from rasa_autoplay.engine.offers.presence import Presence

__all__ = ["FeedLanguages", "PageGroup"]


class PageGroup(NamedTuple):
    """Feeds of one gateway, whose pages have the same languages.

    Args:
        gateway_id: the gateway.
        languages: for the texts, best first.
        feed_ids: the feeds.
    """

    gateway_id: str
    languages: tuple[str, ...]
    feed_ids: list[str]


class FeedLanguages:
    """Knows the languages of each feed's page.

    Args:
        presence: the open feeds.
        users: the languages of users, for pages that name none.
    """

    def __init__(self, presence: Presence, users: UserLanguages) -> None:
        self._presence = presence
        self._users = users

    def groups(self, user_id: str, feeds: Mapping[str, str]) -> list[PageGroup]:
        """Group feeds by their gateway and their languages.

        Args:
            user_id: the user.
            feeds: feed id to gateway id.
        """
        found: dict[tuple[str, tuple[str, ...]], PageGroup] = {}
        for feed_id, gateway_id in feeds.items():
            languages = self.of_feed(user_id, feed_id)
            group = PageGroup(gateway_id, languages, [])
            found.setdefault((gateway_id, languages), group).feed_ids.append(feed_id)
        return list(found.values())

    def of_feed(self, user_id: str, feed_id: str) -> tuple[str, ...]:
        """Return the languages for a feed's page, best first."""
        page = next((feed.languages for feed in self._presence.open_among(user_id, [feed_id])), ())
        return self._users.of_page(user_id, page)

    def of_newest(self, user_id: str, feed_ids: Iterable[str]) -> tuple[str, ...]:
        """Return the languages for the last of these feeds."""
        *_, last = ("", *feed_ids)
        return self.of_feed(user_id, last)
