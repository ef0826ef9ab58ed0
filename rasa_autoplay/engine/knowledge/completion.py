"""When is a golden path complete, and how far is somebody? The one definition for the whole package."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from rasa_autoplay.engine.knowledge.golden_path import Step

__all__ = ["Completion"]


@dataclass(frozen=True, slots=True)
class Completion:
    """The steps of a path that count, by their places from 0.

    Args:
        provable: the steps that an action can show, in order.
        required: those of them that are not optional.
    """

    provable: tuple[int, ...]
    required: tuple[int, ...]

    @classmethod
    def of(cls, steps: Iterable[Step]) -> Completion:
        """The definition for a path's steps."""
        provable = [(place, step) for place, step in enumerate(steps) if step.done_when]
        return cls(
            tuple(place for place, _ in provable),
            tuple(place for place, step in provable if not step.optional),
        )

    def is_reached(self, done: Collection[int]) -> bool:
        """Whether the path is complete: all required steps are done, or the last step is.

        The last step is the result. A step before it that nobody was seen to do was not needed: a field
        that already had the right value, for example.
        """
        return bool(done) and (self.provable[-1] in done or not self.missing(done))

    def percentage(self, done: Collection[int]) -> float:
        """How far these steps lead, from 0 to 100: the share of the required steps; 100 when complete."""
        if self.is_reached(done):
            return 100.0
        left = len(self.missing(done))
        return round(100.0 * (len(self.required) - left) / len(self.required), 1)

    def missing(self, done: Collection[int]) -> tuple[int, ...]:
        """The required steps that are not done, in order."""
        return tuple(step for step in self.required if step not in done)

    def skipped(self, done: Collection[int]) -> tuple[int, ...]:
        """The required steps that are not done although a later step is, in order."""
        last = max(done, default=-1)
        return tuple(step for step in self.missing(done) if step < last)
