"""Leaves the held-out sessions out of columns: proposals are found in the others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rasa_autoplay.tools.discovery.columns.columns import Columns
from rasa_autoplay.tools.discovery.columns.held_out import HeldOut, held_out_sessions

__all__ = ["training_columns"]


def training_columns(columns: Columns, split: HeldOut) -> Columns:
    """Return the sessions that are not held out; all tables stay as they are.

    Args:
        columns: all recordings.
        split: how they are split.
    """
    if not split.has_test:
        return columns
    is_kept = ~held_out_sessions(columns, split)
    sizes = np.where(is_kept, np.diff(columns.starts), 0)
    rows = np.repeat(is_kept, np.diff(columns.starts))
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
