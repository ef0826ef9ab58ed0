"""A user's past as triggers see it: a user's memory in the words of their golden paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from rasa_autoplay.events.user_properties import PropertyValue
from rasa_autoplay.knowledge.golden_path import GoldenPath
from rasa_autoplay.knowledge.path_tracker import PathTracker
from rasa_autoplay.memory.analysis import PathFinding, SessionAnalysis
from rasa_autoplay.memory.profile import StrugglePattern, UserMemory, memory_of
from rasa_autoplay.triggers.facts import WorkflowMemory

__all__ = ["PastReader", "UserPast"]

_NO_PROPERTIES: Mapping[str, PropertyValue] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class UserPast:
    """A user, over all sessions before one.

    Args:
        previous_visit_at: when they were last here, epoch seconds; None for a new user.
        workflows: every known workflow, by the id of its golden path.
        properties: what the app said of the user, by name.
    """

    previous_visit_at: float | None
    workflows: Mapping[str, WorkflowMemory]
    properties: Mapping[str, PropertyValue] = _NO_PROPERTIES


class PastReader:
    """Reads pasts out of analyses. All newcomers share one, so that they cost nothing.

    Args:
        tracker: knows the golden paths.
    """

    def __init__(self, tracker: PathTracker) -> None:
        self._tracker = tracker
        # Of a path that no action can show, it is never known whether somebody has gone it.
        self._paths = [path for path_id, path in tracker.paths.items() if tracker.provable(path_id)]
        self._newcomer = UserPast(None, {path.id: WorkflowMemory(path.title) for path in self._paths})

    @property
    def path_ids(self) -> list[str]:
        """The golden paths of which anything can be known."""
        return [path.id for path in self._paths]

    def memory_of(self, analyses: Sequence[SessionAnalysis]) -> UserMemory:
        """The user in the vendor's form."""
        return memory_of(self.path_ids, analyses)

    def past_of(self, analyses: Sequence[SessionAnalysis]) -> UserPast:
        """The user in the form that triggers ask.

        Args:
            analyses: of the sessions before, in any order.
        """
        if not analyses:
            return self._newcomer
        memory = self.memory_of(analyses)
        ordered = sorted(analyses, key=lambda one: (one.ended_at, one.session_id))
        findings: dict[str, list[PathFinding]] = {}
        for finding in (finding for analysis in ordered for finding in analysis.findings):
            findings.setdefault(finding.path_id, []).append(finding)
        known = {path.id: self._workflow(path, findings.get(path.id, []), memory) for path in self._paths}
        # Each session carries on what those before it knew.
        properties = next((one.properties for one in reversed(ordered) if one.properties), _NO_PROPERTIES)
        return UserPast(ordered[-1].ended_at, known, properties)

    def _workflow(
        self, path: GoldenPath, findings: Sequence[PathFinding], memory: UserMemory
    ) -> WorkflowMemory:
        if not findings:
            return self._newcomer.workflows[path.id]
        mastered = path.id in memory.knowledge_state.mastered
        return WorkflowMemory(
            path.title,
            "mastered" if mastered else "in_progress",
            sum(finding.attempts for finding in findings),
            max(finding.completion_pct for finding in findings),
            "" if mastered else self._missing_step(path, findings),
            any(pattern.workflow == path.id for pattern in memory.struggle_patterns),
            _failed_step(path, memory.struggle_patterns),
        )

    def _missing_step(self, path: GoldenPath, findings: Sequence[PathFinding]) -> str:
        """The first step that was never done; where each was done once, the first that was missed last."""
        done = {step for finding in findings for step in finding.done}
        never = (path.name_of(at) for at in self._tracker.provable(path.id) if path.steps[at].id not in done)
        missed = set(findings[-1].missed)
        last = (path.name_of(at) for at, step in enumerate(path.steps) if step.id in missed)
        return next(never, None) or next(last, "")


def _failed_step(path: GoldenPath, patterns: Sequence[StrugglePattern]) -> str:
    """The step that did not work most often; else the one at which they gave up."""
    places = {step.id: at for at, step in enumerate(path.steps)}
    own = [pattern for pattern in patterns if pattern.workflow == path.id and pattern.step in places]
    worst = max(own, key=lambda pattern: (pattern.kind == "failures", pattern.count), default=None)
    return path.name_of(places[worst.step]) if worst else ""
