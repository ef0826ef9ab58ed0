"""How is posthog-js set up on the page? What its settings leave out of the events, told from the events."""

from __future__ import annotations

from urllib.parse import urlsplit

from rasa_autoplay.events.models import SlimAction

__all__ = ["PageSetup"]

#: So few actions tell nothing of how a page is set up.
_SOME_ACTIONS = 3


class PageSetup:
    """Watches what comes, and says which settings would explain what does not."""

    def __init__(self) -> None:
        #: Events of visitors that were lost because posthog-js runs without sessions.
        self.lost_cookieless = 0
        self._clicks = self._clicks_with_text = self._actions = 0
        self._page: str | None = None
        self._has_pages = self._has_hashes = False

    def saw(self, action: SlimAction, *, has_text: bool) -> None:
        """Note an action, and whether its event carries the text of an element."""
        self._actions += 1
        if action.type == "click":
            self._clicks += 1
            self._clicks_with_text += has_text
        if not (self._has_pages or self._has_hashes):
            self._saw_page(action.raw_url)

    def _saw_page(self, url: str) -> None:
        try:
            parts = urlsplit(url)
        except ValueError:  # no URL
            return
        page = f"{parts.netloc}{parts.path}"
        self._has_hashes = bool(parts.fragment)
        self._has_pages = self._page is not None and page != self._page
        self._page = page

    def hints(self) -> list[str]:
        """What may be wrong with the settings; empty when nothing looks like it."""
        found = []
        if self.lost_cookieless:
            found.append(
                f"{self.lost_cookieless} events of visitors named no session, and were left out: with "
                "cookieless_mode 'always', posthog-js sends no $session_id. Call posthog.identify(<user id>) "
                "before they act, or leave cookieless_mode out."
            )
        if self._clicks >= _SOME_ACTIONS and not self._clicks_with_text:
            found.append(
                f"none of {self._clicks} clicks carries a text: with mask_all_text, posthog-js sends none, "
                "and rules on titles cannot match. Leave mask_all_text out, or give the controls an "
                "aria-label."
            )
        if self._actions >= _SOME_ACTIONS and not (self._has_pages or self._has_hashes):
            found.append(
                f"all {self._actions} actions were done on one page, and no URL has a hash. If the app "
                "routes by the hash (#/…), set disable_capture_url_hashes: false in posthog.init: "
                "posthog-js leaves the hash out with defaults from '2026-06-25' on."
            )
        return found
