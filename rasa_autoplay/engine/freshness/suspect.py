"""A suspect step: what users do no longer agrees with what the golden path says."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Literal

import msgspec

__all__ = ["Replacement", "Seen", "StepKey", "Suspect", "Why"]

#: Why a step is suspect: users no longer do it; its page lacks its element; its control has another name.
Why = Literal["not done", "missing", "renamed"]

#: A path's id and a step's id.
StepKey = tuple[str, str]

_FOUND = {
    "not done": "users no longer do it",
    "missing": "the page lacks its element",
    "renamed": "its control now has another name",
}


class Replacement(msgspec.Struct, frozen=True, omit_defaults=True):
    """What users probably do instead.

    Args:
        share: the share of users who do it, among those whose sessions made the step suspect.
        label: the name of the control, in which ``N`` stands for any number; empty if it has none.
        element_id: DOM id of its element, in which ``*`` stands for any number; empty if unknown.
        element: CSS selector of its element; empty if unknown.
        keeps_label: whether the control still has the step's name.
    """

    share: float
    label: str = ""
    element_id: str = ""
    element: str = ""
    keeps_label: bool = False

    def describe(self) -> str:
        """Return the control for people."""
        name = f"“{self.label}”" if self.label else ""
        return f"{name} ({self.element})" if name and self.element else name or self.element


class Seen(msgspec.Struct, frozen=True, omit_defaults=True):
    """The numbers behind a suspicion.

    Args:
        users: users whose sessions speak against the step.
        sessions: sessions since it began, or reports of browsers.
        usual: the share of sessions that did the step, or used its name, before; from 0 to 1.
        now: the same share since then.
        page: the page that lacks the element.
    """

    users: int
    sessions: int
    usual: float = 0.0
    now: float = 0.0
    page: str = ""


class Suspect(msgspec.Struct, frozen=True):
    """A suspect step.

    Args:
        path_id: the golden path.
        step_id: the step.
        digest: of the step's definition; another definition is not suspect.
        why: what was noticed.
        since: since when, epoch seconds.
        seen: the numbers.
        replacement: what users probably do instead; None if nothing stands out.
    """

    path_id: str
    step_id: str
    digest: str
    why: Why
    since: float
    seen: Seen
    replacement: Replacement | None = None

    @property
    def key(self) -> StepKey:
        """Identifies the step."""
        return self.path_id, self.step_id

    @property
    def is_label_doubtful(self) -> bool:
        """Whether the step's label may be wrong. It is right if the same name is now on another element."""
        return self.replacement is None or not self.replacement.keeps_label

    def describe(self) -> str:
        """Return what was noticed, in one line for people."""
        since = datetime.fromtimestamp(self.since, timezone.utc)
        found = f"{_FOUND[self.why]} since {since:%Y-%m-%d %H:%M} UTC ({self._numbers()})"
        instead = self.replacement.describe() if self.replacement else ""
        return f"{found}; probably it is now {instead}" if instead else found

    def _numbers(self) -> str:
        seen = self.seen
        if self.why == "missing":
            return f"{seen.users} users, last on {seen.page}" if seen.page else f"{seen.users} users"
        return f"{seen.now:.0%} of {seen.sessions} sessions instead of {seen.usual:.0%}, {seen.users} users"

    def as_json(self) -> dict[str, Any]:
        """Return it for health and the studio."""
        return {
            "path": self.path_id,
            "step": self.step_id,
            "why": self.why,
            "since": self.since,
            "seen": msgspec.to_builtins(self.seen),
            "replacement": msgspec.to_builtins(self.replacement),
            "text": self.describe(),
        }
