"""Detects from the captured events which settings of posthog-js on the page are unsuitable."""

from __future__ import annotations

from urllib.parse import urlsplit

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.gateway.sources.posthog.elements import Element, acted_on, is_control

__all__ = ["PageSetup"]

#: With fewer actions, there are no hints.
_SOME_ACTIONS = 3
#: A user with so many devices within half an hour has one, whose id posthog-js forgets.
_MANY_DEVICES = 4
_DEVICES_WITHIN_S = 1_800.0
_MAX_USERS = 1_000
#: What names a control that has no text.
_NAMES = ("aria-label", "title", "placeholder", "alt", "value", "name", "data-label", "data-testid")


class PageSetup:
    """Records properties of the actions, and gives hints about the page's settings."""

    def __init__(self) -> None:
        #: Events of visitors that were lost because posthog-js runs without sessions.
        self.lost_cookieless = 0
        self._clicks = self._clicks_with_text = self._nameless = self._bare = self._actions = 0
        self._page: str | None = None
        self._has_pages = self._has_hashes = False
        #: Hash routes of clicks, and those of page views: at most a few, because one is enough to know.
        self._routes: set[str] = set()
        self._viewed_routes: set[str] = set()
        #: By user: the devices, and when each was seen first, epoch seconds.
        self._devices: BoundedDict[str, dict[str, float]] = BoundedDict(_MAX_USERS)
        self._is_forgetful = False

    def record(self, action: SlimAction, elements: list[Element], device_id: object) -> None:
        """Record an action.

        Args:
            action: as the engine gets it.
            elements: the target and its ancestors, target first.
            device_id: the device that posthog-js names.
        """
        self._actions += 1
        if action.type == "click" and not action.signal:
            self._record_click(elements)
        self._record_page(action.raw_url, is_view=action.type == "pageview")
        if action.user_id and isinstance(device_id, str) and device_id != action.user_id:
            self._record_device(action.user_id, device_id[:64], action.timestamp_start)

    def _record_click(self, elements: list[Element]) -> None:
        self._clicks += 1
        has_text = any(element.text for element in elements)
        self._clicks_with_text += has_text
        if elements and not has_text:
            control = elements[acted_on(elements)]
            self._bare += not (control.id or control.attributes)
            self._nameless += is_control(control) and not any(map(control.attributes.get, _NAMES))

    def _record_page(self, url: str, *, is_view: bool) -> None:
        try:
            parts = urlsplit(url)
        except ValueError:  # not a URL
            return
        page = f"{parts.netloc}{parts.path}"
        self._has_hashes = self._has_hashes or bool(parts.fragment)
        self._has_pages = self._has_pages or (self._page is not None and page != self._page)
        self._page = page
        if parts.fragment.lstrip("!").startswith("/"):
            routes = self._viewed_routes if is_view else self._routes
            if len(routes) < _SOME_ACTIONS:
                routes.add(parts.fragment[:200])

    def _record_device(self, user_id: str, device_id: str, at: float) -> None:
        seen = self._devices.get(user_id) or {}
        seen = {device: first for device, first in seen.items() if at - first < _DEVICES_WITHIN_S}
        seen.setdefault(device_id, at)
        if len(seen) >= _MANY_DEVICES:
            self._is_forgetful = True
            seen = {device_id: at}
        self._devices[user_id] = seen

    def hints(self) -> list[str]:
        """What may be wrong with the settings; empty if nothing seems wrong."""
        return [*self._identity_hints(), *self._text_hints(), *self._page_hints()]

    def _identity_hints(self) -> list[str]:
        found = []
        if self.lost_cookieless:
            found.append(
                f"{self.lost_cookieless} events of visitors named no session and were left out: with "
                "cookieless_mode 'always', posthog-js sends no $session_id. Call posthog.identify(<user id>) "
                "before the visitors act, or remove cookieless_mode. With 'on_reject', a user who has "
                "rejected cookies stays unknown, and gets no offers."
            )
        if self._is_forgetful:
            found.append(
                f"a user had {_MANY_DEVICES} devices within half an hour: with persistence: 'memory', "
                "posthog-js begins a new session on each page load. Remove persistence from posthog.init, or "
                "set capture: {sessions: of_user} in credentials.yml."
            )
        return found

    def _text_hints(self) -> list[str]:
        if self._clicks < _SOME_ACTIONS:
            return []
        if self._bare == self._clicks:
            return [
                f"none of {self._clicks} clicks has a text or an attribute: with "
                "mask_all_element_attributes, posthog-js sends no element ids either, and no click can be "
                "told from another. Remove mask_all_element_attributes."
            ]
        if not self._clicks_with_text:
            return [
                f"none of {self._clicks} clicks has a text: with mask_all_text, posthog-js sends no texts, "
                "and rules on titles cannot match. Remove mask_all_text, or give the controls an aria-label."
            ]
        if self._nameless >= _SOME_ACTIONS:
            return [
                f"{self._nameless} clicks hit controls without a name: posthog-js sends no text for a click "
                "on the edge of a button whose label is nested (<button><b>Save</b></button>), or for an "
                "icon. Give such controls an aria-label, or an id for golden paths."
            ]
        return []

    def _page_hints(self) -> list[str]:
        if self._actions >= _SOME_ACTIONS and not (self._has_pages or self._has_hashes):
            return [
                f"all {self._actions} actions happened on one page, and no URL has a hash. If the app "
                "routes by the hash (#/…), set disable_capture_url_hashes: false in posthog.init, because "
                "posthog-js removes the hash with defaults from '2026-06-25' on."
            ]
        if len(self._routes) > 1 >= len(self._viewed_routes):
            return [
                "the app routes by the hash (#/…), and no page view comes when it changes: posthog-js "
                "watches paths only. Add addEventListener('hashchange', () => posthog.capture('$pageview'))."
            ]
        return []
