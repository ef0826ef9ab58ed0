"""Recordings as columns: one number of each action in each numpy array, and tables of the names.

Five million actions fill about 150 MB this way; as Python objects they would fill several gigabytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.findings.finding import Act

__all__ = ["KINDS", "NO_RECORD", "OTHER_ACT", "SIGNALS", "Columns", "kind_code"]

#: Types of actions by their code in the column ``kind``. Focus and blur are not read.
KINDS = ("", "pageview", "click", "submit", "type", "other")
#: Failure signals by their code in the column ``signal``.
SIGNALS = ("", "rage_click", "dead_click", "error", "failed_request")
#: The code of the acts that are too many to be named; no finding may be about it.
OTHER_ACT = 0
#: The value of the column ``record`` for an action that belongs to no record.
NO_RECORD = 0


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The actions of recordings: rows sorted by session and time; arrays have one value for each row.

    Args:
        users: ids by user code, sorted. An anonymous session is a user of its own, named ``""``.
        sessions: ids by session code, sorted.
        pages: paths of canonical URLs by page code, sorted.
        acts: acts by act code; the first, :data:`OTHER_ACT`, stands for acts that are too rare to be named.
        user: user codes (int32).
        session: session codes (int32), ascending.
        time: when the action began, epoch seconds (float64).
        page: page codes (int32).
        act: act codes (int32).
        kind: indexes in :data:`KINDS` (uint8).
        record: which record of the page the act was about, as a hash; :data:`NO_RECORD` if none (uint32).
        signal: indexes in :data:`SIGNALS` (uint8).
        starts: the first row of each session, and the number of rows at the end (int64).
        variants: how many different UUIDs, or numbers above 30, the ``*`` of each act stood for; up to 16.
        left_out: how many items were not read, by reason.
        languages: the language that each user reads, by user code, -1 if unknown (int64); without values as
            long as nobody has asked.
    """

    users: tuple[str, ...]
    sessions: tuple[str, ...]
    pages: tuple[str, ...]
    acts: tuple[Act, ...]
    user: NDArray[np.int32]
    session: NDArray[np.int32]
    time: NDArray[np.float64]
    page: NDArray[np.int32]
    act: NDArray[np.int32]
    kind: NDArray[np.uint8]
    record: NDArray[np.uint32]
    signal: NDArray[np.uint8]
    starts: NDArray[np.int64]
    variants: tuple[int, ...] = ()
    left_out: dict[str, int] = field(default_factory=dict)
    languages: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    #: All rows sorted by act, and where each act begins; made when it is asked for.
    _by_act: list[NDArray[np.int32]] = field(default_factory=list, init=False, repr=False)

    def __len__(self) -> int:
        return len(self.time)

    def rows_of(self, act: int) -> NDArray[np.int64]:
        """Return the rows of an act, in order. Comparing the whole column for each of many acts takes long.

        Args:
            act: the act's code.
        """
        if not self._by_act:
            order = np.argsort(self.act, kind="stable").astype(np.int32)
            begins = np.searchsorted(self.act[order], np.arange(len(self.acts) + 1)).astype(np.int32)
            self._by_act.extend((order, begins))
        order, begins = self._by_act
        return order[begins[act] : begins[act + 1]].astype(np.int64)


def kind_code(action_type: str) -> int:
    """Return the code of a type of action."""
    return KINDS.index(action_type) if action_type in KINDS else KINDS.index("other")
