"""The sections of an app: pages whose paths begin with the same name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.columns.columns import Columns

__all__ = ["rows_near"]


#: A name that so many of the pages begin with belongs to the whole app, such as ``/app`` or ``/v2``.
_COMMON = 0.6


def rows_near(columns: Columns, rows: NDArray[np.int64], pages: Iterable[str]) -> NDArray[np.bool_]:
    """Return which rows are in the sections of these pages.

    Args:
        columns: the recordings.
        rows: the rows.
        pages: the pages.
    """
    common = _common_names(columns.pages)
    sections = {_section(page, common) for page in pages}
    is_near = np.array([_section(page, common) in sections for page in columns.pages], bool)
    near: NDArray[np.bool_] = is_near[columns.page[rows]]
    return near


def _names(page: str) -> list[str]:
    route = page.partition("#")[2].lstrip("!") or page
    return [name for name in route.split("/") if name]


def _common_names(pages: Sequence[str]) -> int:
    """Return how many names most pages begin with."""
    paths = [names for names in map(_names, pages) if names]
    common = 0
    while paths:
        counts = Counter(names[common] for names in paths if len(names) > common + 1)
        name, number = max(counts.items(), key=lambda item: (item[1], item[0]), default=("", 0))
        if not number or number < _COMMON * len(paths):
            break
        paths = [names for names in paths if names[common : common + 1] == [name] and len(names) > common + 1]
        common += 1
    return common


def _section(page: str, common: int) -> str:
    names = _names(page)[common:]
    return names[0] if names and names[0] != ":id" else page
