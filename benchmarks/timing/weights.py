"""What interruptions, and missed needs, cost a user. README.md gives the reason for each number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

__all__ = ["WEIGHTS", "Weights", "variations"]


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of the cost, in seconds of a user's time.

    Args:
        read: reading an offer.
        resume: finding one's place again after an offer at a wrong moment.
        give_up: doing in another way what was given up.
        help: reading and following the help.
        describe: saying what one needs, if the offer did not name it.
        missed: how much a second counts in which help is wanted and missing; no unit.
    """

    read: float = 6.0
    resume: float = 15.0
    give_up: float = 120.0
    help: float = 25.0
    describe: float = 30.0
    missed: float = 1.0


#: The weights of the published results.
WEIGHTS = Weights()

_RANGES: dict[str, tuple[float, ...]] = {
    "resume": (0, 5, 15, 30, 60),
    "read": (2, 6, 12, 20),
    "give_up": (0, 60, 120, 300, 600),
    "missed": (0.25, 0.5, 1, 2),
}


def variations() -> Iterator[tuple[str, Weights]]:
    """Yield the weights of the sensitivity analysis, each with its name such as ``resume 30``."""
    for name, values in _RANGES.items():
        for value in values:
            yield f"{name} {value:g}", replace(WEIGHTS, **{name: value})
