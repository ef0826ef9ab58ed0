"""How a user went along a golden path: attempts, and which actions prove each finding.

The rules, which ``docs/memory.md`` tells in full:

* A step is *done* by an ordinary action that fits its ``done_when``. An action that fits several steps counts
  for the first that is not done yet, from the step reached on. What fits no step is a detour.
* An attempt *begins* with the path's first step, or with any two different ones (the rest may have happened
  before we were looking). Doing the first step after others begins the next attempt.
* A step is *skipped* when it was not done although a later one was; *repeated* when the same element did it
  more than once in an attempt; *failed* when something went wrong in it, or within 10 s after it.
* *Completion* is the share of the steps that were done, among those that an action can show.

Nothing here depends on the order in which actions arrive, only on their own times.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

__all__ = ["Attempt", "Proof", "attempts_of"]

#: What goes wrong so soon after a step is the step's fault.
_BLAME_S = 10.0


@dataclass(frozen=True, slots=True, order=True)
class Proof:
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

    def is_by_the_same(self, other: Proof) -> bool:
        """Whether both were done with one element: by its id, or by what it is called where it has none."""
        return (self.element_id or self.title) == (other.element_id or other.title)


@dataclass(slots=True)
class Attempt:
    """One go at a path.

    Args:
        provable: places of the steps that an action can show, in order.
        done: every step that was done, by its place, with the actions that did it.
        failed: the steps in which something went wrong, with the actions that show it.
        last: the proof of the step that was done last.
        step: place of that step; -1 before the first.
    """

    provable: tuple[int, ...]
    done: dict[int, list[Proof]] = field(default_factory=dict)
    failed: dict[int, list[Proof]] = field(default_factory=dict)
    last: Proof | None = None
    step: int = -1

    @property
    def begun(self) -> bool:
        """Whether it counts as an attempt."""
        return self.provable[0] in self.done or len(self.done) > 1

    @property
    def completed(self) -> bool:
        """Whether nothing is left to do."""
        return len(self.done) == len(self.provable)

    @property
    def completion_pct(self) -> float:
        """From 0 to 100."""
        return round(100.0 * len(self.done) / len(self.provable), 1)

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
        """Steps that were left out."""
        last = max(self.done, default=-1)
        return tuple(step for step in self.provable if step < last and step not in self.done)

    @property
    def repeated(self) -> dict[int, list[Proof]]:
        """Steps that the same element did more than once, with the actions beyond the first."""
        again = {
            step: [p for at, p in enumerate(proofs) if any(p.is_by_the_same(q) for q in proofs[:at])]
            for step, proofs in self.done.items()
        }
        return {step: proofs for step, proofs in again.items() if proofs}

    def place_of(self, proof: Proof) -> int:
        """Which of the steps that an action fits it counts for."""
        open_steps = [step for step in proof.steps if step not in self.done]
        ahead = [step for step in open_steps if step > self.step]
        return next(iter(ahead or open_steps or [max(proof.steps)]))

    def is_over_with(self, step: int) -> bool:
        """Whether doing this step begins anew."""
        return step == self.provable[0] and (self.completed or any(other != step for other in self.done))

    def note(self, step: int, proof: Proof) -> None:
        """A step was done."""
        self.done.setdefault(step, []).append(proof)
        self.last, self.step = proof, step

    def note_failure(self, proof: Proof) -> None:
        """Something went wrong: in the step that the action fits, else in the one just done."""
        if proof.steps:
            self.failed.setdefault(self.place_of(proof), []).append(proof)
        elif self.last is not None and proof.at - self.last.at <= _BLAME_S:
            self.failed.setdefault(self.step, []).append(proof)


def attempts_of(provable: Sequence[int], proofs: Iterable[Proof]) -> list[Attempt]:
    """The attempts that a session's proofs show.

    Args:
        provable: places of the steps that an action can show, in order; at least one.
        proofs: in any order.

    Returns:
        Those that were begun, oldest first.
    """
    attempts = [Attempt(tuple(provable))]
    for proof in sorted(proofs):
        attempt = attempts[-1]
        if proof.signal:
            attempt.note_failure(proof)
            continue
        step = attempt.place_of(proof)
        if attempt.is_over_with(step):
            attempts.append(attempt := Attempt(tuple(provable)))
        attempt.note(step, proof)
    return [attempt for attempt in attempts if attempt.begun]
