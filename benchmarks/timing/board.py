"""Lets all baselines play, and scores them over several seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

from benchmarks.timing.contestants.configurations import (
    all_builtins,
    default_configuration,
    rules,
    struggle_and_slow_way,
)
from benchmarks.timing.contestants.judge import JudgeStandIn
from benchmarks.timing.contestants.product import FilesOf, Product
from benchmarks.timing.contestants.simple import Never, PageDwell, Random
from benchmarks.timing.generator import SESSIONS, generate
from benchmarks.timing.labels import LabelledSession
from benchmarks.timing.referee import Judgement, Offer
from benchmarks.timing.runner import play
from benchmarks.timing.scorer import Score, judge_offers, score
from benchmarks.timing.variants import stretched
from benchmarks.timing.weights import WEIGHTS, Weights

__all__ = ["DEFAULT", "Board", "play_all"]

#: The name of the product's default configuration.
DEFAULT = "ours: default configuration"


@dataclass(frozen=True, slots=True)
class Board:
    """What all contestants offered in the sets of some seeds.

    Args:
        sets: the sessions, and the judged offers by contestant and session id, of each seed.
    """

    sets: list[tuple[Sequence[LabelledSession], dict[str, dict[str, list[Judgement]]]]] = field(
        default_factory=list
    )

    @property
    def names(self) -> list[str]:
        """The contestants."""
        return list(self.sets[0][1])

    def score(self, name: str, weights: Weights = WEIGHTS) -> Score:
        """Return a contestant's score over all seeds."""
        return Score(
            [one for sessions, judged in self.sets for one in score(sessions, judged[name], weights).sessions]
        )


def play_all(seeds: Iterable[str], sessions: int = SESSIONS, factor: float = 1.0) -> Board:
    """Let all contestants play the sets of these seeds, in two processes.

    Args:
        seeds: the seeds.
        sessions: how many sessions each set has.
        factor: all times are multiplied by it.
    """
    seeds = list(seeds)
    if len(seeds) == 1:
        return Board([_play_set(seeds[0], sessions, factor)])
    with ProcessPoolExecutor(2) as pool:
        return Board(list(pool.map(_play_set, seeds, *([one] * len(seeds) for one in (sessions, factor)))))


def _play_set(
    seed: str, count: int, factor: float
) -> tuple[Sequence[LabelledSession], dict[str, dict[str, list[Judgement]]]]:
    sessions = stretched(generate(seed, count), factor)
    default = _play_product(sessions, default_configuration)
    seconds = sum(session.end - session.start for session in sessions)
    offers: dict[str, Callable[[], list[Offer]]] = {
        DEFAULT: lambda: default,
        "ours: struggle and the slow way": lambda: _play_product(sessions, struggle_and_slow_way),
        "ours: rules": lambda: _play_product(sessions, rules),
        "ours: all built-ins": lambda: _play_product(sessions, all_builtins),
        "page dwell": lambda: play(sessions, PageDwell()),
        "random": lambda: play(sessions, Random(len(default) / seconds)),
        "never": lambda: play(sessions, Never()),
        "judge, 92 %": lambda: play(sessions, JudgeStandIn(sessions, 0.082)),
        "judge, 66 %": lambda: play(sessions, JudgeStandIn(sessions, 0.335)),
    }
    return sessions, {name: judge_offers(sessions, make()) for name, make in offers.items()}


def _play_product(sessions: Sequence[LabelledSession], files_of: FilesOf) -> list[Offer]:
    product = Product(files_of)
    try:
        return play(sessions, product)
    finally:
        product.close()
