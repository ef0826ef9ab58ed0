"""Declares which changes to a session can affect a trigger, so that the driver evaluates only those triggers.

It does not cover time (see ``TimeAware``), remembered actions (see ``Remembering``), or the user: when a user
signs in, all triggers are evaluated.
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
        added: matchers for new actions; they read only ``fields``.
        evicted: matchers for actions that a full window drops; they read only ``fields``.
        on_navigation: matchers for new actions that come with a page change; they read only ``fields``.
        fields: names of the action fields that the matchers read, all of them texts.
        page: any page change, including a page that becomes known or unknown.
        workflow: any action, once the session has begun a golden path.
        anything: any action.
    """

    added: frozenset[Callable[[SlimAction], bool]] = frozenset()
    evicted: frozenset[Callable[[SlimAction], bool]] = frozenset()
    on_navigation: frozenset[Callable[[SlimAction], bool]] = frozenset()
    fields: frozenset[str] = frozenset()
    page: bool = False
    workflow: bool = False
    anything: bool = False

    def __or__(self, other: Interest) -> Interest:
        return Interest(
            self.added | other.added,
            self.evicted | other.evicted,
            self.on_navigation | other.on_navigation,
            self.fields | other.fields,
            self.page or other.page,
            self.workflow or other.workflow,
            self.anything or other.anything,
        )


NOTHING = Interest()
ANYTHING = Interest(anything=True)
PAGE = Interest(page=True)
WORKFLOW = Interest(workflow=True)
