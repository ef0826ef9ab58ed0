"""The results as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from benchmarks.timing.board import DEFAULT, Board
from benchmarks.timing.intervals import mean_of, paired_difference
from benchmarks.timing.labels import Behaviour
from benchmarks.timing.scorer import Score
from benchmarks.timing.weights import variations

__all__ = ["behaviours_of", "results_of", "row_of", "sensitivity_of"]

HEAD = (
    "contestant",
    "offers per session",
    "precision",
    "recall",
    "lateness, s",
    "cost of interruption, s per session",
    "of it by offers / by missing help",
    "difference to the default configuration",
)


def results_of(board: Board) -> str:
    """Return the table of all contestants, the lowest cost first."""
    default = board.score(DEFAULT)
    scores = sorted(((board.score(name), name) for name in board.names), key=lambda pair: pair[0].cost)
    rows = [row_of(name, score, default if name != DEFAULT else None) for score, name in scores]
    return _table([HEAD, *rows])


def row_of(name: str, score: Score, default: Score | None) -> Sequence[str]:
    """Return one contestant's row; with its difference to the default configuration, if that is given."""
    costs = [session.cost for session in score.sessions]
    cost, difference = mean_of(costs), ""
    if default is not None:
        other = paired_difference(costs, [session.cost for session in default.sessions])
        difference = f"{other.mean:+.1f} ({other.low:+.1f} to {other.high:+.1f})"
    return (
        name,
        f"{score.offers / len(score.sessions):.2f}",
        _percent(score.precision),
        _percent(score.recall),
        "–" if score.lateness is None else f"{score.lateness:.0f}",
        f"{cost.mean:.1f} ({cost.low:.1f} to {cost.high:.1f})",
        f"{score.interruption:.1f} / {score.missing:.1f}",
        difference,
    )


def behaviours_of(board: Board) -> str:
    """Return the costs, and what the offers were, by behaviour."""
    rows: list[Sequence[str]] = [("contestant", *(behaviour.value for behaviour in Behaviour))]
    for name in board.names:
        parts = [board.score(name).of(behaviour) for behaviour in Behaviour]
        rows.append((name, *(f"{part.cost:.0f}" for part in parts if part.sessions)))
    verdicts: list[Sequence[str]] = []
    for name in board.names:
        counts = board.score(name).verdicts
        verdicts.append((name, ", ".join(f"{verdict.value} {counts[verdict]}" for verdict in sorted(counts))))
    return f"{_table(rows)}\n\n{_table([('contestant', 'what the offers were'), *verdicts])}"


def sensitivity_of(board: Board) -> str:
    """Return the ranking for other weights, the lowest cost first."""
    rows: list[Sequence[str]] = [("weights", "ranking")]
    for name, weights in variations():
        costs = sorted((board.score(each, weights).cost, each) for each in board.names)
        rows.append((name, ", ".join(f"{each} {cost:.0f}" for cost, each in costs)))
    return _table(rows)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}".replace("%", " %")


def _table(rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(_lines(list(rows)))


def _lines(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for number, row in enumerate(rows):
        yield f"| {' | '.join(row)} |"
        if not number:
            yield f"|{' -- |' * len(row)}"
