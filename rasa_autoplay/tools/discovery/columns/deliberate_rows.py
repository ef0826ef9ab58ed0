"""Which rows users did on purpose: a page view that a click caused is no act of its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.columns.columns import KINDS, Columns

__all__ = ["deliberate_rows", "is_caused", "leads_to_page"]

#: A page view this soon after an act was caused by it (seconds); pages of slow apps need several.
_CAUSED_S = 10.0
#: A page view this soon after another was a redirect (seconds).
_REDIRECT_S = 2.0
#: A submit this soon after a click was caused by it (seconds).
_SAME_ACT_S = 1.0

_VIEW, _CLICK, _SUBMIT, _TYPE, _OTHER = (
    KINDS.index(kind) for kind in ("pageview", "click", "submit", "type", "other")
)


def is_caused(columns: Columns) -> NDArray[np.bool_]:
    """Return which rows were caused by the row before them: page views after acts, submits after clicks."""
    kind, time, session = columns.kind, columns.time, columns.session
    caused = np.zeros(len(columns), bool)
    passed = np.diff(time)
    same_session = session[1:] == session[:-1]
    is_view, after_view = kind[1:] == _VIEW, kind[:-1] == _VIEW
    by_act = is_view & ~after_view & (passed <= _CAUSED_S)
    by_redirect = is_view & after_view & (passed <= _REDIRECT_S)
    by_click = (kind[1:] == _SUBMIT) & (kind[:-1] == _CLICK) & (passed <= _SAME_ACT_S)
    caused[1:] = same_session & (by_act | by_redirect | by_click)
    return caused


def deliberate_rows(columns: Columns) -> NDArray[np.int64]:
    """Return the rows that users did on purpose, in order.

    Left out are caused rows, failures that the app reported by itself, and all but the first of several
    actions that fill in one field.
    """
    kept = ~is_caused(columns) & ~((columns.kind == _OTHER) & (columns.signal > 0))
    rows = np.flatnonzero(kept)
    if len(rows) < 2:
        return rows
    before, after = rows[:-1], rows[1:]
    again = (
        (columns.session[before] == columns.session[after])
        & (columns.act[before] == columns.act[after])
        & (columns.record[before] == columns.record[after])
        & (columns.kind[after] == _TYPE)
    )
    chosen: NDArray[np.int64] = rows[np.concatenate(([True], ~again))]
    return chosen


def leads_to_page(columns: Columns) -> NDArray[np.bool_]:
    """Return which rows caused the view of a page."""
    leads = np.zeros(len(columns), bool)
    leads[:-1] = is_caused(columns)[1:] & (columns.kind[1:] == _VIEW)
    return leads
