"""How interesting a session is: the page shows the most interesting ones first, and says in which order."""

from __future__ import annotations

from rasa_autoplay.tools.simulation.html.timelines import Timeline

__all__ = ["interest"]

#: Kinds of entries, the most interesting first. The page's text names this order.
_ORDER = (("fire",), ("newly", "lost", "moved"), ("withheld",), ("held",), ("near",))


def interest(timeline: Timeline) -> tuple[int, int, int, float]:
    """Return the key to sort by: what happened, how often users struggled, how long it was, when it began."""
    kinds = {entry.kind for entry in timeline.entries}
    place = next((place for place, some in enumerate(_ORDER) if kinds.intersection(some)), len(_ORDER))
    struggles = sum(bool(action.signal) for action in timeline.story.actions)
    return place, -struggles, -len(timeline.story.actions), timeline.began_at
