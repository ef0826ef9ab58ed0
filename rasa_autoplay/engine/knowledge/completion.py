"""Defines when a golden path is complete, and its percentage otherwise, for the whole package."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from rasa_autoplay.engine.knowledge.step import Step

__all__ = ["Completion"]


@dataclass(frozen=True, slots=True)
class Completion:
    """The steps of a path that count, by their indexes from 0.

    Args:
        provable: the steps with a ``done_when``, in order.
        required: the provable steps that are not optional.
        several: the provable steps that users may do several times, as the file says.
    """

    provable: tuple[int, ...]
    required: tuple[int, ...]
    several: tuple[int, ...] = ()

    @classmethod
    def of(cls, steps: Iterable[Step]) -> Completion:
        """Return the steps of a path that count."""
        provable = [(place, step) for place, step in enumerate(steps) if step.proofs]
        return cls(
            tuple(place for place, _ in provable),
            tuple(place for place, step in provable if not step.optional),
            tuple(place for place, step in provable if step.several),
        )

    def is_reached(self, done: Collection[int]) -> bool:
        """Whether the path is complete: all required steps are done, or the last step is.

        The last step is the result. An earlier step without an action was not needed, for example because a
        field already had the right value.
        """
        return bool(done) and (self.provable[-1] in done or not self.missing(done))

    def percentage(self, done: Collection[int]) -> float:
        """Return the percentage of the required steps that are done; 100 if the path is complete."""
        if self.is_reached(done):
            return 100.0
        left = len(self.missing(done))
        return round(100.0 * (len(self.required) - left) / len(self.required), 1)

    def missing(self, done: Collection[int]) -> tuple[int, ...]:
        """Return the required steps that are not done, in order."""
        return tuple(step for step in self.required if step not in done)

    def skipped(self, done: Collection[int]) -> tuple[int, ...]:
        """Return the required steps that are not done although a later step is, in order."""
        last = max(done, default=-1)
        return tuple(step for step in self.missing(done) if step < last)
