"""Variants of a trigger's offer, as ``autoplay.yml`` has them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from support.rules import PATHS, KnownPaths, KnownUser, asked, did, triggers

from rasa_autoplay.engine.knowledge.user_progress import PathPosition
from rasa_autoplay.engine.triggers.configured.loader import load_triggers
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.yaml_file import YamlFile

USERS = [f"user-{number}" for number in range(4000)]


def entry(variants: str, more: str = "") -> str:
    return f"""\
  - id: it
    when: {{count: {{title: save, at_least: 1}}}}
    golden_path: export
    tours: [{{tour: export, label: Show the export}}]
    courtesy: {{hold_until: [save], per_user: 3}}
{more}    variants:
{variants}"""


TWO = entry(
    """\
      - {id: plain, body: Need help?}
      - {id: chat, body: Ask me., weight: 3, tours: false, first: chat, golden_path: invite-team,
         hold_until: [idle 3s], max_wait: 5s}
"""
)


def test_variant_replaces_only_what_it_says(tmp_path: Path) -> None:
    (trigger,) = triggers(tmp_path, TWO)
    plain, chat = trigger.variants
    assert (plain.id, plain.variant, plain.weight, plain.body) == ("it", "plain", 1.0, "Need help?")
    assert (plain.golden_path, plain.tours, plain.first) == ("export", {"export": "Show the export"}, "")
    assert plain.courtesy == trigger.courtesy
    assert (chat.body, chat.weight, chat.first) == ("Ask me.", 3.0, "chat")
    assert (chat.golden_path, chat.tours) == ("invite-team", None)
    assert (chat.courtesy.hold_until, chat.courtesy.max_wait) == (["idle 3s"], 5.0)
    assert chat.courtesy.per_user == 3
    assert chat.evaluate == trigger.evaluate


def test_tours_of_the_triggers_workflow_do_not_belong_to_another_one(tmp_path: Path) -> None:
    (trigger,) = triggers(tmp_path, entry("      - {id: a, body: A?, golden_path: invite-team}\n"))
    assert trigger.variants[0].tours == {}, "the workflow's own tour"


def test_each_user_always_gets_the_same_variant(tmp_path: Path) -> None:
    (trigger,) = triggers(tmp_path, TWO)
    (again,) = triggers(tmp_path, TWO)
    chosen = [trigger.variant_for(user).variant for user in USERS]
    assert chosen == [again.variant_for(user).variant for user in USERS]
    counts = Counter(chosen)
    assert counts["chat"] / len(USERS) == pytest.approx(0.75, abs=0.04)


def test_variant_does_not_depend_on_the_share(tmp_path: Path) -> None:
    chosen = []
    for share in ("live", "ghost", "10%", "0%"):
        (trigger,) = triggers(tmp_path, entry(TWO.partition("variants:\n")[2], f"    rollout: {share}\n"))
        chosen.append([trigger.variant_for(user).variant for user in USERS[:200]])
    assert chosen == [chosen[0]] * 4


def test_another_salt_gives_other_variants(tmp_path: Path) -> None:
    chosen = []
    for salt in ("a", "b"):
        more = f"    rollout: {{share: live, salt: {salt}}}\n"
        (trigger,) = triggers(tmp_path, entry(TWO.partition("variants:\n")[2], more))
        chosen.append([trigger.variant_for(user).variant for user in USERS[:200]])
    assert chosen[0] != chosen[1]


def test_variant_that_the_file_no_longer_has_is_the_trigger_itself(tmp_path: Path) -> None:
    (trigger,) = triggers(tmp_path, TWO)
    assert trigger.variant_of("chat") is trigger.variants[1]
    assert trigger.variant_of("gone") is trigger.variant_of("") is trigger


def test_bodies_of_variants_name_the_rules_workflow(tmp_path: Path) -> None:
    facts: dict[str, Any] = {
        "user_history": KnownUser(),
        "workflow_progress": KnownPaths(
            {"export": PathPosition("Export a report", "Choose a format", "Press Export", 1, 3, 0.0)}
        ),
    }
    (trigger,) = triggers(
        tmp_path,
        """\
  - id: it
    when: {path: {begun: any}}
    variants:
      - {id: a, body: "Stuck in {workflow}?"}
      - {id: b, body: Stuck?}
""",
    )
    result = trigger.evaluate(asked([did("Click Save changes", 0)], 0, **facts))
    assert result is not None
    assert [each.text_of(result) for each in trigger.variants] == ["Stuck in Export a report?", "Stuck?"]
    assert [each.fixed_text for each in trigger.variants] == ["", "Stuck?"]


def test_variant_of_a_builtin_replaces_its_text(tmp_path: Path) -> None:
    (trigger,) = triggers(
        tmp_path,
        """\
  - builtin: user_page_dwell
    variants: [{id: a, body: Lost?}, {id: b, body: "May I help?"}]
