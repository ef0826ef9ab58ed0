"""What discovery has found: a slow way, what it costs, and the trigger and the path that would help."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from rasa_autoplay.engine.knowledge.drafting import Draft

__all__ = ["Act", "Example", "Finding", "FindingKind"]


class FindingKind(str, Enum):
    """The kinds of findings."""

    #: The same act, or a short cycle of acts, on one record after the other.
    REPETITION = "repetition"
    #: A longer way to an end state that others reach by a shorter one.
    DETOUR = "detour"
    #: A place where workflows end, repeat or fail.
    STALL = "stall"
    #: An element that few use and that shortens what many do.
    UNUSED_FEATURE = "unused_feature"
    #: A frequent sequence of acts that ends in success.
    WORKFLOW = "workflow"


@dataclass(frozen=True, slots=True, order=True)
class Act:
    """What users do with one element of one page, or the view of a page.

    Args:
        page: path of the canonical URL, such as ``/projects/:id``; empty if unknown.
        element_id: the element's id, in which ``*`` stands for numbers and UUIDs; empty without a stable id.
        title: the title of such actions, in which ``*`` stands for numbers and UUIDs; the most frequent one
            if an element has several. For a page view, the title of the page.
        type: ``pageview``, ``click``, ``submit``, ``type``, or another type of action; may be empty.
        also: the other titles of an element without an id, such as its translations.
    """

    page: str
    element_id: str
    title: str
    type: str
    also: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The name for people: the title without its verb, the id, or the page."""
        for verb in ("Click ", "Change ", "Submit ", "Page load: "):
            if self.title.startswith(verb):
                return self.title.removeprefix(verb)
        return self.title or self.element_id or self.page

    @property
    def is_page_view(self) -> bool:
        """Whether it is the view of a page."""
        return self.type == "pageview"


@dataclass(frozen=True, slots=True)
class Example:
    """One time that a session went the slow way.

    Args:
        session_id: the session's id from its source; never shown as it is.
        began_at: the first act of the slow way, epoch seconds.
        ended_at: its last act, epoch seconds.
    """

    session_id: str
    began_at: float
    ended_at: float


@dataclass(frozen=True, slots=True)
class Finding:
    """One slow way or workflow that many users take.

    Args:
        kind: how it was found.
        id: a slug, the same for the same recordings; the id of the proposal and of its trigger.
        title: one plain sentence for people.
        page: path of the canonical URL of the page on which it happens.
        slow_way: its acts in order; for a workflow, the acts of the workflow.
        fast_way: the acts that reach the same with less; empty if no session shows one.
        goal: the act or the page view that shows success; None if unknown.
        users: how many users went the slow way.
        sessions: in how many sessions.
        times: how often in all.
        extra_acts: the median number of acts that the slow way costs more than the fast one, each time.
        extra_s: the median time that it costs more, each time (seconds).
        examples: at most 10, those nearest to the median.
        trigger: the settings of one rule trigger, as in the list ``triggers:`` of ``autoplay.yml``.
        path: a draft of the golden path of the fast way, or of the workflow; None if there is none.
    """

    kind: FindingKind
    id: str
    title: str
    page: str
    slow_way: tuple[Act, ...]
    fast_way: tuple[Act, ...]
    goal: Act | None
    users: int
    sessions: int
    times: int
    extra_acts: float
    extra_s: float
    examples: tuple[Example, ...]
    trigger: dict[str, Any]
    path: Draft | None = None

    @property
    def total_cost_s(self) -> float:
        """What the slow way has cost all users together (seconds)."""
        return self.times * max(self.extra_s, 0.0)
