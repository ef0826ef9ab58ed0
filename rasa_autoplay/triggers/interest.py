"""What of a session can change a trigger's mind, so that the driver need not ask it about the rest.

Time is no part of it (see ``TimeAware``), nor who the user is: a user who signs in makes everything new.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rasa_autoplay.events.models import SlimAction

__all__ = ["ANYTHING", "NOTHING", "PAGE", "Interest"]


@dataclass(frozen=True, slots=True)
class Interest:
    """The events that a trigger, or one condition of it, depends on.

    Args:
        matchers: an action that one of them picks. They look at nothing but ``fields``.
        fields: names of the action's fields, all of them texts.
        page: a change of the current page.
        anything: any action.
    """

    matchers: frozenset[Callable[[SlimAction], bool]] = frozenset()
    fields: frozenset[str] = frozenset()
    page: bool = False
    anything: bool = False

    def __or__(self, other: Interest) -> Interest:
        return Interest(
            self.matchers | other.matchers,
            self.fields | other.fields,
            self.page or other.page,
            self.anything or other.anything,
        )


NOTHING = Interest()
ANYTHING = Interest(anything=True)
PAGE = Interest(page=True)
