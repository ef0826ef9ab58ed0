"""Sessions against golden paths: which steps were done, skipped, repeated or failed, and by which actions."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.path_results import PathResult, path_results_of
from rasa_autoplay.engine.knowledge.path_tracker import EvidenceByPath, PathTracker
from rasa_autoplay.events.models import SlimAction

T0 = 1_700_000_000.0


def golden_path(path_id: str, *done_when: dict[str, Any] | None) -> GoldenPath:
    steps = [
        {"id": f"s{n}", "text": f"Step {n}.", "done_when": match} for n, match in enumerate(done_when, 1)
    ]
    return GoldenPath.parse_obj({"id": path_id, "title": path_id.title(), "steps": steps})


EXPORT = golden_path(
    "export",
    {"element_id": "menu"},
    {"element_id": "row-*"},
    None,
    {"title": "download", "page": "/reports"},
)


LONG = golden_path("long", *({"element_id": name} for name in ("menu", "second", "third", "last")))


def did(what: str, at: float, signal: str = "", page: str = "/reports") -> SlimAction:
    """Return a click; ``#menu`` on an element with that id, ``Download`` on one without an id."""
    element = what.removeprefix("#") if what.startswith("#") else ""
    return SlimAction(
        f"Click {what}",
        "",
        f"https://app.example.com{page}",
        type="click",
        timestamp_start=T0 + at,
        timestamp_end=T0 + at,
        element_id=element,
        signal=signal,
    )


def judged(*actions: SlimAction, paths: tuple[GoldenPath, ...] = (EXPORT,)) -> list[PathResult]:
    tracker, evidence = PathTracker(paths), EvidenceByPath()
    for action in actions:
        tracker.record(action, evidence)
    return path_results_of(tracker, evidence)


def session(*steps: str) -> list[SlimAction]:
    return [did(step, at) for at, step in enumerate(steps)]


def test_session_that_follows_the_path_completes_it() -> None:
    (verdict,) = judged(*session("#menu", "Elsewhere", "#row-7", "Download"))
    assert (verdict.attempts, verdict.completed, verdict.completion_pct) == (1, 1, 100.0)
    assert verdict.ids("done") == ["s1", "s2", "s4"], "the step that nothing shows counts nowhere"
    assert verdict.missed == verdict.ids("skipped") == verdict.ids("repeated") == verdict.ids("failed") == []
    assert [[proof.title for proof in step.done] for step in verdict.steps] == [
        ["Click #menu"],
        ["Click #row-7"],
        ["Click Download"],
    ]


def test_omitted_steps_are_skipped_and_remaining_ones_missed() -> None:
    (verdict,) = judged(*session("#menu", "#third"), paths=(LONG,))
    assert (verdict.ids("skipped"), verdict.missed) == (["s2"], ["s2", "s4"])
    assert (verdict.completed, verdict.completion_pct) == (0, 50.0)
    (verdict,) = judged(*session("#menu"))
    assert (verdict.ids("skipped"), verdict.missed) == ([], ["s2", "s4"])


def test_steps_in_any_order_complete_the_path() -> None:
    assert judged(*session("#menu", "Download", "#row-1"))[0].completed == 1


def test_two_later_steps_start_an_attempt_and_one_does_not() -> None:
    assert judged(*session("Download", "Download")) == []
    (verdict,) = judged(*session("#row-1", "Download"))
    assert (verdict.ids("done"), verdict.ids("skipped")) == (["s2", "s4"], ["s1"])


def test_first_step_after_others_starts_the_next_attempt() -> None:
    (verdict,) = judged(*session("#menu", "#row-1", "#menu", "#row-2", "Download", "#menu"))
    assert (verdict.attempts, verdict.completed, verdict.completion_pct) == (3, 1, 100.0)
    assert [proof.title for proof in verdict.steps[1].done] == ["Click #row-2"], "of the best attempt"


def test_only_the_same_element_counts_as_a_repeat() -> None:
    (verdict,) = judged(*session("#menu", "#menu", "#row-1", "#row-2", "#row-1", "Download"))
    repeated = {step.step_id: [proof.title for proof in step.repeated] for step in verdict.steps}
    assert repeated == {"s1": ["Click #menu"], "s2": ["Click #row-1"], "s4": []}
    assert verdict.attempts == 1


@pytest.mark.parametrize("signal", ["error", "failed_request", "rage_click", "dead_click"])
def test_failure_fails_its_step_and_does_not_complete_it(signal: str) -> None:
    (verdict,) = judged(did("#menu", 0), did("#row-1", 1, signal))
    assert (verdict.ids("done"), verdict.ids("failed")) == (["s1"], ["s2"])


@pytest.mark.parametrize(("after_s", "failed"), [(10.0, ["s2"]), (10.5, [])])
def test_attributes_a_failure_soon_after_a_step_to_that_step(after_s: float, failed: list[str]) -> None:
    (verdict,) = judged(did("#menu", 0), did("#row-1", 20), did("Error shown", 20 + after_s, "error"))
    assert (verdict.ids("done"), verdict.ids("failed")) == (["s1", "s2"], failed)


def test_action_that_fits_several_steps_counts_for_the_next() -> None:
    save = {"title": "save"}
    path = golden_path("twice", {"element_id": "open"}, save, {"element_id": "more"}, save)
    (verdict,) = judged(*session("#open", "Save", "#more", "Save"), paths=(path,))
    assert verdict.completed == 1
    (verdict,) = judged(*session("#open", "Save", "Save"), paths=(path,))
    assert (verdict.ids("done"), verdict.ids("skipped")) == (["s1", "s2", "s4"], ["s3"])


def test_evaluates_each_path_alone_and_orders_by_last_progress() -> None:
    other = golden_path("archive", {"element_id": "archive"}, {"element_id": "confirm"})
    verdicts = judged(*session("#archive", "#menu", "#confirm"), paths=(other, EXPORT))
    assert [(v.path_id, v.completed) for v in verdicts] == [("export", 0), ("archive", 1)]


_ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["#menu", "#row-1", "#row-2", "Download", "Elsewhere"]),
        st.sampled_from([0.0, 1.0, 5.0, 30.0]),
        st.sampled_from(["", "", "", "error"]),
    ),
    max_size=25,
)


@given(_ACTIONS, st.randoms(use_true_random=False))
def test_order_of_arrival_changes_nothing(steps: list[tuple[str, float, str]], chance: random.Random) -> None:
    at, actions = 0.0, []
    for number, (what, pause_s, signal) in enumerate(steps):
        at += pause_s
        action = did(what, at, signal)
        action.index = number
        actions.append(action)
    shuffled = chance.sample(actions, len(actions))
    in_order = judged(*actions)
    assert judged(*shuffled) == in_order
    for verdict in in_order:
        assert set(verdict.ids("done")).isdisjoint(verdict.missed)
        assert set(verdict.ids("skipped")).isdisjoint(verdict.ids("done"))
        assert (verdict.completion_pct == 100.0) == (not verdict.missed) == bool(verdict.completed)
        if "s4" in verdict.ids("done"):
            assert verdict.completed, "the last step is the result"


def test_evidence_limit_keeps_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rasa_autoplay.engine.knowledge.path_tracker._MAX_EVIDENCE", 3)
    (verdict,) = judged(*session("#menu", "#row-1", "#menu", "#row-2", "Download"))
    assert (verdict.attempts, verdict.completed) == (1, 1)
