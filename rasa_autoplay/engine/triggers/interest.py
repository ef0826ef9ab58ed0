"""What of a session can change a trigger's mind, so that the driver need not ask it about the rest.

Time is no part of it (see ``TimeAware``), nor what is remembered (see ``Remembering``), nor who the user
is: a user who signs in makes everything new.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rasa_autoplay.events.models import SlimAction

__all__ = ["ANYTHING", "NOTHING", "PAGE", "WORKFLOW", "Interest"]


@dataclass(frozen=True, slots=True)
class Interest:
    """The events that a trigger, or one condition of it, depends on.

    Args:
        coming: a new action that one of these picks. They look at nothing but ``fields``.
        leaving: an action that one of these picks and that a full window lets go of. They do too.
        arriving: the same as ``coming``, but only when it comes with a move between pages.
        fields: names of the action's fields, all of them texts.
        page: a move between pages, or one that is known only now or no longer.
        workflow: any action, once the session has begun a golden path.
        anything: any action.
    """

    coming: frozenset[Callable[[SlimAction], bool]] = frozenset()
    leaving: frozenset[Callable[[SlimAction], bool]] = frozenset()
    arriving: frozenset[Callable[[SlimAction], bool]] = frozenset()
    fields: frozenset[str] = frozenset()
    page: bool = False
    workflow: bool = False
    anything: bool = False

    def __or__(self, other: Interest) -> Interest:
        return Interest(
            self.coming | other.coming,
            self.leaving | other.leaving,
            self.arriving | other.arriving,
            self.fields | other.fields,
            self.page or other.page,
            self.workflow or other.workflow,
            self.anything or other.anything,
        )


NOTHING = Interest()
ANYTHING = Interest(anything=True)
PAGE = Interest(page=True)
WORKFLOW = Interest(workflow=True)
