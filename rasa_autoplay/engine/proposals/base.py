"""The contract of what the database knows about proposals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from rasa_autoplay.engine.proposals.figures import GhostFigures, HarmFigures, TrialFigures
from rasa_autoplay.engine.proposals.stage import Stage

__all__ = ["FiguresQuery", "FiguresReader", "StoredFigures"]


class FiguresQuery(NamedTuple):
    """What to read about one proposal.

    Args:
        trigger_id: the trigger.
        path_id: the golden path that its offers explain; empty for none.
        stage: the proposal's stage.
        ghost_since: since when it is ghost, epoch seconds; None if no log says so.
        trial_since: since when some users get its offers; None if no log says so.
        number: see :class:`TrialFigures`.
        within_s: the time for the goal, in seconds.
    """

    trigger_id: str
    path_id: str
    stage: Stage
    ghost_since: float | None
    trial_since: float | None
    number: int
    within_s: float


class StoredFigures(NamedTuple):
    """What the database knows about one proposal. What does not belong to its stage is None."""

    ghost: GhostFigures | None = None
    trial: TrialFigures | None = None
    harm: HarmFigures | None = None


class FiguresReader(Protocol):
    """Reads figures of proposals."""

    #: What is wrong with the database, for operators; empty if it works.
    problem: str

    async def read(self, queries: Sequence[FiguresQuery], now: float) -> Mapping[str, StoredFigures] | None:
        """Return the figures by trigger; None if they cannot be read.

        Args:
            queries: the proposals.
            now: epoch seconds.
        """
        ...