""",
    )
    assert [each.body for each in trigger.variants] == ["Lost?", "May I help?"]
    assert [each.id for each in trigger.variants] == ["user_page_dwell"] * 2


REFUSED = {
    "    rollout: sometimes\n": "autoplay.yml:6: triggers.0.rollout: 'sometimes' is not a rollout: write "
    'off, ghost, live, or a share of users such as "10%"',
    "    rollout: 10\n": "autoplay.yml:6: triggers.0.rollout: 10 has no unit: for a share of users, write "
    '"10%"',
    "    rollout: 101%\n": "autoplay.yml:6: triggers.0.rollout: '101%' is more than all users: write a "
    'percentage from 0% to 100%, for example "10%"',
    "    rollout: true\n": "autoplay.yml:6: triggers.0.rollout: True is not a rollout: write off, ghost, "
    'live, or a share of users such as "10%"',
    "    rollout: {share: 10%, slat: x}\n": "autoplay.yml:6: triggers.0.rollout.slat: unknown key; did you "
    "mean 'salt'? Allowed: salt, share.",
    "    rollout: {salt: x}\n": "autoplay.yml:6: triggers.0.rollout.share: this key is required.",
    "    variants: [{id: a}]\n": "autoplay.yml:6: triggers.0.variants.0.body: this key is required.",
    '    variants: [{id: a, body: ""}]\n': "autoplay.yml:6: triggers.0.variants.0.body: must not be empty.",
    "    variants: [{body: a}]\n": "autoplay.yml:6: triggers.0.variants.0.id: this key is required.",
    "    variants: [{id: a, body: a, weight: 0}]\n": "autoplay.yml:6: triggers.0.variants.0.weight: must be "
    "more than 0.",
    "    variants: [{id: a, body: a, weight: -1}]\n": "autoplay.yml:6: triggers.0.variants.0.weight: must be "
    "more than 0.",
    "    variants: [{id: a, body: a, weight: .inf}]\n": "autoplay.yml:6: triggers.0.variants.0.weight: "
    "must be at most 1000000.",
    "    variants: [{id: a, body: a, wieght: 1}]\n": "autoplay.yml:6: triggers.0.variants.0.wieght: unknown "
    "key; did you mean 'weight'? Allowed: body, first, golden_path, hold_until, id, max_wait, tours, weight.",
    "    variants: [{id: a, body: a, first: bot}]\n": "autoplay.yml:6: triggers.0.variants.0.first: "
    "must be one of 'tour', 'chat'.",
    "    variants: [{id: a, body: a, first: tour, tours: false}]\n": "autoplay.yml:6: triggers.0.variants.0: "
    '"first: tour" and "tours: false" contradict each other',
    "    variants: [{id: a, body: a, tours: true}]\n": "autoplay.yml:6: triggers.0.variants.0.tours: True is "
    "neither a list of golden paths nor false, which stands for no tour",
    "    variants:\n      - {id: a, body: a}\n      - {id: a, body: b}\n": "autoplay.yml:8: "
    "triggers.0.variants.1.id: a variant above already has the id 'a'.",
    "    variants:\n      - {id: a, body: a}\n      - id: b\n        body: b\n        golden_path: exprt\n": (
        "autoplay.yml:10: triggers.0.variants.1.golden_path: there is no golden path 'exprt'; did you mean "
        "'export'? Known: export, first-report, invite-team."
    ),
    "    variants:\n      - id: a\n        body: a\n        tours: [export, nowhere]\n": "autoplay.yml:9: "
    "triggers.0.variants.0.tours.1: there is no golden path 'nowhere'. Known: export, first-report, "
    "invite-team.",
    "    variants:\n      - id: a\n        body: In {worflow}?\n": "autoplay.yml:8: "
    "triggers.0.variants.0.body: no condition of the rule gives {worflow}. Only memory and path conditions "
    "give any.",
}


@pytest.mark.parametrize(("lines", "message"), REFUSED.items(), ids=[line.strip() for line in REFUSED])
def test_names_the_place_of_what_is_wrong(tmp_path: Path, lines: str, message: str) -> None:
    entries = f"""\
  - id: it
    when: {{count: {{title: save, at_least: 1}}}}
    body: May I?
{lines}"""
    with pytest.raises(ConfigError) as refused:
        triggers(tmp_path, entries)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("holdout", "message"),
    [
        ("{share: 200%}", "autoplay.yml:2: holdout.share: '200%' is more than all users"),
        ("{share: 5}", "autoplay.yml:2: holdout.share: 5 is not a share of users"),
        ("{salt: x}", "autoplay.yml:2: holdout.share: this key is required."),
        ("{share: 5%, salz: x}", "autoplay.yml:2: holdout.salz: unknown key; did you mean 'salt'?"),
    ],
)
def test_refuses_a_wrong_holdout(tmp_path: Path, holdout: str, message: str) -> None:
    file = tmp_path / "autoplay.yml"
    file.write_text(f"product_id: demo\nholdout: {holdout}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_triggers(YamlFile(file).read(EngineSettings), PATHS, YamlFile(file))
    assert str(refused.value).startswith(message)


def test_rule_without_any_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match='a rule needs a "body:"'):
        triggers(tmp_path, "  - {id: it, when: {idle: 5s}}\n")
