"""The sessions of the timing benchmark: deterministic, and labelled by their hidden states alone."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks.timing.apps import APPS, app_of
from benchmarks.timing.files import labels_of, write_set
from benchmarks.timing.generator import generate
from benchmarks.timing.labels import Behaviour, Label, LabelledSession, State
from benchmarks.timing.variants import stretched

ROOT = Path(__file__).parents[4]
SESSIONS = generate("tests", 300)
_DIGEST = """
import hashlib, json
from benchmarks.timing.files import labels_of
from benchmarks.timing.generator import generate
print(hashlib.sha256(json.dumps([labels_of(s) for s in generate("tests", 40)]).encode()).hexdigest())
"""


def test_the_same_seed_gives_the_same_sessions_whatever_the_hash_seed() -> None:
    printed = {
        subprocess.run(
            [sys.executable, "-c", _DIGEST],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    own = json.dumps([labels_of(session) for session in generate("tests", 40)]).encode()
    assert printed == {hashlib.sha256(own).hexdigest()}


def test_another_seed_gives_other_sessions() -> None:
    assert generate("other", 5) != SESSIONS[:5]


def test_a_shorter_set_is_the_beginning_of_a_longer_one() -> None:
    assert generate("tests", 7) == SESSIONS[:7]


@pytest.mark.parametrize("behaviour", Behaviour)
def test_every_behaviour_occurs_as_often_as_stated(behaviour: Behaviour) -> None:
    shares = dict(zip(Behaviour, (0.30, 0.25, 0.15, 0.15, 0.15), strict=True))
    expected = shares[behaviour] * len(SESSIONS)
    count = sum(session.behaviour is behaviour for session in SESSIONS)
    deviation = (expected * (1 - shares[behaviour])) ** 0.5
    assert abs(count - expected) < 4 * deviation


def test_states_follow_each_other_without_gaps() -> None:
    for session in SESSIONS:
        assert all(one.end == other.start for one, other in pairwise(session.intervals))
        assert all(one.start < one.end for one in session.intervals)


def test_sessions_do_not_overlap() -> None:
    assert all(one.end < other.start for one, other in pairwise(SESSIONS))


def test_events_come_in_order_and_while_the_user_is_there() -> None:
    for session in SESSIONS:
        times = [event.at for event in session.events]
        assert times == sorted(times)
        assert session.start <= times[0]
        assert times[-1] < session.end


def test_help_is_wanted_only_during_a_need() -> None:
    for session in SESSIONS:
        for interval in session.intervals:
            if interval.state.label is Label.WANTED:
                assert session.need_at(interval.start) is not None
                assert session.need_at(interval.end - 0.05) == session.need_at(interval.start)


def test_during_a_need_the_user_wants_help_or_is_in_the_middle_of_an_act() -> None:
    for session in SESSIONS:
        for need in session.needs:
            states = {one.state for one in session.intervals if need.start <= one.start < need.end}
            wanted = {state for state in states if state.label is Label.WANTED}
            assert wanted
            assert states - wanted <= {State.TYPING, State.DOING}


def test_needs_are_about_workflows_of_the_app_and_do_not_overlap() -> None:
    for session in SESSIONS:
        known = {workflow.id for workflow in app_of(session.app).workflows}
        assert all(need.workflow in known for need in session.needs)
        assert all(one.end <= other.start for one, other in pairwise(session.needs))


def test_experts_have_no_needs_and_all_others_sometimes() -> None:
    with_needs = Counter(session.behaviour for session in SESSIONS if session.needs)
    assert set(with_needs) == set(Behaviour) - {Behaviour.EXPERT}
    assert all(count < sum(s.behaviour is b for s in SESSIONS) for b, count in with_needs.items())


def test_nobody_acts_while_away() -> None:
    away = [(s, one) for s in SESSIONS for one in s.intervals if one.state is State.AWAY]
    assert away
    for session, interval in away:
        assert not any(interval.start < event.at < interval.end for event in session.events)


def test_a_need_about_the_fast_way_costs_less_than_its_time() -> None:
    losses = {need.loss for session in SESSIONS for need in session.needs}
    assert losses == {0.6, 1.0}


def test_workflows_have_unambiguous_titles() -> None:
    for app in APPS:
        titles = [step.title for workflow in app.workflows for step in workflow.steps]
        assert len(set(titles)) == len(titles)
        assert len(app.workflows) == 4
        assert {step.page for workflow in app.workflows for step in workflow.steps} <= set(app.pages)


def test_events_of_a_written_set_hold_no_labels(tmp_path: Path) -> None:
    write_set(SESSIONS[:10], tmp_path)
    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert {frozenset(event) for event in events} == {
        frozenset(("session", "user", "app", "at", "type", "page", "title", "element", "signal"))
    }
    labels = [json.loads(line) for line in (tmp_path / "labels.jsonl").read_text().splitlines()]
    assert [_ends_of(label) for label in labels] == [(s.start, s.end) for s in SESSIONS[:10]]
    assert len(json.loads((tmp_path / "apps.json").read_text())) == 5


def _ends_of(label: dict[str, list[dict[str, float]]]) -> tuple[float, float]:
    return label["intervals"][0]["start"], label["intervals"][-1]["end"]


def test_stretched_sessions_differ_in_their_times_alone() -> None:
    (plain, other), (slow, later) = SESSIONS[:2], stretched(SESSIONS[:2], 1.5)
    assert stretched(SESSIONS[:2], 1) == SESSIONS[:2]
    assert slow.start == plain.start
    assert slow.end - slow.start == pytest.approx(1.5 * (plain.end - plain.start), abs=0.02)
    assert later.start - slow.end == pytest.approx(1.5 * (other.start - plain.end), abs=0.02)
    assert [event.title for event in slow.events] == [event.title for event in plain.events]
    assert [one.state for one in slow.intervals] == [one.state for one in plain.intervals]


def test_nobody_is_there_before_and_after_a_session() -> None:
    session: LabelledSession = SESSIONS[0]
    assert session.label_at(session.start - 0.1) is None
    assert session.label_at(session.start) is not None
    assert session.label_at(session.end) is None
