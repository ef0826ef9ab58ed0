"""Cuts columns at a session: proposals are found in the first days, and tested on the last ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rasa_autoplay.tools.discovery.columns.columns import Columns
from rasa_autoplay.tools.discovery.columns.held_out import HeldOut

__all__ = ["training_columns"]


def training_columns(columns: Columns, split: HeldOut) -> Columns:
    """Return the sessions that began before the held-out days; all tables stay as they are.

    Args:
        columns: all recordings.
        split: the days.
    """
    began_at = columns.time[columns.starts[:-1]]
    if not split.held_out_days:
        return columns
    sizes = np.where(began_at < split.begins_at, np.diff(columns.starts), 0)
    rows = np.repeat(began_at < split.begins_at, np.diff(columns.starts))
    return replace(
        columns,
        user=columns.user[rows],
        session=columns.session[rows],
        time=columns.time[rows],
        page=columns.page[rows],
        act=columns.act[rows],
        kind=columns.kind[rows],
        record=columns.record[rows],
        signal=columns.signal[rows],
        starts=np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
    )
