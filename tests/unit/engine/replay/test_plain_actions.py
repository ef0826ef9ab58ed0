"""A replay that applies plain actions in fewer steps finds what it finds with all steps."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from support.random_recordings import copied, random_configuration, random_moments

from rasa_autoplay.engine.core.configuration import load_configuration
from rasa_autoplay.engine.decisions.driver import Driver
from rasa_autoplay.engine.replay.assumptions import Assumptions
from rasa_autoplay.engine.replay.results import Outcome
from rasa_autoplay.engine.replay.simulation import replay
from rasa_autoplay.engine.sessions.local import LocalSessionStore
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.yaml_file import YamlFile

_ANSWERS = ("none", "dismiss", "accept=40%,dismiss=30%,later=20%,never=10%")


def _all_of(outcome: Outcome) -> object:
    users = [(user_id, user.as_dict()) for user_id, user in outcome.users.items()]
    signals = [[action.signal for action in story.actions] for story in outcome.sessions.values()]
    lists = outcome.fires, outcome.withheld, outcome.suppressed, outcome.near_misses
    return *lists, users, signals, +outcome.counts


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 1 << 32))
def test_finds_the_same_with_all_steps(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    try:
        configuration = load_configuration(YamlFile(random_configuration(chance, tmp_path)))
    except ConfigError:
        assume(False)  # a random rule that the grammar refuses
    recording = random_moments(chance, sessions=6)
    assume(any(payload.actions for _, payload, _ in recording))
    assumptions = Assumptions(chance.choice(_ANSWERS))
    found = _all_of(replay(copied(recording), configuration, assumptions))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LocalSessionStore, "at_hand", lambda *_: None)
        patch.setattr(Driver, "is_settled", lambda *_: False)
        assert _all_of(replay(copied(recording), configuration, assumptions)) == found
