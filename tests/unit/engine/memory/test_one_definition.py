"""Completion, memory, next step, struggle and tours share one definition, which a second one checks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from support.path_reference import (
    Act,
    Attempt,
    PlainStep,
    attempts,
    failures,
    is_complete,
    percentage,
    position,
    repeated,
    required,
    skipped,
    tour,
    upcoming,
)

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.next_step import next_step_of
from rasa_autoplay.engine.knowledge.path_results import path_results_of
from rasa_autoplay.engine.knowledge.path_tracker import EvidenceByPath, PathTracker
from rasa_autoplay.engine.memory.analysis import SessionAnalysis, analysis_of
from rasa_autoplay.engine.memory.positions import positions_of
from rasa_autoplay.engine.memory.stored_history import HistoryReader
from rasa_autoplay.engine.tours.running import RunningTours
from rasa_autoplay.events.models import SlimAction

CONTROLS = "abcdefg"
#: Used by the further way in `test_further_way_completes_no_less` only, and by no step before that.
NEW = "z"


def path_of(steps: Sequence[PlainStep]) -> GoldenPath:
    """Write the steps as in a golden path's file: the first way is the step's own, the others are in any."""
    written = []
    for number, step in enumerate(steps):
        ways = [
            {"done_when": {"element_id": sorted(controls)}, "label": f"{number}.{place}"}
            for place, controls in enumerate(step.ways)
        ]
        own, *others = ways or [{}]
        flags = {"optional": step.optional, "several": step.several or None}
        written.append({"id": f"s{number}", "text": f"Do {number}.", **own, **flags, "any": others or None})
    return GoldenPath.parse_obj({"id": "p", "title": "P", "steps": written})


def action_of(act: Act, index: int = 0) -> SlimAction:
    name = f"Click {act.control}"
    return SlimAction(name, "", "", index, "click", act.at, act.at, element_id=act.control, signal=act.signal)


def evidence_of(tracker: PathTracker, session: Sequence[Act]) -> EvidenceByPath:
    evidence: EvidenceByPath = {}
    for index, act in enumerate(session):
        tracker.record(action_of(act, index), evidence)
    return evidence


def analysed(tracker: PathTracker, evidence: EvidenceByPath) -> SessionAnalysis:
    about: dict[str, Any] = {"product_id": "p", "user_id": "u", "session_id": "s", "properties": {}}
    results = path_results_of(tracker, evidence)
    times: dict[str, Any] = {"started_at": 0.0, "ended_at": 1.0, "action_count": 1, "summary": ""}
    return analysis_of(results, **about, **times)


def ids(steps: Sequence[int]) -> list[str]:
    return [f"s{step}" for step in steps]


def names(step: int | None) -> str:
    return "" if step is None else f"Do {step}."


_way = st.frozensets(st.sampled_from(CONTROLS), min_size=1, max_size=2)
_step = st.builds(
    PlainStep,
    st.lists(_way, max_size=3, unique=True).map(tuple),
    st.booleans(),
    st.booleans(),
)
_steps = st.lists(_step, min_size=1, max_size=5).filter(required)


def _session(moves: Sequence[tuple[str, float, str]]) -> list[Act]:
    at, found = 1_700_000_000.0, []
    for control, wait_s, signal in moves:
        at += wait_s
        found.append(Act(control, at, signal))
    return found


_signals = st.sampled_from(["", "", "", "", "error", "rage_click"])
_sessions = st.lists(
    st.tuples(st.sampled_from(CONTROLS), st.sampled_from([0.0, 1.0, 9.0, 20.0]), _signals), max_size=14
).map(_session)


@settings(max_examples=40)
@given(_steps, _sessions)
def test_memory_agrees_with_the_definition(steps: list[PlainStep], session: list[Act]) -> None:
    tracker = PathTracker([path_of(steps)])
    analysis = analysed(tracker, evidence_of(tracker, session))
    expected = attempts(steps, session)
    workflow = HistoryReader(tracker).history_of([analysis]).workflows["p"]
    if not expected:
        assert (analysis.findings, workflow.state) == ([], "untouched")
        return
    (finding,) = analysis.findings
    shares = [percentage(steps, each.done) for each in expected]
    best = max(range(len(expected)), key=lambda at: (shares[at], at))
    done = expected[best].done
    completed = sum(is_complete(steps, each.done) for each in expected)
    assert (finding.attempts, finding.completed) == (len(expected), completed)
    assert finding.completion_pct == shares[best]
    assert finding.done == ids(sorted(done))
    left = [step for step in required(steps) if step not in done]
    assert finding.missed == ids([] if is_complete(steps, done) else left)
    assert finding.skipped == ids(skipped(steps, done))
    assert finding.repeated == counted([step for each in expected for step in repeated(steps, each)])
    assert finding.failed == counted([step for each in expected for step in each.failed])
    assert workflow.state == ("mastered" if completed else "in_progress")
    assert workflow.best_completion_pct == shares[best]
    if not completed:
        assert workflow.missing_step == names(left[0])


def counted(steps: Sequence[int]) -> dict[str, int]:
    return {f"s{step}": steps.count(step) for step in sorted(set(steps))}


@settings(max_examples=40)
@given(_steps, _sessions)
def test_next_step_agrees_with_the_definition(steps: list[PlainStep], session: list[Act]) -> None:
    path = path_of(steps)
    tracker = PathTracker([path])
    positions = positions_of(tracker, evidence_of(tracker, session), [])
    expected = attempts(steps, session)
    assert bool(positions) == bool(expected)
    gap = next_step_of([path], {}, positions, "")
    if not expected:
        assert gap is None
        return
    latest = expected[-1]
    found, left_out = positions["p"], skipped(steps, latest.done)
    assert found.step == names(position(steps, latest))
    assert found.next_step == names(upcoming(steps, latest))
    assert found.skipped_step == (names(left_out[0]) if left_out else "")
    assert found.progressed_at == latest.did[-1][1].at
    assert (found.steps_done, found.steps_total) == (
        len(latest.done & set(required(steps))),
        len(required(steps)),
    )
    if is_complete(steps, latest.done):
        assert gap is None
    else:
        assert gap is not None
        wanted = ("missed", left_out[0]) if left_out else ("continue", upcoming(steps, latest))
        assert (gap.approach, gap.step) == (wanted[0], names(wanted[1]))


@settings(max_examples=40)
@given(_steps, _sessions)
def test_failures_agree_with_the_definition(steps: list[PlainStep], session: list[Act]) -> None:
    tracker = PathTracker([path_of(steps)])
    row = tracker.failure_rows(evidence_of(tracker, session)).get("p")
    newest, before = failures(steps, session)
    found = ([each.at for each in row.in_a_row], [each.at for each in row.before]) if row else ([], [])
    assert found == ([act.at for act in newest], [act.at for act in before])


class _Browser:
    """Stands in for the feeds of one user, and collects what tours report."""

    def __init__(self) -> None:
        self.reports: list[dict[str, Any]] = []

    def feeds_of(self, _user_id: str) -> dict[str, str]:
        return {"feed": "gateway"}

    def push(self, _gateway_id: str, frame: Any) -> bool:
        self.reports.append(json.loads(frame.data))
        return True

    def set(self, *_timer: object) -> None:
        """Set no timer."""


@settings(max_examples=40)
@given(_steps, _sessions, _sessions)
def test_tours_agree_with_the_definition(
    steps: list[PlainStep], before: list[Act], during: list[Act]
) -> None:
    during = [replace(act, at=act.at + 1_000) for act in during]
    path, browser = path_of(steps), _Browser()
    tracker = PathTracker([path])
    evidence = evidence_of(tracker, before)
    session: Any = SimpleNamespace(user_id="u", step_evidence=evidence)
    stand_in: Any = browser
    tours = RunningTours(stand_in, stand_in, stand_in)
    done = set(tours.start("u", path, "", session, 0.0))
    expected = tour(steps, before, during)
    assert done == set(ids(sorted(expected[0])))
    for number, act in enumerate(during):
        browser.reports.clear()
        tracker.record(action_of(act, len(before) + number), evidence)
        tours.observe(session, 0.0)
        for report in browser.reports:
            done |= set(report["done"])
            assert report["complete"] == is_complete(steps, expected[number + 1])
        assert done == set(ids(sorted(expected[number + 1])))


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=5),
    st.data(),
    st.lists(st.sampled_from(CONTROLS[:5] + NEW), max_size=14),
)
def test_further_way_completes_no_less(
    flags: list[tuple[bool, bool]], data: st.DataObject, controls: list[str]
) -> None:
    # Controls of one step only: if an act may mean two steps, a further way can decide for the other.
    steps = [
        PlainStep((frozenset(control),), optional, several)
        for control, (optional, several) in zip(CONTROLS, flags, strict=False)
    ]
    if not required(steps):
        return
    # The first step begins an attempt, so doing it in a further way can divide what was one attempt.
    place = data.draw(st.integers(1, len(steps) - 1))
    more = [*steps]
    more[place] = replace(steps[place], ways=(*steps[place].ways, frozenset(NEW)))
    session = _session([(control, 1.0, "") for control in controls])
    few, many = (PathTracker([path_of(each)]) for each in (steps, more))
    completed = [
        any(each.completed for each in t.attempts("p", evidence_of(t, session))) for t in (few, many)
    ]
    assert completed[1] >= completed[0]


def without_counts(attempt: Attempt, steps: Sequence[PlainStep]) -> tuple[Any, ...]:
    return attempt.done, position(steps, attempt), upcoming(steps, attempt), attempt.failed


def test_failure_after_doing_a_several_step_again_is_blamed_on_it() -> None:
    steps = [
        PlainStep((frozenset("a"),), several=True),
        PlainStep((frozenset("b"),)),
        PlainStep((frozenset("c"),)),
    ]
    session = _session([("a", 1, ""), ("b", 1, ""), ("a", 20, ""), ("g", 1, "error")])
    tracker = PathTracker([path_of(steps)])
    (finding,) = analysed(tracker, evidence_of(tracker, session)).findings
    assert finding.failed == {"s0": 1} == counted(attempts(steps, session)[0].failed)


def test_doing_a_several_step_again_shows_that_it_succeeded() -> None:
    for several, in_a_row in ((True, 1), (False, 2)):
        steps = [PlainStep((frozenset("a"),), several=several), PlainStep((frozenset("b"),))]
        session = _session([("a", 1, "error"), ("a", 1, ""), ("a", 1, ""), ("a", 1, "error")])
        tracker = PathTracker([path_of(steps)])
        row = tracker.failure_rows(evidence_of(tracker, session))["p"]
        assert len(row.in_a_row) == in_a_row == len(failures(steps, session)[0])


@settings(max_examples=40)
@given(_steps, _sessions, st.data())
def test_doing_a_several_step_again_changes_counts_only(
    steps: list[PlainStep], session: list[Act], data: st.DataObject
) -> None:
    doing = [act for each in attempts(steps, session) for step, act in each.did if steps[step].several]
    if not doing:
        return
    again, times = data.draw(st.sampled_from(doing)), data.draw(st.integers(1, 3))
    at = next(number for number, act in enumerate(session) if act is again) + 1
    repeatedly = [*session[:at], *[again] * times, *session[at:]]
    path = path_of(steps)
    tracker = PathTracker([path])
    once, more = evidence_of(tracker, session), evidence_of(tracker, repeatedly)
    (one,), (other,) = (analysed(tracker, each).findings for each in (once, more))
    same = (
        "attempts",
        "completed",
        "completion_pct",
        "done",
        "missed",
        "skipped",
        "repeated",
        "failed",
        "rage",
    )
    assert [getattr(one, name) for name in same] == [getattr(other, name) for name in same]
    assert positions_of(tracker, once, []) == positions_of(tracker, more, [])
    rows = [tracker.failure_rows(each).get("p") for each in (once, more)]
    kept = [{each.at for each in row.in_a_row} if row else set() for row in rows]
    assert kept[1] <= kept[0], "it is no struggle"
