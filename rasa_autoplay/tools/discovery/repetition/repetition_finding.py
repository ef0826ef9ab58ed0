"""Makes a finding of a repetition."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rasa_autoplay.tools.discovery.columns.columns import Columns
from rasa_autoplay.tools.discovery.columns.examples import examples_of_rows
from rasa_autoplay.tools.discovery.findings.finding import Act, Finding, FindingKind
from rasa_autoplay.tools.discovery.findings.path_draft import path_of_acts
from rasa_autoplay.tools.discovery.findings.trigger_settings import (
    LONGEST_S,
    goal_of,
    names_in,
    pattern_of,
    rule,
    slug,
)
from rasa_autoplay.tools.discovery.repetition.cycles import Cycle
from rasa_autoplay.tools.discovery.repetition.fast_ways import FastWay
from rasa_autoplay.tools.discovery.repetition.record_runs import Runs

__all__ = ["repetition_finding"]

#: The offer comes after this many records.
_ASK_AFTER = 3


def repetition_finding(
    columns: Columns, rows: NDArray[np.int64], runs: Runs, cycle: Cycle, way: FastWay | None
) -> Finding:
    """Return the finding.

    Args:
        columns: the recordings.
        rows: the deliberate rows.
        runs: all runs.
        cycle: what is repeated.
        way: what does it at once; None if no session shows it.
    """
    own = cycle.runs
    first, last = rows[runs.first[own]], rows[runs.last[own]]
    took = columns.time[last] - columns.time[first]
    main = columns.acts[cycle.main]
    slow = tuple(columns.acts[code] for code in cycle.acts)
    fast = tuple(columns.acts[code] for code in way.acts) if way else ()
    each = took / np.maximum(runs.records[own] - 1, 1)
    # Without a known fast way, doing it once is what it would cost at least.
    least = way.took_s if way else float(np.median(each))
    finding_id = slug("repeat", main.label, names_in(main.page))
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
        examples=examples_of_rows(columns, first, last),
        trigger=_trigger(finding_id, slow, fast, float(np.percentile(each, 75)), has_path=path is not None),
        path=path,
    )


def _title(main: Act, fast: tuple[Act, ...], records: float) -> str:
    where = f" on {main.page}" if main.page else ""
    once = f', although "{fast[-1].label.replace("*", "…")}" does it at once' if fast else ""
    return f'Users do "{main.label}"{where} for about {records:.0f} records one by one{once}.'


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
