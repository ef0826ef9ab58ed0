"""Finds a user's attempts at a golden path, with the actions that prove each finding.

The rules (``docs/memory.md`` has them in full):

* A step is *done* by an ordinary action that matches the ``done_when`` of any of its ways. An action that
  matches more than one step counts for the first open step after the one reached last. An action that matches
  no step is a detour.
* An attempt *begins* with the path's first step, or with any two different steps, because the rest may have
  happened before the session was recorded. Doing the first step after others begins the next attempt.
* Users may do a step with ``several: true`` again and again. Only its first time in an attempt matters: doing
  it again changes counts and times. The next attempt begins with it only once the attempt is complete.
* A step is *skipped* if it is required and was not done although a later step was; *repeated* if the same
  element did it more than once in an attempt, unless it is ``several``; *failed* if something went wrong in
  it, or within 10 s after it.
* ``completion.py`` defines when an attempt is *complete*, and its percentage otherwise.

Results depend only on the actions' own times, never on the order in which they arrive.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from rasa_autoplay.engine.knowledge.completion import Completion

__all__ = ["Attempt", "FailureRow", "StepEvidence", "attempts_of", "failure_row_of"]

#: A failure within this time after a step is blamed on the step (seconds).
_BLAME_S = 10.0
_RAGE_CLICK = "rage_click"


@dataclass(frozen=True, slots=True, order=True)
class StepEvidence:
    """An action that proves something about a path.

    Args:
        at: when it began, epoch seconds.
        index: its place among actions of the same moment.
        title: the action's title: ``Click Bulk edit``.
        element_id: DOM id of the element; empty if unknown.
        signal: the failure signal; empty for an ordinary action.
        steps: indexes of the steps that it matches, from 0.
    """

    at: float
    index: int
    title: str
    element_id: str
    signal: str
    steps: tuple[int, ...]

    def has_same_element(self, other: StepEvidence) -> bool:
        """Whether both actions used the same element, by its id, or by its title if it has no id."""
        return (self.element_id or self.title) == (other.element_id or other.title)


@dataclass(slots=True)
class Attempt:
    """One attempt at a path.

    Args:
        steps: the path's steps that count.
        done: the steps that were done, by index, with the actions that did them.
        failed: the steps in which something went wrong, with the actions that prove it.
        last: the action that did a step last.
        last_step: index of the step that it did; -1 before the first.
        step: index of the step that the user has reached; the next one follows it; -1 before the first.
    """

    steps: Completion
    done: dict[int, list[StepEvidence]] = field(default_factory=dict)
    failed: dict[int, list[StepEvidence]] = field(default_factory=dict)
    last: StepEvidence | None = None
    last_step: int = -1
    step: int = -1

    @property
    def begun(self) -> bool:
        """Whether it counts as an attempt."""
        return self._is_begun_by(self.done)

    def _is_begun_by(self, done: Collection[int]) -> bool:
        return self.steps.provable[0] in done or len(done) > 1

    @property
    def completed(self) -> bool:
        """Whether the path was completed."""
        return self.steps.is_reached(self.done)

    @property
    def completed_at(self) -> float | None:
        """When it became complete, epoch seconds; None if it is not."""
        so_far: set[int] = set()
        for at, step in sorted((evidence[0].at, step) for step, evidence in self.done.items()):
            so_far.add(step)
            if self._is_begun_by(so_far) and self.steps.is_reached(so_far):
                return at
        return None

    @property
    def completion_pct(self) -> float:
        """The completion, from 0 to 100."""
        return self.steps.percentage(self.done)

    @property
    def began_at(self) -> float:
        """When its first step was done, epoch seconds."""
        return min(evidence[0].at for evidence in self.done.values())

    @property
    def reached_at(self) -> float:
        """When its last step so far was done, epoch seconds."""
        return self.last.at if self.last else 0.0

    @property
    def skipped(self) -> tuple[int, ...]:
        """Indexes of the required steps that were skipped."""
        return self.steps.skipped(self.done)

    @property
    def missing(self) -> tuple[int, ...]:
        """Indexes of the required steps still to do; none once the path is complete."""
        return () if self.completed else self.steps.missing(self.done)

    @property
    def repeated(self) -> dict[int, list[StepEvidence]]:
        """Steps that the same element did more than once, with the repeated actions; without ``several``."""
        again = {
            step: [p for at, p in enumerate(evidence) if any(p.has_same_element(q) for q in evidence[:at])]
            for step, evidence in self.done.items()
            if step not in self.steps.several
        }
        return {step: evidence for step, evidence in again.items() if evidence}

    def step_of(self, action: StepEvidence) -> int:
        """Return the step for which an action counts, among those that it matches."""
        if self._does_last_step_again(action):
            return self.last_step
        open_steps = [step for step in action.steps if step not in self.done]
        ahead = [step for step in open_steps if step > self.step]
        return next(iter(ahead or open_steps or [max(action.steps)]))

    def _does_last_step_again(self, action: StepEvidence) -> bool:
        """Whether an action does the last step once more, because users may do it several times."""
        if self.last is None or self.last_step not in self.steps.several:
            return False
        # An action that also matches another step may mean that one, such as "Select all" after some rows.
        return self.last.steps == action.steps

    def is_ended_by(self, step: int) -> bool:
        """Whether doing this step begins a new attempt."""
        if step != self.steps.provable[0]:
            return False
        if step in self.steps.several:
            return self.completed and step != self.last_step
        return self.completed or any(other != step for other in self.done)

    def record(self, step: int, action: StepEvidence) -> None:
        """Record that an action did a step."""
        if step not in self.steps.several or step not in self.done:
            self.step = step
        self.done.setdefault(step, []).append(action)
        self.last, self.last_step = action, step

    def record_failure(self, action: StepEvidence) -> None:
        """Record a failure in the step that the action matches, or else in the step done last."""
        if action.steps:
            self.failed.setdefault(self.step_of(action), []).append(action)
        elif _is_blamed(self.last, action):
            self.failed.setdefault(self.last_step, []).append(action)


def attempts_of(steps: Completion, evidence: Iterable[StepEvidence]) -> list[Attempt]:
    """Find the attempts that a session's evidence shows.

    Args:
        steps: the path's steps that count; at least one.
        evidence: in any order.

    Returns:
        The attempts that were begun, oldest first.
    """
    attempts = [Attempt(steps)]
    for action in _ordered(steps, evidence):
        attempt = attempts[-1]
        if action.signal:
            attempt.record_failure(action)
            continue
        step = attempt.step_of(action)
        if attempt.is_ended_by(step):
            attempts.append(attempt := Attempt(steps))
        attempt.record(step, action)
    return [attempt for attempt in attempts if attempt.begun]


@dataclass(frozen=True, slots=True)
class FailureRow:
    """The failures in one workflow.

    Args:
        in_a_row: the newest failures between which no step succeeded, oldest first.
        before: the failures before that.
    """

    in_a_row: tuple[StepEvidence, ...]
    before: tuple[StepEvidence, ...]


def failure_row_of(steps: Completion, evidence: Iterable[StepEvidence]) -> FailureRow:
    """Find the failures that a session's evidence shows in one workflow.

    A step succeeded if nothing went wrong in it before the user did a step on another control, or did a step
    again that users may do several times.

    Args:
        steps: the path's steps that count.
        evidence: the evidence about one path, and the failures that match none of its steps; in any order.
    """
    row: list[StepEvidence] = []
    before: list[StepEvidence] = []
    last: StepEvidence | None = None
    is_unblamed = False
    for action in _ordered(steps, evidence):
        is_blamed = bool(action.signal) and _is_blamed(last, action)
        if action.signal and not is_blamed and not action.steps:
            continue  # not in this workflow
        if is_unblamed and not is_blamed and not _repeats_step(steps, last, action):
            before += row
            row.clear()
        if action.signal:
            row.append(action)
            is_unblamed = False
        else:
            last, is_unblamed = action, True
    return FailureRow(tuple(row), tuple(before))


def _ordered(steps: Completion, evidence: Iterable[StepEvidence]) -> list[StepEvidence]:
    """Return evidence in order of time, without quick clicks on what users may do several times."""
    if steps.several:
        evidence = (a for a in evidence if a.signal != _RAGE_CLICK or not _is_several(steps, a))
    return sorted(evidence)


def _is_several(steps: Completion, action: StepEvidence) -> bool:
    return any(step in steps.several for step in action.steps)


def _repeats_step(steps: Completion, last: StepEvidence | None, action: StepEvidence) -> bool:
    return last is not None and action.has_same_element(last) and not _is_several(steps, action)


def _is_blamed(step: StepEvidence | None, failure: StepEvidence) -> bool:
    """Whether a failure came soon enough after a step to be blamed on it."""
    return step is not None and failure.at - step.at <= _BLAME_S
