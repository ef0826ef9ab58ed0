"""Finds what triggers want remembered of actions for the whole session."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from rasa_autoplay.engine.triggers.configured.index import TriggerIndex
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.engine.triggers.decorators import Matcher
from rasa_autoplay.events.models import SlimAction

__all__ = ["RememberedNames"]


class RememberedNames:
    """The matchers of all triggers.

    Args:
        index: looks up the matchers of rules.
        guard: makes a custom trigger's matcher safe, because it may fail.
    """

    def __init__(
        self,
        index: TriggerIndex,
        guard: Callable[[ConfiguredTrigger, Matcher], Callable[[SlimAction], bool]],
    ) -> None:
        self._index = index
        #: The matchers of custom triggers, by name.
        self.custom = [(name, guard(trigger, matches)) for trigger, name, matches in index.opaque_matchers]

    def of_rules(self, actions: Iterable[SlimAction]) -> frozenset[str]:
        """Return the names that rules want remembered for these actions."""
        return self._index.remembered_of(actions)

    def of_many(self, actions: Sequence[SlimAction], known: Collection[str]) -> frozenset[str]:
        """Return the names that rules want remembered for many actions, and that are not known yet."""
        return self._index.remembered_among(actions, known)

    def of(self, actions: Sequence[SlimAction], known: Collection[str]) -> frozenset[str]:
        """Return the names that rules and custom triggers want remembered for these actions.

        Args:
            actions: in any order.
            known: names that are remembered already; custom matchers are not called for them.
        """
        new = (
            name
            for name, matches in self.custom
            if name not in known and any(matches(action) for action in actions)
        )
        return self.of_rules(actions) | frozenset(new)
