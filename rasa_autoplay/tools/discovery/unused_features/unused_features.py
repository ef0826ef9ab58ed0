"""Finds features that few users know: those who use one reach the same end with fewer acts than the others.

The comparison counts each user once (the median of their times), and must be unlikely to be chance after a
correction for all pairs of features and goals that were compared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.columns.columns import OTHER_ACT, Columns
from rasa_autoplay.tools.discovery.columns.deliberate_rows import deliberate_rows
from rasa_autoplay.tools.discovery.findings.finding import Finding
from rasa_autoplay.tools.discovery.findings.statistics import medians_by_user, smaller_than_chance
from rasa_autoplay.tools.discovery.unused_features.end_pages import EndPages
from rasa_autoplay.tools.discovery.unused_features.endings import (
    Endings,
    endings_of,
    goals_after,
    reached_on_page,
)
from rasa_autoplay.tools.discovery.unused_features.feature_finding import Feature, finding_of

__all__ = ["find_unused_features"]

#: Fewer users than this could have clicked by mistake.
_MIN_USERS = 5
#: A feature that more of the users on its page use is known.
_MAX_SHARE = 0.3
#: Fewer users on the other way are not "many".
_MIN_OTHERS = 10
#: A way that saves fewer acts than this (median) is no short cut.
_MIN_SAVED = 2.0
#: The largest probability of chance, after the correction.
_MAX_CHANCE = 0.01


@dataclass(frozen=True, slots=True)
class _Tried:
    chance: float
    feature: Feature


def find_unused_features(columns: Columns) -> list[Finding]:
    """Return a finding for each feature that few use and that shortens what many do.

    Args:
        columns: the recordings.
    """
    deliberate = deliberate_rows(columns)
    everything = np.arange(len(columns), dtype=np.int64)
    counts = np.bincount(columns.act[deliberate], minlength=len(columns.acts))
    share_of_act = counts / max(1, len(deliberate))
    features_of: dict[int, list[int]] = {}
    ends = EndPages(columns, deliberate)
    usual: dict[int, dict[int, float]] = {}
    for code, page in _rare_acts(columns, deliberate):
        if page not in usual:
            usual[page] = reached_on_page(columns, everything, page)
        for goal in goals_after(columns, everything, code, usual[page]):
            if ends.is_beginning(goal) or ends.is_link(code, goal):
                continue
            features_of.setdefault(goal, []).append(code)
    pairs = sum(map(len, features_of.values()))
    good: list[Feature] = []
    for goal, codes in sorted(features_of.items()):
        endings = endings_of(columns, deliberate, goal, share_of_act)
        compared = (_compared(columns, endings, code, goal) for code in codes)
        good += [each.feature for each in compared if each and each.chance * pairs <= _MAX_CHANCE]
    return [
        finding_of(columns, endings_of(columns, deliberate, feature.goal, share_of_act), feature)
        for feature in _best(good)
    ]


def _rare_acts(columns: Columns, deliberate: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Return the acts that few of the users on their page do, and the codes of their pages."""
    number = len(columns.users)
    clicks = deliberate[np.isin(columns.act[deliberate], _features(columns))]
    pairs = np.unique(columns.act[clicks].astype(np.int64) * number + columns.user[clicks])
    codes, users = np.unique(pairs // number, return_counts=True)
    on_page = np.unique(columns.page[deliberate].astype(np.int64) * number + columns.user[deliberate])
    users_of_page = np.bincount(on_page // number, minlength=len(columns.pages))
    page_codes = {page: code for code, page in enumerate(columns.pages)}
    found = []
    for code, own in zip(codes.tolist(), users.tolist(), strict=True):
        page = page_codes[columns.acts[code].page]
        if own >= _MIN_USERS and own <= _MAX_SHARE * users_of_page[page]:
            found.append((code, page))
    return found


def _features(columns: Columns) -> list[int]:
    return [
        code
        for code, act in enumerate(columns.acts)
        if code != OTHER_ACT and act.type not in ("pageview", "type")
    ]


def _compared(columns: Columns, endings: Endings, code: int, goal: int) -> _Tried | None:
    """Compare the ways with an act to those without it; None if it saves nothing, or for too few users."""
    with_it = endings.has(code)
    acts, user = endings.acts.astype(np.float64), columns.user[endings.rows]
    own, others = (
        medians_by_user(acts[chosen], user[chosen]) for chosen in (with_it, ~with_it & (endings.acts > 0))
    )
    if len(own) < _MIN_USERS or len(others) < max(_MIN_OTHERS, len(own)):
        return None
    saved = float(np.median(others) - np.median(own))
    if saved < _MIN_SAVED:
        return None
    return _Tried(smaller_than_chance(own, others), Feature(code, goal, saved, len(own)))


def _best(features: list[Feature]) -> list[Feature]:
    """Return one pair for each feature and each goal: the one that saves most."""
    kept: list[Feature] = []
    for feature in sorted(features, key=lambda each: (-each.saved, -each.users, each.code, each.goal)):
        if all(feature.code != other.code and feature.goal != other.goal for other in kept):
            kept.append(feature)
    return sorted(kept, key=lambda each: each.code)
