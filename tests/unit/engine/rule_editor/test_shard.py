"""A back-test replays only the users that a rule can reach, and still gets what a full simulation gets."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.random_rules import random_actions, random_rule
from support.rules import T0, asked, rule

from rasa_autoplay.engine.core.configuration import Configuration, load_configuration
from rasa_autoplay.engine.replay.assumptions import Assumptions
from rasa_autoplay.engine.replay.moment import Moment
from rasa_autoplay.engine.replay.recorded_users import recorded_users
from rasa_autoplay.engine.replay.results import Fire
from rasa_autoplay.engine.replay.simulation import replay
from rasa_autoplay.engine.rule_editor.shard import Replayed, Shard, Version
from rasa_autoplay.events.models import ActionsPayload, SlimAction
from rasa_autoplay.settings.yaml_file import YamlFile

_FILE = """\
product_id: demo
session: {interaction_timeout: 20s, cooldown: 40s}
courtesy: {min_interval: 2m}
triggers:
  - id: it
    body: May I?
    when: {count: {title: save, at_least: 3, within: 60s}}
  - id: other
    body: May I, too?
    when: {count: {title: menu, at_least: 2, within: 90s}}
"""
_TITLES = ("Click Save", "Open menu", "Click Edit", "Click Help", "Type")


def _recording(users: int = 40) -> list[Moment]:
    chance = random.Random(5)  # noqa: S311 - no secret
    moments: list[Moment] = []
    for number in range(users * 2):
        at = T0 + chance.uniform(0, 86_400)
        favourite = chance.choice(_TITLES)
        for index in range(12):
            at += chance.expovariate(1 / 8)
            title = favourite if chance.random() < 0.5 else chance.choice(_TITLES)
            action = SlimAction(title, "", "https://app.example.com/x", index, "click", at, at)
            payload = ActionsPayload("demo", f"s{number}", f"u{number % users}", None, [action])
            moments.append((at, payload, "stream"))
    moments.sort(key=lambda moment: moment[0])
    return moments


def _version(text: str, key: str) -> Version:
    return Version(key, _load(text), "it")


def _load(text: str) -> Configuration:
    return load_configuration(YamlFile(Path("autoplay.yml"), text.encode()))


def _keys(fires: list[Fire]) -> list[tuple[str, str, str, float]]:
    return sorted((fire.trigger_id, fire.user_id, fire.session_id, fire.at) for fire in fires)


def test_agrees_with_a_full_simulation_of_both_versions() -> None:
    moments, edited = _recording(), _FILE.replace("at_least: 3", "at_least: 2")
    shard = Shard(recorded_users(moments))
    found = shard.compare([_version(_FILE, "loaded"), _version(edited, "draft")], time.monotonic() + 600)
    assert found.replayed == found.reachable
    assert 0 < found.reachable < 40, "some users are out of the rule's reach"
    for text, fires in zip((_FILE, edited), found.fires, strict=True):
        expected = replay(moments, _load(text), Assumptions()).fires
        own = [fire for fire in expected if fire.trigger_id == "it"]
        assert own
        assert _keys([fire for fire in fires if fire.trigger_id == "it"]) == _keys(own)
        replayed = {fire.user_id for fire in fires}
        assert _keys(fires) == _keys([fire for fire in expected if fire.user_id in replayed])


def test_continues_where_the_time_was_up(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("_CHUNK_S", 1e-9), ("_FIRST_CHUNK", 1)):
        monkeypatch.setattr(f"rasa_autoplay.engine.rule_editor.shard.{name}", value)
    shard = Shard(recorded_users(_recording()))
    versions = [_version(_FILE, "loaded"), _version(_FILE.replace("at_least: 3", "at_least: 2"), "draft")]
    steps: list[Replayed] = []
    events = 0
    while not steps or steps[-1].replayed < steps[-1].reachable:
        steps.append(shard.compare(versions, 0.0))
        events += steps[-1].events
    assert [each.replayed for each in steps] == list(range(1, steps[-1].reachable + 1))
    again = shard.compare(versions, 0.0)
    assert (again.events, again.fires) == (0, steps[-1].fires)
    assert events == 2 * 24 * steps[-1].reachable, "nobody was replayed twice"


def test_the_volume_of_each_value_is_that_of_its_own_comparison() -> None:
    users = recorded_users(_recording())
    versions = [_version(_FILE.replace("at_least: 3", f"at_least: {n}"), f"v{n}") for n in (1, 2, 4, 8)]
    found = Shard(users).volumes(versions, time.monotonic() + 600)
    compared = Shard(users).compare(versions, time.monotonic() + 600)
    for own, all_users in zip(found.fires, compared.fires, strict=True):
        wanted = [fire for fire in all_users if fire.trigger_id == "it"]
        assert _keys([fire for fire in own if fire.trigger_id == "it"]) == _keys(wanted)
    assert found.events < compared.events


def test_groups_users_who_shared_a_session_and_leaves_out_strangers() -> None:
    at = T0
    moments: list[Moment] = []
    for session, user in (("s1", None), ("s1", "a"), ("s1", "b"), ("s2", "b"), ("s3", None), ("s4", "c")):
        at += 1
        action = SlimAction("Click Save", "", "", timestamp_start=at)
        moments.append((at, ActionsPayload("demo", session, user, None, [action]), "stream"))
    found = {tuple(sorted(each.names)): len(each.moments) for each in recorded_users(moments)}
    assert found == {("a", "b"): 4, ("c",): 1}


@pytest.mark.parametrize(
    ("when", "could_fire"),
    [
        ("{count: {title: save, at_least: 2, within: 60s}}", True),
        ("[{on_page: /projects}, {count: {title: save, at_least: 2, within: 60s}}]", True),
        ("[{on_page: /projects}, {count: {title: save, at_least: 3, within: 60s}}]", False),
        ("[{on_page: /elsewhere}, {count: {title: save, at_least: 2, within: 60s}}]", False),
        ("{any: [{on_page: /elsewhere}, {count: {title: save, at_least: 3, within: 60s}}]}", False),
        ("{sequence: [{title: edit}, {title: save}], within: 60s}", False),
    ],
)
def test_users_who_cannot_reach_a_rule_are_left_out(when: str, could_fire: bool, tmp_path: Path) -> None:
    page = "https://app.example.com/projects"
    actions = [SlimAction("Click Save", "", page, type="click", timestamp_start=T0 + at) for at in (0, 10)]
    actions.append(SlimAction("Click Edit", "", page, type="click", timestamp_start=T0 + 20))
    assert rule(tmp_path, when).could_fire(actions) is could_fire


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 1 << 32))
def test_a_rule_that_fires_could_fire(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    when = yaml.safe_dump(random_rule(chance), default_flow_style=True, width=10_000).strip()
    trigger = rule(tmp_path, when)
    actions = sorted(random_actions(chance, 12, 60.0), key=lambda each: (each.timestamp_start, each.index))
    for number in range(1, len(actions) + 1):
        now = actions[number - 1].timestamp_start - T0
        for waited in (0.0, 5.0, 30.0):
            if trigger.evaluate(asked(actions[:number], now + waited)):
                assert trigger.could_fire(actions)
