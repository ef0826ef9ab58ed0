"""What users did, step by step: the columns without what only happened around the acts of a user.

A step is one act on one control. Page views that an act caused, submits that a click caused, acts on the same
control in a row, failures and robots are no steps; what they tell about a step is kept with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.columns.columns import KINDS, Columns
from rasa_autoplay.tools.discovery.steps.controls import Controls, controls_of

__all__ = ["NOWHERE", "Steps", "steps_of"]

#: No page: the act led nowhere.
NOWHERE = -1

_VIEW = KINDS.index("pageview")
_CLICK = KINDS.index("click")
_SUBMIT = KINDS.index("submit")
#: A page view so soon after an act was caused by it (seconds).
_CAUSED_S = 10.0
#: A page view so soon after another one was a redirect (seconds).
_REDIRECT_S = 2.0
#: A submit so soon after a click was caused by that click (seconds).
_SAME_ACT_S = 1.0
#: A failure so soon after an act is blamed on it, as in golden paths (seconds).
_BLAME_S = 10.0
#: After so long a break, a user begins something else (seconds).
_BREAK_S = 1800.0
#: Nobody does so many acts in a second for so many acts.
_ROBOT_PER_S, _ROBOT_ACTS = 3.0, 100


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """Steps of all users, sorted by stretch and time: one user's part of a session without a break.

    Args:
        columns: the recordings.
        controls: the controls.
        row: the row of each step in the columns (int64).
        user: user codes (int32).
        stretch: ascending numbers of stretches (int32).
        time: when it began, epoch seconds (float64).
        control: control codes (int32).
        page: page codes (int32).
        leads_to: the page that the step opened; :data:`NOWHERE` if it opened no other page (int32).
        submits: whether it sent a form (bool).
        fails: whether a failure followed (bool).
        times: how often it was done in a row (int32).
        place: how many acts of the user came before it in the stretch, all counted (int32).
    """

    columns: Columns
    controls: Controls
    row: NDArray[np.int64]
    user: NDArray[np.int32]
    stretch: NDArray[np.int32]
    time: NDArray[np.float64]
    control: NDArray[np.int32]
    page: NDArray[np.int32]
    leads_to: NDArray[np.int32]
    submits: NDArray[np.bool_]
    fails: NDArray[np.bool_]
    times: NDArray[np.int32]
    place: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.time)

    @property
    def is_last(self) -> NDArray[np.bool_]:
        """Whether each step is the last of its stretch."""
        last = np.ones(len(self), bool)
        last[:-1] = self.stretch[1:] != self.stretch[:-1]
        return last


def steps_of(columns: Columns, min_users: int) -> Steps:
    """Find the steps.

    Args:
        columns: the recordings.
        min_users: controls that fewer users used are no steps.
    """
    row = _rows_by_stretch(columns)
    stretch = _stretches(columns, row)
    blamed = _blamed(columns, row, stretch)
    ordinary = columns.signal[row] == 0
    row, stretch, blamed = row[ordinary], stretch[ordinary], blamed[ordinary]
    leads_to, is_act = _pages_opened(columns, row, stretch)
    sent, is_sent_by = _submits(columns, row, stretch)
    is_act &= ~is_sent_by
    # What a sent form opened, the click opened that sent it.
    by_click = np.flatnonzero(is_sent_by & (leads_to != NOWHERE))
    leads_to[by_click - 1] = leads_to[by_click]
    controls = controls_of(columns, row[is_act], leads_to[is_act], sent[is_act], min_users)
    code = np.where(is_act, controls.of_act[columns.act[row]], -1)
    kept = np.flatnonzero(code >= 0)
    first = _is_first_of_run(code[kept], columns.record[row[kept]], stretch[kept])
    run = np.cumsum(first) - 1
    number = int(run[-1]) + 1 if len(run) else 0
    begin = kept[first]
    end = kept[np.append(first[1:], True)] if len(kept) else kept
    return Steps(
        columns=columns,
        controls=controls,
        row=row[begin],
        user=columns.user[row[begin]],
        stretch=stretch[begin].astype(np.int32),
        time=columns.time[row[begin]],
        control=code[begin].astype(np.int32),
        page=columns.page[row[begin]],
        leads_to=leads_to[end],
        submits=np.bincount(run, weights=sent[kept], minlength=number) > 0,
        fails=np.bincount(run, weights=blamed[kept], minlength=number) > 0,
        times=np.bincount(run, minlength=number).astype(np.int32),
        place=_places(stretch, is_act)[begin],
    )


def _rows_by_stretch(columns: Columns) -> NDArray[np.int64]:
    """Return the rows by session and user, because users may share a session, without those of robots."""
    if not len(columns):
        return np.zeros(0, np.int64)
    users = int(columns.user.max()) + 2
    owner = columns.session.astype(np.int64) * users + columns.user
    row = np.argsort(owner, kind="stable").astype(np.int64)
    _, of_row, number = np.unique(owner[row], return_inverse=True, return_counts=True)
    began = np.append(0, np.cumsum(number)[:-1])
    lasted_s = columns.time[row][np.cumsum(number) - 1] - columns.time[row][began]
    is_robot = (number >= _ROBOT_ACTS) & (number > _ROBOT_PER_S * lasted_s)
    kept: NDArray[np.int64] = row[~is_robot[of_row]]
    return kept


def _stretches(columns: Columns, row: NDArray[np.int64]) -> NDArray[np.int64]:
    begins = np.ones(len(row), bool)
    begins[1:] = (
        (columns.session[row][1:] != columns.session[row][:-1])
        | (columns.user[row][1:] != columns.user[row][:-1])
        | (np.diff(columns.time[row]) > _BREAK_S)
    )
    stretch: NDArray[np.int64] = np.cumsum(begins) - 1
    return stretch


def _blamed(columns: Columns, row: NDArray[np.int64], stretch: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which rows are acts that a failure followed soon."""
    blamed = np.zeros(len(row), bool)
    is_failure = columns.signal[row] > 0
    is_act = ~is_failure & (columns.kind[row] != _VIEW)
    before = _latest(is_act)
    failures = np.flatnonzero(is_failure & (before >= 0))
    act = before[failures]
    soon = columns.time[row][failures] - columns.time[row][act] <= _BLAME_S
    blamed[act[soon & (stretch[act] == stretch[failures])]] = True
    return blamed


