"""Proposals: the back-test counts what happened on held-out days, and no file names a user or a session."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import jsonschema
import pytest
from support.processes import ROOT
from support.slow_paths import (
    BEGAN_AT,
    DAY_S,
    a_finding,
    a_project,
    a_session,
    discovered,
    recorded_days,
)

from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.tools.discovery.evidence.figures import BackTest, Evidence, VerdictKind
from rasa_autoplay.tools.discovery.evidence.folder import Written
from rasa_autoplay.tools.discovery.evidence.shadow_version import read_path, shadow_version

_ID = "projects-save-changes"


def _evidence(folder: Path, batches: Sequence[ActionsPayload], more: str = "") -> Evidence:
    result = discovered(folder, batches, [a_finding(batches)], more=more)
    assert not result.left_alone
    ((evidence, written),) = result.written
    assert written is Written.NEW
    return evidence


def _test_of(evidence: Evidence) -> BackTest:
    assert evidence.backtest is not None
    return evidence.backtest


def _saves(batch: ActionsPayload) -> int:
    return sum(action.title == "Click Save changes" for action in batch.actions)


def _finds(batch: ActionsPayload) -> bool:
    return any(action.title == "Click Bulk edit" for action in batch.actions)


def _unmastered(batches: Sequence[ActionsPayload]) -> Iterator[ActionsPayload]:
    """Leave out the sessions of users who have mastered the path before: a gate stops the offer."""
    mastered: set[str | None] = set()
    for batch in sorted(batches, key=lambda each: each.actions[0].timestamp_start):
        if batch.user_id not in mastered:
            yield batch
        if _finds(batch):
            mastered.add(batch.user_id)


def test_counts_the_fires_on_held_out_days(tmp_path: Path) -> None:
    batches = recorded_days(days=10, users=30)
    test = _test_of(_evidence(tmp_path, batches))

    held_out = [b for b in batches if b.actions[0].timestamp_start >= BEGAN_AT + 7 * DAY_S]
    firing = [b for b in _unmastered(held_out) if _saves(b) >= 3]
    found = [b for b in firing if _finds(b)]
    assert (test.fires, test.sessions) == (len(firing), len(firing))
    assert test.users == len({b.user_id for b in firing})
    assert test.user_days == 90
    assert test.fires_per_user_day == pytest.approx(len(firing) / 90, abs=1e-4)
    assert test.found is not None
    assert test.went_on is not None
    assert test.neither is not None
    assert (test.found.count, test.went_on.count) == (len(found), len(firing) - len(found))
    assert [(day.day, day.active_users) for day in test.by_day] == [
        ("2023-11-22", 30),
        ("2023-11-23", 30),
        ("2023-11-24", 30),
    ]
    assert sum(day.went_on + day.found + day.neither for day in test.by_day) == len(firing)


def test_names_no_user_and_no_session_and_masks_titles(tmp_path: Path) -> None:
    batches = recorded_days(days=4, users=12)
    for batch in batches:
        batch.actions[0].title = "Page load: Projects of anna.berg@example.com"
    result = discovered(tmp_path, batches, [a_finding(batches, title="What anna.berg@example.com does")])

    assert len(result.written[0][0].examples) == 10
    for file in (tmp_path / "proposals").rglob("*"):
        if file.is_file():
            text = file.read_text()
            assert not any(word in text for word in ("secret", "anna.berg", "example.com")), file
    assert "[e-mail]" in (tmp_path / "proposals" / _ID / "evidence.json").read_text()


def test_the_files_do_not_depend_on_processes_or_on_the_order_of_batches(tmp_path: Path) -> None:
    batches = recorded_days(days=5, users=20)
    contents: list[dict[str, bytes]] = []
    for processes, order in ((1, 1), (2, 1), (3, -1)):
        folder = tmp_path / str(len(contents))
        folder.mkdir()
        discovered(folder, batches[::order], [a_finding(batches)], processes=processes)
        found = folder / "proposals" / _ID
        contents.append({file.name: file.read_bytes() for file in found.iterdir()})

    assert contents[0] == contents[1] == contents[2]


def test_the_trigger_and_the_path_are_valid_and_say_what_they_wait_for(tmp_path: Path) -> None:
    batches = recorded_days(days=4, users=12)
    _evidence(tmp_path, batches)
    folder = tmp_path / "proposals" / _ID
    text = (folder / "trigger.yml").read_text()

    version = shadow_version(a_project(tmp_path), text, read_path((folder / "path.yml").read_text()))

    assert (version.trigger.id, version.trigger.golden_path) == (_ID, _ID)
    assert version.trigger.body.startswith("Would you like to see how “Bulk edit”")
    assert '# - count 3 × title exactly "Click Save changes" within 120 s\n' in text


def test_few_days_are_not_tested(tmp_path: Path) -> None:
    batches = recorded_days(days=2)
    evidence = _evidence(tmp_path, batches)

    assert evidence.backtest is None
    assert evidence.near_misses is None
    assert evidence.verdict.kind is VerdictKind.NOT_TESTED
    assert "nothing was left for a test" in (tmp_path / "proposals" / _ID / "evidence.md").read_text()


def test_few_fires_are_counted_but_give_no_share(tmp_path: Path) -> None:
    batches = recorded_days(days=5, users=4, found_share=0)
    evidence = _evidence(tmp_path, batches)
    test = _test_of(evidence)

    assert test.went_on is None
    assert test.found is None
    assert test.found_share is None
    assert evidence.verdict.kind is VerdictKind.NOT_TESTED
    assert test.is_recommended
    assert test.reasons == (evidence.verdict.reason,)


def test_a_trigger_that_is_mostly_noise_is_not_recommended(tmp_path: Path) -> None:
    evidence = _evidence(tmp_path, recorded_days(days=10, users=20, found_share=0.9))
    test = _test_of(evidence)

    assert evidence.verdict.kind is VerdictKind.NOT_RECOMMENDED
    assert not test.is_recommended
    assert test.reasons
    assert "Raise at_least from 3 to 4" in evidence.verdict.change
    assert "Not recommended" in (tmp_path / "proposals" / _ID / "trigger.yml").read_text()


def test_a_trigger_after_which_users_go_on_is_recommended(tmp_path: Path) -> None:
    evidence = _evidence(tmp_path, recorded_days(days=10, users=20, found_share=0))

    assert evidence.verdict.kind is VerdictKind.RECOMMENDED
    assert _test_of(evidence).found_share == 0


def test_counts_near_misses_of_users_whom_the_trigger_never_reaches(tmp_path: Path) -> None:
    batches = recorded_days(days=4, users=12)
    near = _evidence(tmp_path, batches).near_misses

    held_out = [b for b in batches if b.actions[0].timestamp_start >= BEGAN_AT + 3 * DAY_S]
    missed = sum(_saves(batch) == 2 for batch in held_out)
    assert near is not None
    assert missed
    assert near.sessions == missed
    assert next(iter(near.missing)).startswith("2 of 3")


def test_names_existing_triggers_that_come_at_the_same_moments(tmp_path: Path) -> None:
    more = """triggers:
  - id: same
    body: "Shall I help?"
    when: {count: {title: save changes, at_least: 3, within: 120s}}
  - id: elsewhere
    body: "Shall I help?"
    when: {count: {title: no such title, at_least: 1}}
  - id: ours
    external: true
