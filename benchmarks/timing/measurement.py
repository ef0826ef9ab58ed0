"""What ``python -m benchmarks timing`` prints; ``python -m benchmarks.timing baselines`` prints more."""

from __future__ import annotations

import asyncio

from benchmarks.figures import Figure
from benchmarks.timing.board import DEFAULT, play_all
from benchmarks.timing.generator import PUBLIC_SEED

__all__ = ["measure"]


async def measure() -> list[Figure]:
    """Let all baselines play the public set."""
    board = await asyncio.to_thread(play_all, [PUBLIC_SEED])
    scores = {name: board.score(name) for name in board.names}
    figures = [
        Figure(f"timing, {name}: cost of interruption", score.cost, "s per session")
        for name, score in scores.items()
    ]
    baselines = [score for name, score in scores.items() if not name.startswith("ours")]
    rank = 1 + sum(score.cost < scores[DEFAULT].cost for score in baselines)
    title = "timing: rank of the default configuration among the baselines that are not ours"
    return [*figures, Figure(title, rank, "", exactly=1)]
