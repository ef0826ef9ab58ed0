"""Tells records apart that no recording names: a form that users open, fill in and save again and again.

An app may show the records of a list in one page, with the same "Edit" in each row. Then nothing says which
one was saved, but to open the form anew each time is to edit another one.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.columns.columns import KINDS, NO_RECORD, OTHER_ACT, Columns
from rasa_autoplay.tools.discovery.columns.deliberate_rows import deliberate_rows, leads_to_page
from rasa_autoplay.tools.discovery.columns.nearby_rows import places_of

__all__ = ["with_unseen_records"]

#: Between two saves of one form lie at most so many acts and seconds.
_MAX_BETWEEN, _MAX_BETWEEN_S = 8, 600.0
#: In this share of a form's repetitions, the same click opens it, and a field is filled in.
_MOSTLY = 0.8
#: Fewer repetitions tell nothing.
_MIN_TIMES = 20
_CLICK, _TYPE = KINDS.index("click"), KINDS.index("type")


def with_unseen_records(columns: Columns) -> tuple[Columns, frozenset[int]]:
    """Return the recordings in which each save of such a form is about a record of its own.

    Args:
        columns: the recordings.

    Returns:
        The recordings, and the codes of the acts that save such forms.
    """
    rows = deliberate_rows(columns)
    plain = (columns.kind == _CLICK) & (columns.record == NO_RECORD) & ~leads_to_page(columns)
    saves = [code for code in _candidates(columns, plain) if _is_save(columns, rows, plain, code)]
    if not saves:
        return columns, frozenset()
    own = np.flatnonzero(np.isin(columns.act, saves) & (columns.record == NO_RECORD))
    record = columns.record.copy()
    record[own] = np.arange(1, len(own) + 1)
    return replace(columns, record=record), frozenset(saves)


def _candidates(columns: Columns, plain: NDArray[np.bool_]) -> list[int]:
    times = np.bincount(columns.act[plain], minlength=len(columns.acts))
    times[OTHER_ACT] = 0
    return [int(code) for code in np.flatnonzero(times > _MIN_TIMES)]


def _is_save(columns: Columns, rows: NDArray[np.int64], plain: NDArray[np.bool_], code: int) -> bool:
    """Whether most repetitions of a click on one page open a form by the same click, and fill it in."""
    places = places_of(columns, rows, code)
    first, second = places[:-1], places[1:]
    near = (
        (columns.session[rows[first]] == columns.session[rows[second]])
        & (second - first <= _MAX_BETWEEN)
        & (columns.time[rows[second]] - columns.time[rows[first]] <= _MAX_BETWEEN_S)
    )
    first, second = first[near], second[near]
    if len(first) < _MIN_TIMES:
        return False
    page, opened = columns.pages.index(columns.acts[code].page), np.zeros(len(columns.acts), np.int64)
    for begin, end in zip(first.tolist(), second.tolist(), strict=True):
        between = rows[begin + 1 : end]
        fields = np.flatnonzero(columns.kind[between] == _TYPE)
        if len(fields) and bool((columns.page[between] == page).all()):
            before = between[: fields[0]]
            opened[np.unique(columns.act[before[plain[before]]])] += 1
    opened[code] = 0
    return bool(opened.max() >= _MOSTLY * len(first))