"""
    evidence = _evidence(tmp_path, recorded_days(days=4, users=12), more)

    (overlap,) = evidence.overlap
    assert (overlap.trigger_id, overlap.share, overlap.users) == ("same", 1.0, _test_of(evidence).users)
    assert evidence.not_compared == ["ours"]


def test_the_question_is_in_the_language_of_most_pages(tmp_path: Path) -> None:
    acts = [("Click Save changes", BEGAN_AT + second) for second in (1.0, 2.0, 3.0)]
    batches = [a_session("u", "s", acts, language="de-DE")]
    discovered(tmp_path, batches, [a_finding(batches)])

    assert "Soll ich zeigen" in (tmp_path / "proposals" / _ID / "trigger.yml").read_text()


def test_leaves_a_finding_alone_that_the_engine_would_not_load(tmp_path: Path) -> None:
    batches = recorded_days(days=4, users=12)
    wrong = a_finding(batches, id="wrong", trigger={"id": "wrong", "when": {"count": {"title": "x"}}})
    result = discovered(tmp_path, batches, [wrong, a_finding(batches)])

    assert list(result.left_alone) == ["wrong"]
    assert [evidence.id for evidence, _ in result.written] == [_ID]
    assert not (tmp_path / "proposals" / "wrong").exists()


def test_leaves_proposals_beyond_draft_alone(tmp_path: Path) -> None:
    batches = recorded_days(days=4, users=12)
    more = f"""triggers:
  - id: {_ID}
    rollout: ghost
    body: "Shall I help?"
    when: {{count: {{title: save changes, at_least: 3, within: 120s}}}}
"""
    result = discovered(tmp_path, batches, [a_finding(batches)], more=more)

    assert result.left_alone == {_ID: "it is beyond draft: its stage is ghost"}
    assert not (tmp_path / "proposals" / _ID).exists()


def test_the_figures_fit_their_schema(tmp_path: Path) -> None:
    _evidence(tmp_path, recorded_days(days=4, users=12))
    figures = json.loads((tmp_path / "proposals" / _ID / "evidence.json").read_text())

    jsonschema.validate(figures, json.loads((ROOT / "docs" / "evidence.schema.json").read_text("utf-8")))
