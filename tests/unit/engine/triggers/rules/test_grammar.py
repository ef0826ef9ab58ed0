"""The grammar of ``when:``, and how its errors are reported."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.rules import asked, did, rule, triggers

from rasa_autoplay.errors import ConfigError


@pytest.mark.parametrize(
    ("when", "key", "reasons"),
    [
        ("{on_pge: /x}", "on_pge", ["unknown condition; did you mean 'on_page'?", "all, any, not, on_page"]),
        ("{zzz: /x}", "zzz", ["unknown condition. Allowed: all"]),
        ("/projects", "", ["write a condition as a mapping"]),
        ("{}", "", ["write a condition as a mapping"]),
        ("[]", "", ["list of conditions"]),
        ("{all: {on_page: /x}}", "all", ["each with a dash"]),
        ("{any: []}", "any", ["each with a dash"]),
        ("{all: [{on_page: /x}, {cuont: {at_least: 1}}]}", "all.1.cuont", ["did you mean 'count'?"]),
        ("{on_page: []}", "on_page", ["an empty list matches nothing"]),
        ('{on_page: ""}', "on_page", ["is not a pattern", "{regex: …}"]),
        ("{on_page: {regx: a}}", "on_page", ["is not a pattern"]),
        ('{on_page: {regex: "("}}', "on_page", ["not a regular expression"]),
        ("{count: {title: a, within: 60s}}", "count.at_least", ["required"]),
        ("{count: {title: a, at_least: 0}}", "count.at_least", ["1"]),
        ("{count: {tilte: a, at_least: 2}}", "count.tilte", ["did you mean 'title'?"]),
        ("{count: {title: a, at_least: 2, within: 60}}", "count.within", ["60 has no unit"]),
        ("{count: {at_least: 2, within: 0s}}", "count.within", ["greater than 0"]),
        (
            "{count: {at_least: 2, within: 10m}}",
            "count.within",
            ["600 s is longer than the window", "session.window.lookback is 300 s"],
        ),
        ("{count: {at_least: 201}}", "count.at_least", ["session.window.max_actions is 200"]),
        ("{count: 3}", "count", ["dict"]),
        ("{repeat: {at_least: 1, within: 10s}}", "repeat.at_least", ["2"]),
        ("{sequence: [{title: a}]}", "sequence", ["2 items"]),
        ("{sequence: [{title: a}, {}]}", "sequence.1", ["say which actions you mean"]),
        ("{sequence: [{title: a}, {titel: b}]}", "sequence.1.titel", ["did you mean 'title'?"]),
        ("{sequence: [{title: a}, {title: b}], within: 1}", "within", ["no unit"]),
        ("{on_page: /x, within: 10s}", "within", ["unknown condition"]),
        ("{never: {}}", "never", ["say which actions you mean"]),
        ("{absent: {title: a}}", "absent.within", ["required"]),
        ("{dwell: 60}", "dwell.at_least", ["no unit"]),
        ("{dwell: 5m}", "dwell", ["longer than the window"]),
        ("{dwell: {at_least: 60s, max_actions: 0}}", "dwell.max_actions", ["1"]),
        ("{idle: 10m}", "idle", ["longer than the window"]),
        ("{failure: {kind: explosion}}", "failure.kind.0", ["rage_click"]),
        ("{segment: {}}", "segment", ["email_domain, user, away, properties"]),
        ("{segment: {user: old}}", "segment.user", ["'returning'"]),
        ("{memory: {}}", "memory", ["mastered, in_progress, untouched, struggle"]),
        (
            "{memory: {mastered: exprot}}",
            "memory.mastered",
            ["no golden path 'exprot'; did you mean 'export'?"],
        ),
        ("{path: {stalled: zzz}}", "path.stalled", ["Known: any, export, first-report, invite-team"]),
        ("{path: {off_path: any, for: 60s}}", "path", ['belong to "stalled"']),
        ("{path: {for: 60s}}", "path", ["give at least one of"]),
        ("{not: [{on_pagee: /x}]}", "not.0.on_pagee", ["did you mean 'on_page'?"]),
    ],
)
def test_error_names_line_key_and_remedy(tmp_path: Path, when: str, key: str, reasons: list[str]) -> None:
    with pytest.raises(ConfigError) as refusal:
        rule(tmp_path, when)
    place = f"triggers.0.when.{key}" if key else "triggers.0.when"
    assert str(refusal.value).startswith(f"autoplay.yml:5: {place}: ")
    for reason in reasons:
        assert reason in str(refusal.value)


def test_error_names_the_line_of_the_condition(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^autoplay\.yml:8: triggers\.0\.when\.all\.1\.count\.within: "):
        rule(
            tmp_path,
            "\n      all:\n        - on_page: /x\n        - count: {at_least: 3, within: 3}",
        )


def test_longer_window_allows_longer_rules(tmp_path: Path) -> None:
    head = "product_id: demo\nsession: {window: {lookback: 20m, max_actions: 500}}"
    assert rule(tmp_path, "{count: {at_least: 400, within: 15m}}", head=head)


@pytest.mark.parametrize(
    ("entry", "place", "reason"),
    [
        ("{id: a, when: {on_page: /x}}", "triggers.0", 'a rule needs a "body:"'),
        ("{when: {on_page: /x}, body: b}", "triggers.0", '"when" needs an "id:"'),
        ("{id: a, when: {on_page: /x}, body: b, bdoy: c}", "triggers.0.bdoy", "did you mean 'body'?"),
        ("{id: a, when: {on_page: /x}, builtin: rage_click}", "triggers.0", "not when and builtin"),
        (
            '{id: a, when: {on_page: /x}, body: "At {step}"}',
            "triggers.0.body",
            "no condition of the rule gives {step}. Only memory and path conditions give any.",
        ),
        (
            '{id: a, when: {path: {stalled: any}}, body: "At {stp}"}',
            "triggers.0.body",
            "no condition of the rule gives {stp}; did you mean 'step'?",
        ),
    ],
)
def test_rule_requires_what_every_trigger_requires(
    tmp_path: Path, entry: str, place: str, reason: str
) -> None:
    with pytest.raises(ConfigError) as refusal:
        triggers(tmp_path, f"  - {entry}\n")
    assert str(refusal.value).startswith(f"autoplay.yml:3: {place}: ")
    assert reason in str(refusal.value)


@pytest.mark.parametrize(
    "when",
    [
        "[{on_page: /projects}, {idle: 10s}]",
        "{all: [{on_page: /projects}, {idle: 10s}]}",
        "{on_page: /projects, idle: 10s}",
    ],
)
def test_accepts_three_spellings_of_and(tmp_path: Path, when: str) -> None:
    trigger = rule(tmp_path, when)
    assert trigger.evaluate(asked([did("a", 0)], 10)) is not None
    assert trigger.evaluate(asked([did("a", 0)], 9)) is None
    assert trigger.evaluate(asked([did("a", 0, "/dashboard")], 10)) is None
