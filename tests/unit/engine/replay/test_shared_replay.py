"""A recording that several processes share has the results of a replay in one process, in the same order."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace as replaced
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from support.engine_parts import save
from support.random_recordings import copied, random_configuration, random_moments
from support.recorded import moments

from rasa_autoplay.engine.core.configuration import Configuration, load_configuration
from rasa_autoplay.engine.replay import shared_replay
from rasa_autoplay.engine.replay.assumptions import Assumptions
from rasa_autoplay.engine.replay.moment import Moment
from rasa_autoplay.engine.replay.numbered_moments import MomentsInMemory
from rasa_autoplay.engine.replay.results import Outcome
from rasa_autoplay.engine.replay.share import Share, ShareMoments
from rasa_autoplay.engine.replay.shared_replay import replay_versions
from rasa_autoplay.engine.replay.simulation import replay
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.yaml_file import YamlFile

_ANSWERS = ("none", "dismiss", "accept", "accept=30%,dismiss=30%,later=20%,never=10%")
_FILE = """\
product_id: demo
triggers:
  - id: it
    body: May I?
    when: {count: {title: save, at_least: 2, within: 60s}}
"""


def _one_after_the_other(
    function: Callable[[Share, Any], Any], shares: Sequence[Share], progressed: Any = int
) -> list[Any]:
    """Replay shares as processes would, each with a copy of its moments."""
    return [function(replaced(share, moments=_copied(share.moments)), progressed) for share in shares]


def _copied(share: ShareMoments) -> MomentsInMemory:
    found = sorted((moment for users in share.by_users() for moment in users), key=itemgetter(0))
    return MomentsInMemory(
        [number for number, *_ in found],
        copied([(at, payload, source) for _, at, payload, source in found]),
    )


def _alone(function: Callable[[Share, Any], Any], shares: Sequence[Share], progressed: Any) -> list[Any]:
    (share,) = shares
    return [function(share, progressed)]


def _all_of(outcome: Outcome) -> tuple[Any, ...]:
    users = [(user_id, user.as_dict()) for user_id, user in outcome.users.items()]
    stories = [(key, story.user_id, story.times) for key, story in outcome.sessions.items()]
    signals = [[action.signal for action in story.actions] for story in outcome.sessions.values()]
    lists = outcome.fires, outcome.withheld, outcome.suppressed, outcome.near_misses
    # A replay that looks ahead evaluates less often.
    counts = {name: count for name, count in (+outcome.counts).items() if name != "evaluations"}
    return *lists, users, stories, signals, outcome.looked_at, counts


def _load(chance: random.Random, folder: Path) -> Configuration:
    try:
        return load_configuration(YamlFile(random_configuration(chance, folder)))
    except ConfigError:
        assume(False)  # a random rule that the grammar refuses
        raise


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 1 << 32), processes=st.integers(2, 5))
def test_finds_what_one_process_finds(
    seed: int, processes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_replay, "in_processes", _one_after_the_other)
    chance = random.Random(seed)  # noqa: S311 - no secret
    versions = [_load(chance, tmp_path / "one"), _load(chance, tmp_path / "other")]
    recording = random_moments(chance, sessions=chance.choice((3, 12)))
    assume(any(payload.actions for _, payload, _ in recording))
    assumptions = Assumptions(chance.choice(_ANSWERS))
    own = copied(recording)
    expected = [_all_of(replay(own, version, assumptions)) for version in versions]
    found = replay_versions(recording, versions, assumptions, processes, min_moments=1)
    assert [_all_of(outcome) for outcome in found] == expected


def _day(tmp_path: Path) -> tuple[list[Moment], Configuration]:
    (tmp_path / "autoplay.yml").write_text(_FILE)
    recording: list[Moment] = []
    for number in range(8):
        names = {"user": f"u{number % 5}", "session": f"s{number}"}
        recording += moments(*(save(number * 7 + at) for at in (1, 2, 30, 31, 400, 401)), **names)
    recording.sort(key=lambda moment: moment[0])
    return recording, load_configuration(YamlFile(tmp_path / "autoplay.yml"))


def test_real_processes_find_the_same_and_report_their_progress(tmp_path: Path) -> None:
    recording, configuration = _day(tmp_path)
    expected = _all_of(replay(copied(recording), configuration, Assumptions()))
    told: list[int] = []
    (found,) = replay_versions(recording, [configuration], Assumptions(), 3, told.append, min_moments=1)
    assert expected[0], "there are fires"
    assert _all_of(found) == expected
    assert sum(told) == len(recording)


@pytest.mark.parametrize(
    "change",
    [
        "  - {id: own, predicate: 'os.path:exists', body: Hi}\n",
        "session: {max_sessions: 7}\n",
    ],
)
def test_users_stay_together_where_one_can_affect_another(
    change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording, _ = _day(tmp_path)
    (tmp_path / "autoplay.yml").write_text(_FILE + change)
    configuration = load_configuration(YamlFile(tmp_path / "autoplay.yml"))
    monkeypatch.setattr(shared_replay, "in_processes", None)
    (found,) = replay_versions(recording, [configuration], Assumptions(), 3, min_moments=1)
    assert found.counts["actions"] == len(recording)


def test_a_small_recording_starts_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording, configuration = _day(tmp_path)
    monkeypatch.setattr(shared_replay, "in_processes", _alone)
    (found,) = replay_versions(recording, [configuration], Assumptions(), 8)
    assert found.fires
