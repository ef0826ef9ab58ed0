"""Finds repetition: users do the same to one record after the other, which could be done at once.

Work that only looks alike is left out: pages of a list, tabs and keys (few different ids), chats and players
(many acts on each record), wizards (the app chooses the next record), and what nearly everybody on the page
does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.columns.columns import Columns
from rasa_autoplay.tools.discovery.columns.deliberate_rows import deliberate_rows
from rasa_autoplay.tools.discovery.columns.translations import with_translations
from rasa_autoplay.tools.discovery.findings.finding import Finding
from rasa_autoplay.tools.discovery.repetition.cycles import Cycle, find_cycles
from rasa_autoplay.tools.discovery.repetition.fast_ways import FastWay, fast_way_of
from rasa_autoplay.tools.discovery.repetition.named_records import with_named_records
from rasa_autoplay.tools.discovery.repetition.record_runs import Runs, find_runs
from rasa_autoplay.tools.discovery.repetition.repetition_finding import repetition_finding
from rasa_autoplay.tools.discovery.repetition.significance import (
    is_in_bursts,
    is_more_than_chance,
    share_of_sessions,
)
from rasa_autoplay.tools.discovery.repetition.unseen_records import with_unseen_records

__all__ = ["find_repetition"]

#: If more of the sessions in this section of the app repeat, this is how it is used.
_MAX_SHARE = 0.6
#: Without a known fast way, a repetition of fewer users is their habit.
_MIN_USERS = 8


def find_repetition(columns: Columns) -> list[Finding]:
    """Return a finding for each cycle of acts that users repeat on different records.

    Args:
        columns: the recordings.
    """
    named = with_named_records(columns)
    columns, unseen = with_unseen_records(columns if named is columns else with_translations(named))
    rows = deliberate_rows(columns)
    runs = find_runs(columns, rows)
    found = []
    for cycle in find_cycles(columns, rows, runs):
        way = fast_way_of(columns, rows, runs, cycle)
        if way is not None and not (cycle.changes or way.is_certain(cycle)):
            way = None
        if cycle.main in unseen and not (way is not None and (way.shares_word or way.is_instead)):
            continue  # it may be the same record each time
        if _is_slow(columns, rows, runs, cycle, way):
            found.append(repetition_finding(columns, rows, runs, cycle, way))
    return found


def _is_slow(
    columns: Columns, rows: NDArray[np.int64], runs: Runs, cycle: Cycle, way: FastWay | None
) -> bool:
    if cycle.is_preparation or not is_more_than_chance(columns, rows, runs, cycle):
        return False
    if way is not None:
        return True
    # Clicks alone can be reading, shopping, or the daily look through a list.
    has_button = cycle.leads_back or cycle.is_in_place
    is_work = cycle.changes or (has_button and is_in_bursts(columns, runs, cycle))
    users = len(np.unique(columns.user[rows[runs.first[cycle.runs]]]))
    is_known = users >= _MIN_USERS and cycle.is_chosen and is_work
    return is_known and share_of_sessions(columns, rows, runs, cycle) <= _MAX_SHARE
