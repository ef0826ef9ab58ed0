"""All miners: each finds one kind of slow way or workflow in the columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rasa_autoplay.tools.discovery.columns.columns import Columns
from rasa_autoplay.tools.discovery.findings.finding import Finding
from rasa_autoplay.tools.discovery.journeys import find_journeys
from rasa_autoplay.tools.discovery.repetition.repetition import find_repetition
from rasa_autoplay.tools.discovery.unused_features.unused_features import find_unused_features

__all__ = ["MINERS", "Miner", "mine"]

Miner = Callable[[Columns], list[Finding]]

#: By name, in the order in which they run.
MINERS: Sequence[tuple[str, Miner]] = (
    ("repetition", find_repetition),
    ("unused features", find_unused_features),
    ("journeys", find_journeys),
)


def mine(columns: Columns, done: Callable[[int], object] = int) -> Iterator[Finding]:
    """Yield what all miners find.

    Args:
        columns: the recordings.
        done: called with 1 after each miner.
    """
    for _, find in MINERS:
        yield from find(columns)
        done(1)
