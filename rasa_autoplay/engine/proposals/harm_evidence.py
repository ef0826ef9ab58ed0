"""Is a share of offers above or below a bound? Evidence that stays valid however often somebody looks.

The likelihood ratio of "the share is q" against "the share is the bound", averaged over a few q on one side,
is an e-process for every share on the other side: the chance that it ever reaches 1/alpha is at most alpha
(Ville's inequality; see Ramdas, Grünwald, Vovk and Shafer, "Game-theoretic statistics and safe anytime-valid
inference", Statistical Science 38(4), 2023, arXiv:2210.01948).
"""

from __future__ import annotations

import math

__all__ = ["HARM_ALPHA", "is_above", "is_below", "more_offers_needed"]

#: How often a share on the other side of the bound is misjudged at some look, at most.
HARM_ALPHA = 0.05
#: How far the alternatives are from the bound, as parts of the way to 0 or to 1.
_STEPS = (0.1, 0.25, 0.5, 0.75)
#: More offers than this are never predicted.
_MOST_OFFERS = 1_000_000


def is_above(count: int, of: int, bound: float) -> bool:
    """Whether a share is clearly above a bound.

    Args:
        count: how many offers have the property.
        of: how many there are.
        bound: more than 0 and less than 1.
    """
    return _reaches(count, of, bound, [bound + (1 - bound) * step for step in _STEPS])


def is_below(count: int, of: int, bound: float) -> bool:
    """Whether a share is clearly below a bound; see :func:`is_above`."""
    return _reaches(count, of, bound, [bound * (1 - step) for step in _STEPS])


def more_offers_needed(count: int, of: int, bound: float) -> int | None:
    """Return about how many more offers are needed until the share is clearly below the bound.

    Returns:
        None if it would take more than a million, or if the share so far is not below the bound.
    """
    share = count / of if of else 0.0
    low, high = of, _MOST_OFFERS
    if not is_below(round(share * high), high, bound):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_below(round(share * middle), middle, bound) else (middle, high)
    return high - of


def _reaches(count: int, of: int, bound: float, alternatives: list[float]) -> bool:
    logs = [
        count * math.log(other / bound) + (of - count) * math.log((1 - other) / (1 - bound))
        for other in alternatives
    ]
    largest = max(logs)
    total = largest + math.log(sum(math.exp(each - largest) for each in logs) / len(logs))
    return total >= -math.log(HARM_ALPHA)
