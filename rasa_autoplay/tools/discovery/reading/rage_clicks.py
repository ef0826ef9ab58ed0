"""Finds rage clicks in columns: three clicks on one element within a second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.events.derived_signals import RAGE_CLICKS_WITHIN_S, STEPPERS
from rasa_autoplay.tools.discovery.columns.columns import KINDS
from rasa_autoplay.tools.discovery.findings.finding import Act

__all__ = ["rage_clicks"]


def rage_clicks(
    columns: Mapping[str, NDArray[Any]], kind: NDArray[np.uint8], acts: Sequence[Act]
) -> NDArray[np.bool_]:
    """Return which rows are the third click of a burst on one element that is not made for many clicks.

    Args:
        columns: ``session``, ``time``, ``act`` and ``record``, sorted by session and time.
        kind: codes of types of actions.
        acts: acts by code.
    """
    session, time, act, record = (columns[name] for name in ("session", "time", "act", "record"))
    found = np.zeros(len(time), bool)
    if len(time) < 3:
        return found
    is_stepper = np.array([STEPPERS.fullmatch(each.label) is not None for each in acts])
    same = (
        (session[2:] == session[:-2])
        & (act[2:] == act[:-2])
        & (act[1:-1] == act[2:])
        & (record[2:] == record[:-2])
        & (record[1:-1] == record[2:])
    )
    is_click = kind[2:] == KINDS.index("click")
    burst = same & is_click & (time[2:] - time[:-2] <= RAGE_CLICKS_WITHIN_S) & ~is_stepper[act[2:]]
    # A burst counts once.
    found[2:] = burst & ~np.concatenate(([False], burst[:-1]))
    return found