def _latest(is_wanted: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the place of the latest wanted row up to each row; -1 before the first."""
    return np.maximum.accumulate(np.where(is_wanted, np.arange(len(is_wanted)), -1))


def _pages_opened(
    columns: Columns, row: NDArray[np.int64], stretch: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Return the page that each row opened, and which rows are no page views that an act caused."""
    page, time = columns.page[row], columns.time[row]
    is_view = columns.kind[row] == _VIEW
    leads_to = np.full(len(row), NOWHERE, np.int32)
    if len(row) < 2:
        return leads_to, np.ones(len(row), bool)
    follows = np.append(False, stretch[1:] == stretch[:-1])
    passed_s = np.append(0.0, np.diff(time))
    after_view = np.append(False, is_view[:-1])
    same_page = np.append(False, page[1:] == page[:-1])
    by_act = is_view & follows & ~after_view & (passed_s <= _CAUSED_S)
    by_view = is_view & follows & after_view & ((passed_s <= _REDIRECT_S) | same_page)
    # The next act's page shows where an act led, too: some sources send no page views.
    elsewhere = np.flatnonzero(follows & ~is_view & ~same_page & ~after_view)
    leads_to[elsewhere - 1] = page[elsewhere]
    act = _latest(~is_view)
    caused = np.flatnonzero((by_act | by_view) & (act >= 0))
    # Later page views come last, so the end of a chain of redirects counts.
    caused = caused[
        (time[caused] - time[act[caused]] <= _CAUSED_S) & (stretch[act[caused]] == stretch[caused])
    ]
    leads_to[act[caused]] = page[caused]
    leads_to[leads_to == page] = NOWHERE
    return leads_to, ~(by_act | by_view)


def _submits(
    columns: Columns, row: NDArray[np.int64], stretch: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which rows sent a form, and which are submits that only report what a click did."""
    kind, time = columns.kind[row], columns.time[row]
    sent = kind == _SUBMIT
    is_sent_by = np.zeros(len(row), bool)
    if len(row) > 1:
        follows = (stretch[1:] == stretch[:-1]) & (np.diff(time) <= _SAME_ACT_S)
        is_sent_by[1:] = sent[1:] & (kind[:-1] == _CLICK) & follows
        sent[:-1] |= is_sent_by[1:]
    return sent, is_sent_by


def _is_first_of_run(
    code: NDArray[np.int32], record: NDArray[np.uint32], stretch: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return which acts are not the act before them, done again on the same record."""
    first = np.ones(len(code), bool)
    first[1:] = (code[1:] != code[:-1]) | (record[1:] != record[:-1]) | (stretch[1:] != stretch[:-1])
    return first


def _places(stretch: NDArray[np.int64], is_act: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Return how many acts came before each row in its stretch."""
    before: NDArray[np.int64] = np.cumsum(is_act) - is_act
    begins = np.append(True, stretch[1:] != stretch[:-1])[: len(stretch)]
    places: NDArray[np.int32] = (before - before[np.maximum(_latest(begins), 0)]).astype(np.int32)
    return places
