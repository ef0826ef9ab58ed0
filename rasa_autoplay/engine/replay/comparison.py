"""Compares the offers of two versions of ``autoplay.yml`` over the same recordings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from rasa_autoplay.engine.replay.results import Fire, Outcome

__all__ = ["Comparison", "compare", "compare_fires"]

#: Times that differ by less than this are equal.
_SAME_S = 0.001


@dataclass
class Comparison:
    """The differences that another version would make.

    Args:
        config: the other version's name.
        newly: fires in the other version only.
        no_longer: fires in the present version only.
        moved: pairs of fires in both versions at different times: the present version's and the other's.
    """

    config: str
    newly: list[Fire] = field(default_factory=list)
    no_longer: list[Fire] = field(default_factory=list)
    moved: list[tuple[Fire, Fire]] = field(default_factory=list)


def compare(present: Outcome, other: Outcome) -> Comparison:
    """Compare the offers of two simulations, as :func:`compare_fires` does."""
    return compare_fires(present.fires, other.fires, other.config)


def compare_fires(present: Iterable[Fire], other: Iterable[Fire], config: str = "") -> Comparison:
    """Pair the fires of each trigger in each session.

    Fires at the same time are a pair. The remaining ones are paired in order of time, because a lower
    threshold moves a fire and does not replace it.

    Args:
        present: the fires of the present version.
        other: the fires of the other version.
        config: the other version's name.
    """
    comparison = Comparison(config)
    by_place = defaultdict[tuple[str, str, str], tuple[list[Fire], list[Fire]]](lambda: ([], []))
    for side, fires_of_side in enumerate((present, other)):
        for fire in fires_of_side:
            by_place[fire.trigger_id, fire.user_id, fire.session_id][side].append(fire)
    for fires, others in by_place.values():
        _pair(fires, others, comparison)
    comparison.newly.sort(key=_place)
    comparison.no_longer.sort(key=_place)
    comparison.moved.sort(key=lambda pair: _place(pair[1]))
    return comparison


def _pair(fires: Sequence[Fire], others: Sequence[Fire], comparison: Comparison) -> None:
    unmatched = [f for f in fires if not any(abs(f.at - other.at) < _SAME_S for other in others)]
    unmatched_others = [o for o in others if not any(abs(o.at - fire.at) < _SAME_S for fire in fires)]
    for fire, other in zip_longest(unmatched, unmatched_others):
        if fire is None:
            comparison.newly.append(other)
        elif other is None:
            comparison.no_longer.append(fire)
        else:
            comparison.moved.append((fire, other))


def _place(fire: Fire) -> tuple[float, str, str, str]:
    return fire.at, fire.trigger_id, fire.user_id, fire.session_id
