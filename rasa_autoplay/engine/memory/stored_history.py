"""Builds a user's history for triggers from the analyses of the user's sessions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.path_tracker import PathTracker
from rasa_autoplay.engine.knowledge.user_progress import UserHistory, WorkflowMemory
from rasa_autoplay.engine.memory.analysis import PathFinding, SessionAnalysis
from rasa_autoplay.engine.memory.profile import StrugglePattern, UserMemory, memory_of
from rasa_autoplay.events.user_properties import PropertyValue

__all__ = ["HistoryReader", "StoredHistory"]

#: Number of latest session summaries that triggers get.
_MAX_SUMMARIES = 5


@dataclass(frozen=True, slots=True)
class StoredHistory:
    """A user's history over all sessions before the current one.

    Args:
        previous_visit_at: end of the previous session, epoch seconds; None for a new user.
        workflows: every known workflow, by the id of its golden path.
        properties: properties of the user that the app has set, by name.
        session_summaries: summaries of the latest sessions, oldest first.
    """

    previous_visit_at: float | None
    workflows: Mapping[str, WorkflowMemory]
    properties: Mapping[str, PropertyValue] = field(default_factory=dict)
    session_summaries: tuple[str, ...] = ()


class HistoryReader:
    """Builds histories from analyses. All new users share one history, so that they cost nothing.

    Args:
        tracker: has the golden paths.
    """

    def __init__(self, tracker: PathTracker) -> None:
        self._tracker = tracker
        # Without provable steps, it is never known whether a user has followed a path.
        self._paths = [path for path_id, path in tracker.paths.items() if tracker.provable(path_id)]
        self._newcomer = StoredHistory(None, {path.id: WorkflowMemory(path.title) for path in self._paths})

    @property
    def path_ids(self) -> list[str]:
        """Ids of the golden paths with provable steps."""
        return [path.id for path in self._paths]

    def memory_of(self, analyses: Sequence[SessionAnalysis]) -> UserMemory:
        """Return the user's memory in the vendor's format."""
        return memory_of(self.path_ids, [self._updated(analysis) for analysis in analyses])

    def history_of(self, analyses: Sequence[SessionAnalysis]) -> StoredHistory:
        """Return the user's history in the form that triggers use.

        Args:
            analyses: analyses of earlier sessions, in any order.
        """
        if not analyses:
            return self._newcomer
        analyses = [self._updated(analysis) for analysis in analyses]
        memory = memory_of(self.path_ids, analyses)
        ordered = sorted(analyses, key=lambda one: (one.ended_at, one.session_id))
        findings: dict[str, list[PathFinding]] = {}
        for finding in (finding for analysis in ordered for finding in analysis.findings):
            findings.setdefault(finding.path_id, []).append(finding)
        known = {path.id: self._workflow(path, findings.get(path.id, []), memory) for path in self._paths}
        # Each session includes the properties of the sessions before it.
        properties = next((one.properties for one in reversed(ordered) if one.properties), {})
        summaries = [one.summary for one in ordered if one.summary]
        return StoredHistory(ordered[-1].ended_at, known, properties, tuple(summaries[-_MAX_SUMMARIES:]))

    def provisional(self, history: UserHistory) -> UserHistory:
        """Return a history by other golden paths in the form of these, until it is read again."""
        if history.previous_visit_at is None and not history.session_summaries and not history.properties:
            return self._newcomer
        known = history.workflows
        workflows = {
            path_id: replace(known[path_id], title=new.title) if path_id in known else new
            for path_id, new in self._newcomer.workflows.items()
        }
        return StoredHistory(
            history.previous_visit_at, workflows, history.properties, tuple(history.session_summaries)
        )

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

    def _updated(self, analysis: SessionAnalysis) -> SessionAnalysis:
        """Recompute a stored analysis by the current paths, which may have changed since."""
        return msgspec.structs.replace(analysis, findings=[*map(self._updated_finding, analysis.findings)])

    def _updated_finding(self, finding: PathFinding) -> PathFinding:
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
        """Return the first required step never done, or else the first one missed in the latest session."""
        done = _places(path, {step for finding in findings for step in finding.done})
        never = map(path.name_of, self._tracker.completions[path.id].missing(done))
        missed = set(findings[-1].missed)
        last = (path.name_of(at) for at, step in enumerate(path.steps) if step.id in missed)
        return next(never, None) or next(last, "")


def _places(path: GoldenPath, step_ids: Collection[str]) -> set[int]:
    return {place for place, step in enumerate(path.steps) if step.id in step_ids}


def _failed_step(path: GoldenPath, patterns: Sequence[StrugglePattern]) -> str:
    """Return the step that failed most often, or else the one at which the user gave up."""
    places = {step.id: at for at, step in enumerate(path.steps)}
    own = [pattern for pattern in patterns if pattern.workflow == path.id and pattern.step in places]
    worst = max(own, key=lambda pattern: (pattern.kind == "failures", pattern.count), default=None)
    return path.name_of(places[worst.step]) if worst else ""
