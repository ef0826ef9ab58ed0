"""From ``autoplay.yml`` to triggers, with errors that name their line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rasa_autoplay.engine.triggers.configured.loader import load_object, load_triggers
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.yaml_file import YamlFile

THEIRS = """
from rasa_autoplay import (
    CanonicalPingPongTrigger, PredicateProactiveTrigger, ProactiveTriggerEntity, ProactiveTriggerResult,
    ProactiveTriggerTimings, only_events, remembers, title_contains,
)

def opaque(ctx):
    return bool(ctx.recent_actions)

@only_events
@remembers(known=title_contains("bulk edit"))
def hinting(ctx):
    return True

class Written:
    trigger_id = "written"
    def evaluate(self, ctx):
        return ProactiveTriggerResult("written", "Said by the class.")

class Impatient(CanonicalPingPongTrigger):
    def evaluate(self, ctx):
        return ProactiveTriggerResult("impatient", "Hurry up!")

class Demanding(Written):
    def __init__(self, something):
        pass

instance = Written()
with_times = ProactiveTriggerEntity(instance, ProactiveTriggerTimings(3.0, 5.0))
adopted = PredicateProactiveTrigger(trigger_id="adopted", body="Said by it.", predicate=hinting)
number = 42
"""

Load = Callable[..., list[ConfiguredTrigger]]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "their_triggers.py").write_text(THEIRS, encoding="utf-8")
    (tmp_path / "broken_module.py").write_text("raise RuntimeError('half written')", encoding="utf-8")

    def build(
        entries: str, paths: tuple[str, ...] = ("projects-bulk-edit", "export")
    ) -> list[ConfiguredTrigger]:
        file = tmp_path / "autoplay.yml"
        file.write_text(f"product_id: demo\ntriggers:\n{entries}", encoding="utf-8")
        yaml = YamlFile(file)
        return load_triggers(yaml.read(EngineSettings), paths, yaml)

    yield build
    for name in ("their_triggers", "broken_module"):
        sys.modules.pop(name, None)


def one(triggers: list[ConfiguredTrigger]) -> ConfiguredTrigger:
    (only,) = triggers
    return only


def context(**extra: Any) -> ProactiveTriggerContext:
    return ProactiveTriggerContext(
        recent_actions=(SlimAction("a", "", "/a", timestamp_start=100.0, timestamp_end=100.0),),
        context_extra={"eval_now": 100.0, **extra},
    )


def test_predicate_becomes_a_trigger(load: Load) -> None:
    trigger = one(
        load('  - {predicate: "their_triggers:opaque", id: mine, body: "Shall I?", golden_path: export}')
    )
    result = trigger.evaluate(context())
    assert result is not None
    assert (result.trigger_id, result.body) == ("mine", "Shall I?")
    assert (trigger.id, trigger.body, trigger.golden_path) == ("mine", "Shall I?", "export")
    assert trigger.wakes_at is None, "nobody knows when it could fire"
    assert trigger.remembers == {}
    assert (trigger.offer_ttl_s, trigger.interaction_timeout_s, trigger.cooldown_s) == (120.0, None, None)


def test_uses_the_attributes_of_a_predicate(load: Load) -> None:
    trigger = one(load('  - {predicate: "their_triggers:hinting", id: mine, body: "Shall I?"}'))
    assert trigger.wakes_at is not None
    assert trigger.wakes_at(context()) is None
    assert list(trigger.remembers) == ["known"]
    assert trigger.remembers["known"](SlimAction("Click Bulk edit", "", ""))


@pytest.mark.parametrize("name", ["Written", "instance"])
def test_accepts_a_class_or_object_with_evaluate(load: Load, name: str) -> None:
    trigger = one(load(f'  - {{predicate: "their_triggers:{name}", id: mine}}'))
    result = trigger.evaluate(context())
    assert result is not None
    assert result.body == "Said by the class."
    assert (trigger.id, trigger.body) == ("mine", "")


def test_trigger_keeps_the_attributes_of_its_predicate(load: Load) -> None:
    trigger = one(load('  - {predicate: "their_triggers:adopted", id: mine}'))
    assert trigger.wakes_at is not None
    assert list(trigger.remembers) == ["known"]


def test_nobody_knows_when_a_class_of_the_team_can_fire(load: Load) -> None:
    trigger = one(load('  - {predicate: "their_triggers:Impatient", id: mine}'))
    assert trigger.evaluate(context()) is not None
    assert trigger.could_fire([])


def test_times_of_the_entry_override_those_of_the_trigger(load: Load) -> None:
    entry = '  - {predicate: "their_triggers:with_times", id: mine%s}'
    trigger = one(load(entry % ""))
    assert (trigger.interaction_timeout_s, trigger.cooldown_s) == (3.0, 5.0)
    trigger = one(load(entry % ", interaction_timeout: 7s, cooldown: 0, offer_ttl: 1m"))
    assert (trigger.interaction_timeout_s, trigger.cooldown_s, trigger.offer_ttl_s) == (7.0, 0.0, 60.0)


def test_built_in_triggers_have_their_names_and_parameters(load: Load) -> None:
    triggers = load(
        "  - {builtin: canonical_url_ping_pong, min_cycles: 2}\n"
        "  - {builtin: user_page_dwell, dwell: 30s, max_actions: 9, id: dwell, body: Stuck?}\n"
        "  - builtin: section_playbook_match\n"
        "    section_playbook: {billing: May I explain the invoice?}\n"
        "    rules: [{prefix: /a, section_id: billing}]\n"
    )
    assert [t.id for t in triggers] == ["canonical_url_ping_pong", "dwell", "section_playbook_match"]
    dwell = triggers[1]
    assert dwell.wakes_at is not None
    assert dwell.wakes_at(context()) == 130.0
    assert dwell.evaluate(context(eval_now=129.0)) is None
    assert dwell.evaluate(context(eval_now=131.0)) is not None
    assert dwell.body == "Stuck?"
    playbook = triggers[2].evaluate(replace(context(), canonical_urls=("/a/invoice",)))
    assert playbook is not None
    assert "May I explain the invoice?" in playbook.body


BOUNCE = ("https://a.test/x", "https://a.test/Projects", "https://a.test/x")


@pytest.mark.parametrize(
    ("page", "fires"), [("/projects", True), ("[/nothing, /projects]", True), ("/nothing", False)]
)
def test_ping_pong_and_dwell_can_be_for_certain_pages(load: Load, page: str, fires: bool) -> None:
    ping_pong, dwell = load(
        f"  - {{builtin: canonical_url_ping_pong, page: {page}}}\n"
        f"  - {{builtin: user_page_dwell, dwell: 30s, page: {page}}}\n"
    )
    assert (ping_pong.evaluate(replace(context(), canonical_urls=BOUNCE)) is not None) is fires
    there = SlimAction("a", "", BOUNCE[1], timestamp_start=100.0, timestamp_end=100.0)
    on_page = replace(context(eval_now=131.0), recent_actions=(there,))
    assert (dwell.evaluate(on_page) is not None) is fires


def test_limits_of_a_golden_path_need_the_golden_path(load: Load) -> None:
    with pytest.raises(
        ConfigError, match=r"courtesy\.golden_paths\.exprt: there is no golden path 'exprt'; did"
    ):
        load("  []\ncourtesy: {golden_paths: {exprt: {per_day: 1}}}")


def test_keeps_the_order_of_the_file(load: Load) -> None:
    triggers = load(
        '  - {predicate: "their_triggers:opaque", id: b, body: x}\n'
        '  - {predicate: "their_triggers:opaque", id: a, body: x}\n'
    )
    assert [t.id for t in triggers] == ["b", "a"]


def test_accepts_a_file_without_triggers(load: Load) -> None:
    assert load("  []") == []


@pytest.mark.parametrize(
    ("entry", "place", "reasons"),
    [
        ("builtin: user_page_dwel", "builtin", ["did you mean 'user_page_dwell'?", "section_playbook_match"]),
        ("builtin: zzz", "builtin", ["no built-in trigger 'zzz'.", "Known: adoption_gap, bulk_edit"]),
        (
            "{builtin: section_playbook_match, dwell: 5s}",
            "dwell",
            ["section_playbook_match has no parameter"],
        ),
        ("builtin: section_playbook_match", "", ["section_playbook_match needs 'rules'"]),
        (
            '{predicate: "their_triggers:opaque", id: x, body: b, dwell: 5s}',
            "dwell",
            ["no parameter 'dwell'"],
        ),
        ('{predicate: "their_triggers:Demanding", id: x}', "predicate", ["without arguments: TypeError"]),
        (
            "{builtin: user_page_dwell, dwel: 60s}",
            "dwel",
            ["no parameter 'dwel'; did you mean 'dwell'? It has: dwell, max_actions, page."],
        ),
        (
            '{predicate: "their_triggers:opaque", id: x, body: b, golden_pth: y}',
            "golden_pth",
            ["did you mean 'golden_path'? Allowed: body, builtin"],
        ),
        ("{builtin: user_page_dwell, dwell: 60}", "dwell", ["60 has no unit"]),
        ("{builtin: user_page_dwell, min_cycles: 2}", "min_cycles", ["no parameter 'min_cycles'"]),
        (
            '{predicate: "their_triggers:opaque", id: x, body: b, golden_path: exprot}',
            "golden_path",
            ["'export'"],
        ),
        (
            '{predicate: "their_triggers:opaque", id: x, body: b, golden_path: zzz}',
            "golden_path",
            ["Known: "],
        ),
        ('{predicate: "their_triggers:opaque", id: x}', "", ['"body:"']),
        ('{predicate: "their_triggers:opaqe", id: x}', "predicate", ["no 'opaqe'; did you mean 'opaque'?"]),
        ('{predicate: "their_trigers:opaque", id: x}', "predicate", ["'their_trigers' cannot be imported"]),
        ('{predicate: "broken_module:f", id: x}', "predicate", ["RuntimeError: half written"]),
        ('{predicate: "their_triggers.opaque", id: x}', "predicate", ['"package.module:name"']),
        ('{predicate: ":opaque", id: x}', "predicate", ['"package.module:name"']),
        ('{predicate: "their_triggers:", id: x}', "predicate", ['"package.module:name"']),
        ('{predicate: "their_triggers:number", id: x}', "predicate", ["neither a function"]),
    ],
)
def test_wrong_entry_error_names_its_line_and_the_remedy(
    load: Load, entry: str, place: str, reasons: list[str]
) -> None:
    with pytest.raises(ConfigError) as refusal:
        load(f"  - {{builtin: canonical_url_ping_pong}}\n  - {entry}\n")
    key = f"triggers.1.{place}" if place else "triggers.1"
    assert str(refusal.value).startswith(f"autoplay.yml:4: {key}: ")
    for reason in reasons:
        assert reason in str(refusal.value)


def test_rejects_two_triggers_with_one_id(load: Load) -> None:
    with pytest.raises(
        ConfigError,
        match=r"autoplay\.yml:4: triggers\.1: a trigger above already has the id 'user_page_dwell'",
    ):
        load("  - {builtin: user_page_dwell}\n  - {builtin: user_page_dwell}\n")
    twice = load("  - {builtin: user_page_dwell}\n  - {builtin: user_page_dwell, id: second}\n")
    assert [t.id for t in twice] == ["user_page_dwell", "second"]


def test_error_lists_no_known_paths_when_there_are_none(load: Load) -> None:
    with pytest.raises(ConfigError, match="Known: none"):
        load("  - {builtin: user_page_dwell, golden_path: export}", paths=())


def test_loads_any_object(load: Load, tmp_path: Path) -> None:
    load("  []")
    file = YamlFile(tmp_path / "autoplay.yml")
    assert load_object("their_triggers:number", file, ["on_actions"]) == 42
    with pytest.raises(ConfigError, match=r"autoplay\.yml:1: on_actions: "):
        load_object("their_triggers:nothing_like_it", file, ["on_actions"])
