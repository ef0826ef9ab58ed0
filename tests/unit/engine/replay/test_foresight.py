"""A replay that looks ahead finds what a replay finds that asks all triggers at each step."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from support.calm_recordings import calm_configuration, calm_moments
from support.engine_parts import save
from support.random_recordings import copied, random_configuration, random_moments
from support.recorded import moments

from rasa_autoplay.engine.core.configuration import load_configuration
from rasa_autoplay.engine.decisions.driver import Driver
from rasa_autoplay.engine.replay import near_misses, shared_replay
from rasa_autoplay.engine.replay.assumptions import Assumptions
from rasa_autoplay.engine.replay.moment import Moment
from rasa_autoplay.engine.replay.results import Outcome
from rasa_autoplay.engine.replay.shared_replay import replay_versions
from rasa_autoplay.engine.replay.simulation import replay
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.yaml_file import YamlFile

_ANSWERS = ("none", "dismiss", "accept", "accept=30%,dismiss=30%,later=20%,never=10%")
_SLOW_SAVES = """\
product_id: demo
triggers:
  - id: it
    body: May I?
    when: {count: {title: save, at_least: 3, within: 60s}}
"""
_DWELL = "product_id: demo\ntriggers:\n  - {builtin: user_page_dwell, dwell: 60s}\n"


def _all_of(outcome: Outcome) -> tuple[Any, ...]:
    users = [(user_id, user.as_dict()) for user_id, user in outcome.users.items()]
    stories = [(key, story.user_id, story.times) for key, story in outcome.sessions.items()]
    signals = [[action.signal for action in story.actions] for story in outcome.sessions.values()]
    counts = {name: count for name, count in (+outcome.counts).items() if name != "evaluations"}
    lists = outcome.fires, outcome.withheld, outcome.suppressed, outcome.near_misses
    return *lists, users, stories, signals, outcome.looked_at, counts


def _check(
    seed: int,
    folder: Path,
    configuration_of: Callable[[random.Random, Path], Path],
    moments_of: Callable[..., list[Moment]],
) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    try:
        configuration = load_configuration(YamlFile(configuration_of(chance, folder)))
    except ConfigError:
        assume(False)  # a random rule that the grammar refuses
    recording = moments_of(chance, sessions=chance.choice((3, 12)))
    assume(any(payload.actions for _, payload, _ in recording))
    assumptions = Assumptions(chance.choice(_ANSWERS))
    expected = _all_of(replay(copied(recording), configuration, assumptions))
    (found,) = replay_versions(copied(recording), [configuration], assumptions)
    assert _all_of(found) == expected


@pytest.fixture(autouse=True)
def _few_near_misses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Examine few sessions for near misses, because a replay does not look ahead in these."""
    monkeypatch.setattr(near_misses, "MAX_EXAMINED_ACTIONS", 10)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 1 << 32))
def test_finds_the_same_where_little_happens(seed: int, tmp_path: Path) -> None:
    _check(seed, tmp_path, calm_configuration, calm_moments)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 1 << 32))
def test_finds_the_same_in_odd_corners(seed: int, tmp_path: Path) -> None:
    _check(seed, tmp_path, random_configuration, random_moments)


@pytest.mark.slow
@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 1 << 32))
def test_finds_the_same_in_many_recordings(seed: int, tmp_path: Path) -> None:
    _check(seed, tmp_path, calm_configuration, calm_moments)


def test_asks_no_trigger_where_none_can_fire(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "autoplay.yml").write_text(_SLOW_SAVES)
    configuration = load_configuration(YamlFile(tmp_path / "autoplay.yml"))
    recording = moments(*(save(at) for at in range(0, 4000, 40)), user="u0", session="s0")
    asked: list[float] = []
    evaluate = Driver.evaluate

    async def counted(self: Driver, session: Any, now: float, affected: Any = None) -> None:
        asked.append(now)
        await evaluate(self, session, now, affected)

    monkeypatch.setattr(Driver, "evaluate", counted)
    monkeypatch.setattr(near_misses, "even_sample", None)
    monkeypatch.setattr(shared_replay, "even_sample", lambda _: frozenset())
    (found,) = replay_versions(recording, [configuration], Assumptions())
    assert found.counts["actions"] == 100
    assert len(asked) < 10


def test_keeps_the_order_of_timers_that_are_due_at_the_same_time(tmp_path: Path) -> None:
    (tmp_path / "autoplay.yml").write_text(_DWELL)
    configuration = load_configuration(YamlFile(tmp_path / "autoplay.yml"))
    recording: list[Moment] = []
    for number in (3, 1, 2):
        own = save(number / 4, page="https://app.example.com/a"), save(10.0, page="https://app.example.com/b")
        recording += moments(*own, user=f"u{number}", session=f"s{number}")
    recording.sort(key=lambda moment: moment[0])
    expected = _all_of(replay(copied(recording), configuration, Assumptions()))
    (found,) = replay_versions(copied(recording), [configuration], Assumptions())
    assert len(found.fires) == 3
    assert _all_of(found) == expected
