"""Which page views show that something is done, and which ones only begin the next thing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.columns.columns import Columns
from rasa_autoplay.tools.discovery.columns.deliberate_rows import is_caused

__all__ = ["EndPages"]

#: A page that users open by themselves, or from many places, is where they begin, not where they arrive.
_MIN_CAUSED, _MIN_FROM_FEW, _FEW = 0.7, 0.6, 3
#: A page on which users do so many acts for each view is a place of work; a link to it is no feature.
_ACTS_OF_WORK = 1.0
#: An act is a link to a page if it opens it so often.
_MIN_LINK = 0.6


class EndPages:
    """Judges page views.

    Args:
        columns: the recordings.
        deliberate: the deliberate rows, in order.
    """

    def __init__(self, columns: Columns, deliberate: NDArray[np.int64]) -> None:
        self._columns = columns
        self._caused = is_caused(columns)
        self._acts_on_page = np.bincount(columns.page[deliberate], minlength=len(columns.pages))
        self._pages = {page: code for code, page in enumerate(columns.pages)}
        self._known: dict[int, bool] = {}

    def is_beginning(self, goal: int) -> bool:
        """Whether an act is the view of a page on which users begin."""
        if goal not in self._known:
            self._known[goal] = self._columns.acts[goal].is_page_view and self._begins(goal)
        return self._known[goal]

    def _begins(self, goal: int) -> bool:
        views = self._columns.rows_of(goal)
        caused = views[self._caused[views]]
        if len(caused) < _MIN_CAUSED * len(views):
            return True
        causes = np.sort(np.unique(self._columns.act[caused - 1], return_counts=True)[1])
        return bool(causes[-_FEW:].sum() < _MIN_FROM_FEW * len(caused))

    def is_link(self, code: int, goal: int) -> bool:
        """Whether an act is only a link to a page on which users work."""
        columns = self._columns
        if not columns.acts[goal].is_page_view:
            return False
        views = len(columns.rows_of(goal))
        if self._acts_on_page[self._pages[columns.acts[goal].page]] < _ACTS_OF_WORK * views:
            return False
        rows = columns.rows_of(code)
        after = np.minimum(rows + 1, len(columns) - 1)
        return bool((columns.act[after] == goal).mean() >= _MIN_LINK)
