"""Recorded moments run through the real driver, courtesy and state machine, each at its own time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.engine_parts import T0, action, predicate_trigger, save, settings
from support.recorded import moments, offsets, simulate

from rasa_autoplay.engine.core.configuration import Configuration, load_configuration
from rasa_autoplay.engine.replay.assumptions import Assumptions
from rasa_autoplay.engine.replay.simulation import replay
from rasa_autoplay.engine.tours.catalogue import TourCatalogue
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.engine.triggers.decorators import only_events
from rasa_autoplay.engine.triggers.page_dwell import UserPageDwellTrigger
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext
from rasa_autoplay.settings.yaml_file import YamlFile


@only_events
def _three_saves(ctx: ProactiveTriggerContext) -> bool:
    return sum("Save" in action.title for action in ctx.recent_actions) >= 3


THREE_SAVES = predicate_trigger(_three_saves, "three_saves")


def _dwell(threshold_s: float) -> ConfiguredTrigger:
    trigger = UserPageDwellTrigger(default_threshold_s=threshold_s)
    return ConfiguredTrigger("dwell", trigger.evaluate, trigger.wakes_at)


def test_trigger_fires_at_the_time_of_the_completing_action() -> None:
    outcome = simulate(moments(save(1), save(5), save(9), save(13)), [THREE_SAVES], settings())
    (fire,) = outcome.fires
    assert (fire.trigger_id, fire.user_id, fire.session_id, fire.at) == ("three_saves", "u1", "s1", T0 + 9)
    assert fire.quiet_until == T0 + 9 + 10 + 20
    assert not fire.after_last_action
    assert fire.body == "May I, for three_saves?"


def test_consumes_evidence_and_fires_again_after_three_new_saves() -> None:
    saves = [save(at) for at in (1, 2, 3, 50, 51, 52)]
    assert offsets(simulate(moments(*saves), [THREE_SAVES], settings()).fires) == [3, 52]


def test_time_based_trigger_fires_at_its_exact_time() -> None:
    outcome = simulate(moments(action("x", 0), action("y", 500)), [_dwell(60)], settings())
    assert offsets(outcome.fires)[:1] == [60]


def test_user_stays_for_a_limited_time_after_the_last_action() -> None:
    outcome = simulate(moments(action("x", 0)), [_dwell(60)], settings())
    assert offsets(outcome.fires) == [60]
    assert outcome.fires[0].after_last_action
    assert not simulate(moments(action("x", 0)), [_dwell(121)], settings()).fires


def test_session_resumed_a_day_later_counts_as_left() -> None:
    later = 86_400
    outcome = simulate(moments(action("x", 0), action("y", later)), [_dwell(121)], settings())
    assert not outcome.fires


def test_continuously_active_user_counts_as_present() -> None:
    outcome = simulate(moments(action("x", 0), action("y", 600)), [_dwell(250)], settings())
    assert offsets(outcome.fires) == [250]


@pytest.mark.parametrize(
    ("answers", "answer", "until"),
    [("dismiss", "dismissed", T0 + 3 + 86_400), ("accept", "accepted", T0 + 8 + 7 * 86_400)],
)
def test_answer_suppresses_the_next_offer(answers: Any, answer: str, until: float) -> None:
    saves = [save(at) for at in (1, 2, 3, 100, 101, 102)]
    outcome = simulate(moments(*saves), [THREE_SAVES], settings(), Assumptions(answers=answers))
    assert offsets(outcome.fires) == [3]
    (suppression,) = outcome.suppressed
    assert (suppression.gate, suppression.at, suppression.outcome) == ("answered", T0 + 102, "stopped")
    assert repr(answer) in suppression.detail
    assert suppression.until == pytest.approx(until)


def test_courtesy_spans_a_users_sessions() -> None:
    first = moments(save(1), save(2), save(3))
    second = moments(*(save(at) for at in (201, 202, 203)), session="s2")
    limited = settings(courtesy={"min_interval": "5m"})
    outcome = simulate([*first, *second], [THREE_SAVES], limited, Assumptions(stays_s=10))
    assert offsets(outcome.fires) == [3]
    (suppression,) = outcome.suppressed
    assert (suppression.session_id, suppression.gate, suppression.until) == ("s2", "min_interval", T0 + 303)


def test_min_interval_applies_per_user() -> None:
    limited = settings(courtesy={"min_interval": "5m"})
    both = moments(save(1), save(2), save(3)) + moments(save(4), save(5), save(6), session="s2", user="u2")
    outcome = simulate(both, [THREE_SAVES], limited)
    assert [(fire.user_id, fire.at - T0) for fire in outcome.fires] == [("u1", 3), ("u2", 6)]


def test_reordered_or_repeated_actions_change_nothing() -> None:
    saves = [save(1), save(5), save(9)]
    straight = simulate(moments(*saves), [THREE_SAVES], settings())
    jumbled = simulate(moments(*reversed(saves), saves[1]), [THREE_SAVES], settings())
    assert jumbled.fires == straight.fires
    assert (straight.counts["actions"], jumbled.counts["actions"]) == (3, 3)
    assert jumbled.counts["duplicate_actions"] == 1


def test_offers_nothing_to_unknown_users() -> None:
    unknown = moments(save(1), save(2), save(3), user=None)
    assert not simulate(unknown, [THREE_SAVES], settings()).fires
    outcome = simulate(unknown + moments(action("View settings", 8)), [THREE_SAVES], settings())
    assert offsets(outcome.fires) == [8]
    assert outcome.sessions["demo", "s1"].user_id == "u1"


def test_counts_a_trigger_that_raises_and_evaluates_the_others() -> None:
    @only_events
    def broken(_ctx: ProactiveTriggerContext) -> bool:
        raise ZeroDivisionError

    triggers = [predicate_trigger(broken, "broken"), THREE_SAVES]
    outcome = simulate(moments(save(1), save(2), save(3)), triggers, settings(), Assumptions(stays_s=5))
    assert offsets(outcome.fires) == [3]
    assert outcome.counts["trigger_errors"] == 4, "three actions, and a look when the user's past is known"


def test_progress_adds_up_to_the_number_of_actions() -> None:
    told: list[int] = []
    many = moments(*(action("x", at / 10) for at in range(2345)))
    replay(many, Configuration("c", settings(), [], [], TourCatalogue([])), Assumptions(), told.append)
    assert sum(told) == 2345


STALL = """
product_id: demo
golden_paths: paths
triggers:
  - {builtin: workflow_stall, workflow: export, for: 30s}
"""
EXPORT = """
id: export
title: Export a report
steps:
  - {id: open, title: Open, text: Open it., done_when: {element_id: open}}
  - {id: pick, title: Pick, text: Pick a format., done_when: {element_id: pick}}
"""


def test_tracks_golden_paths_like_the_engine(tmp_path: Path) -> None:
    (tmp_path / "autoplay.yml").write_text(STALL)
    (tmp_path / "paths").mkdir()
    (tmp_path / "paths" / "export.yml").write_text(EXPORT)
    configuration = load_configuration(YamlFile(tmp_path / "autoplay.yml"))
    begun = moments(action("Click Open", 0, element_id="open"), action("Click Help", 100))
    outcome = replay(begun, configuration, Assumptions())
    assert offsets(outcome.fires)[:1] == [30]
