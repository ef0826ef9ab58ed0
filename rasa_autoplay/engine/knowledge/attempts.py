"""How a user went along a golden path: attempts, and which actions prove each finding.

The rules, which ``docs/memory.md`` tells in full:

* A step is *done* by an ordinary action that fits its ``done_when``. An action that fits several steps counts
  for the first that is not done yet, from the step reached on. What fits no step is a detour.
* An attempt *begins* with the path's first step, or with any two different ones (the rest may have happened
  before we were looking). Doing the first step after others begins the next attempt.
* A step is *skipped* when it is required and was not done although a later one was; *repeated* when the same
  element did it more than once in an attempt; *failed* when something went wrong in it, or within 10 s after
  it.
* When an attempt is *complete*, and how far it came otherwise, is defined in ``completion.py``.

Nothing here depends on the order in which actions arrive, only on their own times.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from rasa_autoplay.engine.knowledge.completion import Completion

__all__ = ["Attempt", "FailureRow", "StepEvidence", "attempts_of", "failure_row_of"]

#: What goes wrong so soon after a step is the step's fault.
_BLAME_S = 10.0


@dataclass(frozen=True, slots=True, order=True)
class StepEvidence:
    """An action that shows something about a path.

    Args:
        at: when it began, epoch seconds.
        index: its place among actions of the same moment.
        title: what the user did: ``Click Bulk edit``.
        element_id: on what; empty when unknown.
        signal: what went wrong in it; empty for an ordinary action.
        steps: places of the steps that it fits, from 0.
    """

    at: float
    index: int
    title: str
    element_id: str
    signal: str
    steps: tuple[int, ...]

    def is_by_the_same(self, other: StepEvidence) -> bool:
        """Whether both were done with one element: by its id, or by what it is called where it has none."""
        return (self.element_id or self.title) == (other.element_id or other.title)


@dataclass(slots=True)
class Attempt:
    """One go at a path.

    Args:
        steps: the path's steps that count.
        done: every step that was done, by its place, with the actions that did it.
        failed: the steps in which something went wrong, with the actions that show it.
        last: the proof of the step that was done last.
        step: place of that step; -1 before the first.
    """

    steps: Completion
    done: dict[int, list[StepEvidence]] = field(default_factory=dict)
    failed: dict[int, list[StepEvidence]] = field(default_factory=dict)
    last: StepEvidence | None = None
    step: int = -1

    @property
    def begun(self) -> bool:
        """Whether it counts as an attempt."""
        return self.steps.provable[0] in self.done or len(self.done) > 1

    @property
    def completed(self) -> bool:
        """Whether the path was gone to its end."""
        return self.steps.is_reached(self.done)

    @property
    def completion_pct(self) -> float:
        """From 0 to 100."""
        return self.steps.percentage(self.done)

    @property
    def began_at(self) -> float:
        """When its first step was done, epoch seconds."""
        return min(proofs[0].at for proofs in self.done.values())

    @property
    def reached_at(self) -> float:
        """When its last step so far was done, epoch seconds."""
        return self.last.at if self.last else 0.0

    @property
    def skipped(self) -> tuple[int, ...]:
        """Required steps that were left out."""
        return self.steps.skipped(self.done)

    @property
    def missing(self) -> tuple[int, ...]:
        """Required steps that are still to be done; none once the path is complete."""
        return () if self.completed else self.steps.missing(self.done)

    @property
    def repeated(self) -> dict[int, list[StepEvidence]]:
        """Steps that the same element did more than once, with the actions beyond the first."""
        again = {
            step: [p for at, p in enumerate(proofs) if any(p.is_by_the_same(q) for q in proofs[:at])]
            for step, proofs in self.done.items()
        }
        return {step: proofs for step, proofs in again.items() if proofs}

    def place_of(self, proof: StepEvidence) -> int:
        """Which of the steps that an action fits it counts for."""
        open_steps = [step for step in proof.steps if step not in self.done]
        ahead = [step for step in open_steps if step > self.step]
        return next(iter(ahead or open_steps or [max(proof.steps)]))

    def is_over_with(self, step: int) -> bool:
        """Whether doing this step begins anew."""
        return step == self.steps.provable[0] and (
            self.completed or any(other != step for other in self.done)
        )

    def note(self, step: int, proof: StepEvidence) -> None:
        """A step was done."""
        self.done.setdefault(step, []).append(proof)
        self.last, self.step = proof, step

    def note_failure(self, proof: StepEvidence) -> None:
        """Something went wrong: in the step that the action fits, else in the one just done."""
        if proof.steps:
            self.failed.setdefault(self.place_of(proof), []).append(proof)
        elif _is_blamed(self.last, proof):
            self.failed.setdefault(self.step, []).append(proof)


def attempts_of(steps: Completion, proofs: Iterable[StepEvidence]) -> list[Attempt]:
    """The attempts that a session's proofs show.

    Args:
        steps: the path's steps that count; an action can show at least one.
        proofs: in any order.

    Returns:
        Those that were begun, oldest first.
    """
    attempts = [Attempt(steps)]
    for proof in sorted(proofs):
        attempt = attempts[-1]
        if proof.signal:
            attempt.note_failure(proof)
            continue
        step = attempt.place_of(proof)
        if attempt.is_over_with(step):
            attempts.append(attempt := Attempt(steps))
        attempt.note(step, proof)
    return [attempt for attempt in attempts if attempt.begun]


@dataclass(frozen=True, slots=True)
class FailureRow:
    """What went wrong in one workflow.

    Args:
        in_a_row: the newest failures between which no step succeeded, oldest first.
        before: the failures before that.
    """

    in_a_row: tuple[StepEvidence, ...]
    before: tuple[StepEvidence, ...]


def failure_row_of(proofs: Iterable[StepEvidence]) -> FailureRow:
    """The failures that a session's proofs show in one workflow.

    A step has succeeded when nothing went wrong in it before another control's step was done.

    Args:
        proofs: of one path, and the failures that fit no step of the path; in any order.
    """
    row: list[StepEvidence] = []
    before: list[StepEvidence] = []
    last: StepEvidence | None = None
    is_unblamed = False
    for proof in sorted(proofs):
        is_blamed = bool(proof.signal) and _is_blamed(last, proof)
        if proof.signal and not is_blamed and not proof.steps:
            continue  # not in this workflow
        if is_unblamed and not is_blamed and not _is_again(last, proof):
            before += row
            row.clear()
        if proof.signal:
            row.append(proof)
            is_unblamed = False
        else:
            last, is_unblamed = proof, True
    return FailureRow(tuple(row), tuple(before))


def _is_again(last: StepEvidence | None, proof: StepEvidence) -> bool:
    return last is not None and proof.is_by_the_same(last)


def _is_blamed(step: StepEvidence | None, failure: StepEvidence) -> bool:
    """Whether a failure came so soon after a step that it is the step's fault."""
    return step is not None and failure.at - step.at <= _BLAME_S
