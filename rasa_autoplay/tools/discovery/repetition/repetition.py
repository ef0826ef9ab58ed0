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
from rasa_autoplay.tools.discovery.findings.finding import Act, Example, Finding, FindingKind
from rasa_autoplay.tools.discovery.findings.path_draft import path_of_acts
from rasa_autoplay.tools.discovery.findings.trigger_settings import LONGEST_S, goal_of, pattern_of, rule, slug
from rasa_autoplay.tools.discovery.repetition.cycles import Cycle, find_cycles
from rasa_autoplay.tools.discovery.repetition.fast_ways import FastWay, fast_way_of
from rasa_autoplay.tools.discovery.repetition.named_records import with_named_records
from rasa_autoplay.tools.discovery.repetition.record_runs import Runs, find_runs
from rasa_autoplay.tools.discovery.repetition.significance import (
    is_in_bursts,
    is_more_than_chance,
    share_of_sessions,
)
from rasa_autoplay.tools.discovery.repetition.unseen_records import with_unseen_records

__all__ = ["find"]

#: If more of the sessions in this section of the app repeat, this is how it is used.
_MAX_SHARE = 0.6
#: Without a known fast way, a repetition of fewer users is their habit.
_MIN_USERS = 8
#: The offer comes after this many records.
_ASK_AFTER = 3
_MAX_EXAMPLES = 10


def find(columns: Columns) -> list[Finding]:
    """Return what users repeat on different records.

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
            found.append(_finding(columns, rows, runs, cycle, way))
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


def _finding(
    columns: Columns, rows: NDArray[np.int64], runs: Runs, cycle: Cycle, way: FastWay | None
) -> Finding:
    own = cycle.runs
    first, last = rows[runs.first[own]], rows[runs.last[own]]
    took = columns.time[last] - columns.time[first]
    main = columns.acts[cycle.main]
    slow = tuple(columns.acts[code] for code in cycle.acts)
    fast = tuple(columns.acts[code] for code in way.acts) if way else ()
    each = took / np.maximum(runs.records[own] - 1, 1)
    # Without a known fast way, doing it once is what it would cost at least.
    least = way.took_s if way else float(np.median(each))
    finding_id = slug("repeat", main.label, _name_of(main.page))
    path = path_of_acts(fast) if fast else None
    acts = runs.records[own] * len(slow)
    return Finding(
        kind=FindingKind.REPETITION,
        id=finding_id,
        title=_title(main, fast, float(np.median(runs.records[own]))),
        page=main.page,
        slow_way=slow,
        fast_way=fast,
        goal=fast[-1] if fast else main,
        users=len(np.unique(columns.user[first])),
        sessions=len(np.unique(runs.session[own])),
        times=len(own),
        extra_acts=float(np.median(acts)) - (len(fast) or len(slow)),
        extra_s=max(0.0, float(np.median(took)) - least),
        examples=_examples(columns, first, last, took),
        trigger=_trigger(finding_id, slow, fast, float(np.percentile(each, 75)), has_path=path is not None),
        path=path,
    )


def _title(main: Act, fast: tuple[Act, ...], records: float) -> str:
    where = f" on {main.page}" if main.page else ""
    once = f', although "{fast[-1].label}" does it at once' if fast else ""
    return f'Users do "{main.label}"{where} for about {records:.0f} records one by one{once}.'


def _name_of(page: str) -> str:
    return " ".join(part for part in page.split("/") if part not in ("", ":id"))


def _examples(
    columns: Columns, first: NDArray[np.int64], last: NDArray[np.int64], took: NDArray[np.float64]
) -> tuple[Example, ...]:
    nearest = np.lexsort((first, np.abs(took - np.median(took))))[:_MAX_EXAMPLES]
    return tuple(
        Example(
            columns.sessions[columns.session[first[at]]],
            float(columns.time[first[at]]),
            float(columns.time[last[at]]),
        )
        for at in nearest
    )


def _trigger(
    finding_id: str, slow: tuple[Act, ...], fast: tuple[Act, ...], each_s: float, *, has_path: bool
) -> dict[str, object]:
    main = slow[-1]
    # Twice the time that most users need, in steps of 30 s.
    within_s = int(min(LONGEST_S, max(60, -(-2 * _ASK_AFTER * each_s // 30) * 30)))
    count = {**pattern_of(main), "at_least": _ASK_AFTER, "within": f"{within_s}s"}
    when: list[dict[str, object]] = [{"count": count}]
    when += [{"never": pattern_of(fast[-1])}] if fast else []
    body = (
        "Doing the same thing one by one? You can do it for several at once. Shall I show you how?"
        if fast
        else "You have done the same thing several times now. Can I help you?"
    )
    return rule(
        finding_id, body, when, goal_of(fast[-1] if fast else main), path=finding_id if has_path else ""
    )
