"""A rule in words, for people who do not know the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.rules import rule

from rasa_autoplay.engine.triggers.rules.grammar import CONDITIONS
from rasa_autoplay.engine.triggers.rules.wording import RuleWords, conditions_in_words

SENTENCES = {
    "{on_page: /projects}": "the user is on /projects",
    "{count: {title: save, page: /x, at_least: 3, within: 2m}}": (
        'at least 3 times within 2 minutes: an action with title "save" on /x'
    ),
    "{count: {page: /x, at_least: 1, within: 90s}}": "at least once within 90 s: an action on /x",
    "{repeat: {at_least: 3, within: 1s}}": "at least 3 times within 1 s, on the same element: any action",
    "{never: {title: bulk edit}}": 'not once in this session: an action with title "bulk edit"',
    "{never: {title: save, within: 30s}}": 'not once within 30 s: an action with title "save"',
    "{absent: {title: save, within: 30s}}": 'not once within 30 s: an action with title "save"',
    "{sequence: [{title: a}, {title: b}], within: 1m}": (
        'in this order within 1 minute: an action with title "a", then an action with title "b"'
    ),
    "{dwell: {at_least: 1m, max_actions: 5}}": (
        "the user has been on the page for 1 minute, with at most 5 actions there"
    ),
    "{idle: 30s}": "the user has done nothing for 30 s",
    "{failure: {at_least: 1, kind: [rage_click], within: 1m}}": (
        "at least 1 failure in a row (rage click) on one page within 1 minute"
    ),
    "{failure: {at_least: 2, kind: [error], per: workflow, within: 1m}}": (
        "at least 2 failures in a row (error) in one workflow within 1 minute"
    ),
    "{segment: {email_domain: acme.com}}": "the user's e-mail address is at acme.com",
    "{segment: {properties: {plan: pro}}}": 'the user\'s plan is "pro"',
    "{segment: {user: returning}}": "the user is here again",
    "{segment: {away: 3d}}": "the user is back after 3 days or more",
    "{memory: {in_progress: any, attempts: 3, completion_below: 80}}": (
        "the user has begun but never finished a workflow after 3 attempts or more, "
        "below 80% complete at best"
    ),
    "{memory: {mastered: export}}": "the user masters export",
    "{path: {begun: [export, invite-team]}}": "the user has begun export or invite-team in this session",
    "{path: {off_path: any}}": "the user left a workflow without finishing it",
    "{path: {skipped_step: export}}": "the user skipped a step of export",
    "{path: {stalled: any, for: 60s, actions: 8}}": (
        "the user has been at the same step of a workflow for 60 s or 8 actions"
    ),
}


@pytest.mark.parametrize("when", SENTENCES)
def test_condition_reads_as_a_part_of_a_sentence(tmp_path: Path, when: str) -> None:
    trigger = rule(tmp_path, when)
    assert trigger.rule is not None
    assert conditions_in_words(trigger.rule.condition) == (RuleWords(SENTENCES[when]),)


def test_every_key_of_a_condition_is_shown_here() -> None:
    assert {when.strip("{").split(":")[0] for when in SENTENCES} == {*CONDITIONS}


def test_parts_stay_nested(tmp_path: Path) -> None:
    trigger = rule(tmp_path, "[{on_page: /x}, {any: [{idle: 5s}, {not: {on_page: /y}}]}]")
    assert trigger.rule is not None
    assert conditions_in_words(trigger.rule.condition) == (
        RuleWords("the user is on /x"),
        RuleWords(
            "at least one of these holds",
            (
                RuleWords("the user has done nothing for 5 s"),
                RuleWords("this does not hold", (RuleWords("the user is on /y"),)),
            ),
        ),
    )
