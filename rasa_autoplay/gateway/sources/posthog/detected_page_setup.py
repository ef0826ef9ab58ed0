"""Detects from the captured events which settings of posthog-js on the page are unsuitable."""

from __future__ import annotations

from urllib.parse import urlsplit

from rasa_autoplay.events.models import SlimAction

__all__ = ["PageSetup"]

#: With fewer actions, there are no hints.
_SOME_ACTIONS = 3


class PageSetup:
    """Records properties of the actions, and gives hints about the page's settings."""

    def __init__(self) -> None:
        #: Events of visitors that were lost because posthog-js runs without sessions.
        self.lost_cookieless = 0
        self._clicks = self._clicks_with_text = self._actions = 0
        self._page: str | None = None
        self._has_pages = self._has_hashes = False

    def record(self, action: SlimAction, *, has_text: bool) -> None:
        """Record an action, and whether its event contains the text of an element."""
        self._actions += 1
        if action.type == "click":
            self._clicks += 1
            self._clicks_with_text += has_text
        if not (self._has_pages or self._has_hashes):
            self._record_page(action.raw_url)

    def _record_page(self, url: str) -> None:
        try:
            parts = urlsplit(url)
        except ValueError:  # not a URL
            return
        page = f"{parts.netloc}{parts.path}"
        self._has_hashes = bool(parts.fragment)
        self._has_pages = self._page is not None and page != self._page
        self._page = page

    def hints(self) -> list[str]:
        """What may be wrong with the settings; empty if nothing seems wrong."""
        found = []
        if self.lost_cookieless:
            found.append(
                f"{self.lost_cookieless} events of visitors named no session and were left out: with "
                "cookieless_mode 'always', posthog-js sends no $session_id. Call posthog.identify(<user id>) "
                "before the visitors act, or remove cookieless_mode."
            )
        if self._clicks >= _SOME_ACTIONS and not self._clicks_with_text:
            found.append(
                f"none of {self._clicks} clicks has a text: with mask_all_text, posthog-js sends no texts, "
                "and rules on titles cannot match. Remove mask_all_text, or give the controls an aria-label."
            )
        if self._actions >= _SOME_ACTIONS and not (self._has_pages or self._has_hashes):
            found.append(
                f"all {self._actions} actions happened on one page, and no URL has a hash. If the app "
                "routes by the hash (#/…), set disable_capture_url_hashes: false in posthog.init, because "
                "posthog-js removes the hash with defaults from '2026-06-25' on."
            )
        return found
