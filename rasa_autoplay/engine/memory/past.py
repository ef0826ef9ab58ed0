"""A user's past as triggers see it: a user's memory in the words of their golden paths."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import msgspec

from rasa_autoplay.engine.knowledge.facts import WorkflowMemory
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.path_tracker import PathTracker
from rasa_autoplay.engine.memory.analysis import PathFinding, SessionAnalysis
from rasa_autoplay.engine.memory.profile import StrugglePattern, UserMemory, memory_of
from rasa_autoplay.events.user_properties import PropertyValue

__all__ = ["PastReader", "UserPast"]

#: Of a user's sessions, so many of the newest are told to triggers.
_MAX_SUMMARIES = 5
_NO_PROPERTIES: Mapping[str, PropertyValue] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class UserPast:
    """A user, over all sessions before one.

    Args:
        previous_visit_at: when they were last here, epoch seconds; None for a new user.
        workflows: every known workflow, by the id of its golden path.
        properties: what the app said of the user, by name.
        session_summaries: of the newest sessions that have one, oldest first.
    """

    previous_visit_at: float | None
    workflows: Mapping[str, WorkflowMemory]
    properties: Mapping[str, PropertyValue] = _NO_PROPERTIES
    session_summaries: tuple[str, ...] = ()


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
        return memory_of(self.path_ids, [self._by_todays_paths(analysis) for analysis in analyses])

    def past_of(self, analyses: Sequence[SessionAnalysis]) -> UserPast:
        """The user in the form that triggers ask.

        Args:
            analyses: of the sessions before, in any order.
        """
        if not analyses:
            return self._newcomer
        analyses = [self._by_todays_paths(analysis) for analysis in analyses]
        memory = memory_of(self.path_ids, analyses)
        ordered = sorted(analyses, key=lambda one: (one.ended_at, one.session_id))
        findings: dict[str, list[PathFinding]] = {}
        for finding in (finding for analysis in ordered for finding in analysis.findings):
            findings.setdefault(finding.path_id, []).append(finding)
        known = {path.id: self._workflow(path, findings.get(path.id, []), memory) for path in self._paths}
        # Each session carries on what those before it knew.
        properties = next((one.properties for one in reversed(ordered) if one.properties), _NO_PROPERTIES)
        summaries = [one.summary for one in ordered if one.summary]
        return UserPast(ordered[-1].ended_at, known, properties, tuple(summaries[-_MAX_SUMMARIES:]))

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
            sum(finding.completed > 0 for finding in findings),
        )

    def _by_todays_paths(self, analysis: SessionAnalysis) -> SessionAnalysis:
        """An analysis as it would be made today: a stored one may be older than a path or its rules."""
        return msgspec.structs.replace(analysis, findings=[*map(self._by_todays_path, analysis.findings)])

    def _by_todays_path(self, finding: PathFinding) -> PathFinding:
        steps = self._tracker.completions.get(finding.path_id)
        path = self._tracker.paths.get(finding.path_id)
        done = _places(path, finding.done) if path else set()
        if finding.completed or path is None or steps is None or not done:
            return finding
        complete = steps.is_reached(done)
        ids = [step.id for step in path.steps]
        return msgspec.structs.replace(
            finding,
            completed=int(complete),
            completion_pct=steps.percentage(done),
            missed=[] if complete else [ids[place] for place in steps.missing(done)],
            skipped=[ids[place] for place in steps.skipped(done)],
        )

    def _missing_step(self, path: GoldenPath, findings: Sequence[PathFinding]) -> str:
        """The first required step that was never done; if there is none, the first that was missed last."""
        done = _places(path, {step for finding in findings for step in finding.done})
        never = map(path.name_of, self._tracker.completions[path.id].missing(done))
        missed = set(findings[-1].missed)
        last = (path.name_of(at) for at, step in enumerate(path.steps) if step.id in missed)
        return next(never, None) or next(last, "")


def _places(path: GoldenPath, step_ids: Collection[str]) -> set[int]:
    return {place for place, step in enumerate(path.steps) if step.id in step_ids}


def _failed_step(path: GoldenPath, patterns: Sequence[StrugglePattern]) -> str:
    """The step that did not work most often; else the one at which they gave up."""
    places = {step.id: at for at, step in enumerate(path.steps)}
    own = [pattern for pattern in patterns if pattern.workflow == path.id and pattern.step in places]
    worst = max(own, key=lambda pattern: (pattern.kind == "failures", pattern.count), default=None)
    return path.name_of(places[worst.step]) if worst else ""
