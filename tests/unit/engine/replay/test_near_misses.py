"""A near miss lacks one condition, shown in numbers at its nearest moment."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.engine_parts import PROJECTS, action, save
from support.recorded import moments, offsets

from rasa_autoplay.engine.core.configuration import load_configuration
from rasa_autoplay.engine.replay import near_misses
from rasa_autoplay.engine.replay.assumptions import Assumptions
from rasa_autoplay.engine.replay.moment import Moment
from rasa_autoplay.engine.replay.near_misses import is_near
from rasa_autoplay.engine.replay.results import Outcome
from rasa_autoplay.engine.replay.simulation import replay
from rasa_autoplay.engine.triggers.firing_reasons import ConditionResult, RuleExplanation
from rasa_autoplay.settings.yaml_file import YamlFile

RULE = """
product_id: demo
triggers:
  - id: bulk
    body: Shall I?
    when:
      - on_page: /projects
      - count: {title: save changes, page: /projects, at_least: 3, within: 120s}
      - never: {title: bulk edit}
"""


def _simulate(tmp_path: Path, what: list[Moment]) -> Outcome:
    (tmp_path / "autoplay.yml").write_text(RULE)
    configuration = load_configuration(YamlFile(tmp_path / "autoplay.yml"))
    return replay(sorted(what, key=lambda moment: moment[0]), configuration, Assumptions())


def test_two_of_three_saves_are_a_near_miss(tmp_path: Path) -> None:
    outcome = _simulate(
        tmp_path, moments(save(1), save(2), action("View settings", 300, "https://a.b/settings"))
    )
    (miss,) = outcome.near_misses
    assert offsets([miss]) == [2]
    assert (miss.trigger_id, miss.user_id, miss.session_id) == ("bulk", "u1", "s1")
    assert "2 of 3" in miss.missing
    assert 0.5 < miss.nearness < 1


def test_one_save_is_not_a_near_miss(tmp_path: Path) -> None:
    assert not _simulate(tmp_path, moments(save(1))).near_misses


def test_saves_after_bulk_edit_are_a_near_miss(tmp_path: Path) -> None:
    known = [action("Click Bulk edit", 0, PROJECTS), save(1), save(2), save(3)]
    (miss,) = _simulate(tmp_path, moments(*known)).near_misses
    assert offsets([miss]) == [3]


def test_session_in_which_the_trigger_fired_has_no_near_miss(tmp_path: Path) -> None:
    outcome = _simulate(tmp_path, moments(save(1), save(2), save(3)))
    assert offsets(outcome.fires) == [3]
    assert not outcome.near_misses


def test_samples_sessions_of_a_large_recording_evenly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near_misses, "MAX_EXAMINED_ACTIONS", 10)
    many = [
        moment for n in range(10) for moment in moments(save(n), save(n + 0.5), session=f"s{n}", user=f"u{n}")
    ]
    outcome = _simulate(tmp_path, many)
    assert outcome.looked_at == 5
    assert [miss.session_id for miss in outcome.near_misses] == ["s0", "s2", "s4", "s6", "s8"]


def _verdict(holds: bool, has: float | None = None, needs: float | None = None) -> ConditionResult:
    return ConditionResult("c", holds, "f", has, needs)


PAGE, NO_PAGE = _verdict(True), _verdict(False)
COUNTED, HALF, LESS = _verdict(True, 3, 3), _verdict(False, 2, 4), _verdict(False, 1, 4)


@pytest.mark.parametrize(
    ("conditions", "near"),
    [
        ([PAGE, HALF], True),
        ([PAGE, LESS], False),
        ([NO_PAGE, HALF], False),
        ([NO_PAGE, COUNTED], True),
        ([NO_PAGE, PAGE], False),
        ([NO_PAGE], False),
        ([HALF], True),
        ([_verdict(False, 5, 4)], False),
        ([PAGE, COUNTED], False),
        ([ConditionResult("any", False, "f", conditions=(LESS, HALF)), PAGE], True),
    ],
)
def test_decides_which_explanations_are_near_misses(conditions: list[ConditionResult], near: bool) -> None:
    assert is_near(RuleExplanation(False, tuple(conditions))) is near
