"""Makes a finding of a feature that few users know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.columns.columns import Columns
from rasa_autoplay.tools.discovery.columns.examples import examples_of_rows
from rasa_autoplay.tools.discovery.findings.finding import Act, Finding, FindingKind
from rasa_autoplay.tools.discovery.findings.path_draft import path_of_acts
from rasa_autoplay.tools.discovery.findings.trigger_settings import goal_of, has_begun, pattern_of, rule, slug
from rasa_autoplay.tools.discovery.unused_features.endings import Endings

__all__ = ["Feature", "finding_of"]

#: An act belongs to a way if so large a share of its times has it.
_IN_MOST = 0.5


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature and the goal that it shortens the way to.

    Args:
        code: the feature's act.
        goal: the goal's act.
        saved: how many acts it saves (median).
        users: how many users use it on the way to the goal.
    """

    code: int
    goal: int
    saved: float
    users: int


def finding_of(columns: Columns, endings: Endings, feature: Feature) -> Finding:
    """Return the finding.

    Args:
        columns: the recordings.
        endings: the times that the goal was reached.
        feature: the feature.
    """
    with_it = endings.has(feature.code)
    slow = np.flatnonzero(~with_it & (endings.acts > 0))
    fast = np.flatnonzero(with_it)
    took = columns.time[endings.rows] - columns.time[endings.began]
    goal, act = columns.acts[feature.goal], columns.acts[feature.code]
    slow_way = _way(columns, endings, slow, goal)
    fast_way = _way(columns, endings, fast, goal, feature.code)
    finding_id = slug("use", act.label, "to reach", goal.label)
    rows = endings.rows[slow]
    share = feature.users / max(1, feature.users + len(np.unique(columns.user[rows])))
    return Finding(
        kind=FindingKind.UNUSED_FEATURE,
        id=finding_id,
        title=(
            f'Only {share:.0%} of those who reach "{goal.label}" use "{act.label}" on {act.page}; '
            f"the others need {feature.saved:.0f} more acts."
        ),
        page=act.page,
        slow_way=slow_way,
        fast_way=fast_way,
        goal=goal,
        users=len(np.unique(columns.user[rows])),
        sessions=len(np.unique(columns.session[rows])),
        times=len(slow),
        extra_acts=feature.saved,
        extra_s=max(0.0, float(np.median(took[slow]) - np.median(took[fast]))),
        examples=examples_of_rows(columns, endings.began[slow], endings.rows[slow]),
        trigger=_trigger(finding_id, slow_way, fast_way, act, goal),
        path=path_of_acts(fast_way),
    )


def _way(
    columns: Columns, endings: Endings, chosen: NDArray[np.int64], goal: Act, always: int = -1
) -> tuple[Act, ...]:
    """Return the acts of most times in order, and the goal."""
    before = endings.before[chosen]
    codes = np.unique(before[before >= 0])
    has = [(before == code) for code in codes]
    often = [
        (float(np.argmax(each, axis=1)[each.any(axis=1)].mean()), int(code))
        for code, each in zip(codes, has, strict=True)
        if each.any(axis=1).mean() >= _IN_MOST or code == always
    ]
    # The nearest to the goal comes first.
    return (*(columns.acts[code] for _, code in sorted(often, reverse=True)), goal)


def _trigger(
    finding_id: str, slow: tuple[Act, ...], fast: tuple[Act, ...], act: Act, goal: Act
) -> dict[str, Any]:
    """Ask when the user has begun the slow way: after the first two acts that the fast way lacks."""
    own = [each for each in slow[:-1] if each not in fast][:2] or [slow[0]]
    body = f'There is a shorter way: "{act.label[:60]}". Shall I show you?'
    when = [has_begun([pattern_of(each) for each in own]), {"never": pattern_of(act)}]
    return rule(finding_id, body, when, goal_of(act if not goal.page else goal), path=finding_id)
