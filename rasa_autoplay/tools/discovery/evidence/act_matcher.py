"""Tells whether an action is one of some acts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rasa_autoplay.engine.knowledge.drafting import masked_id, path_of
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.tools.discovery.findings.finding import Act
from rasa_autoplay.tools.discovery.reading.records import masked_title

__all__ = ["ActMatcher"]

_MAX_CACHED = 50_000


class ActMatcher:
    """Matches actions with acts.

    Args:
        acts: the acts.
    """

    def __init__(self, acts: Iterable[Act]) -> None:
        self._acts = frozenset(acts)
        self._types = {act.type for act in self._acts}
        #: The same texts come again and again.
        self._known: dict[tuple[str, str, str, str], bool] = {}

    def __bool__(self) -> bool:
        return bool(self._acts)

    def __call__(self, action: SlimAction) -> bool:
        """Whether the action is one of the acts."""
        if action.type not in self._types:
            return False
        key = (action.type, action.canonical_url, action.element_id, action.title)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _MAX_CACHED:
                self._known.clear()
            found = self._known[key] = any(_does(action, act) for act in self._acts)
        return found

    def any_of(self, actions: Sequence[SlimAction]) -> bool:
        """Whether any of these actions is one of the acts."""
        return any(map(self, actions))


def _does(action: SlimAction, act: Act) -> bool:
    if action.type != act.type or path_of(action.canonical_url) != act.page:
        return False
    if act.is_page_view:
        return True
    if act.element_id:
        return masked_id(action.element_id.strip()) == act.element_id
    return masked_title(action.title) in (act.title, *act.also)
