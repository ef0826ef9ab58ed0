"""Edits of blocks keep a rule's meaning, its comments and its formatting."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from support.plain_yaml import plain_yaml
from support.random_rules import random_rule

from rasa_autoplay.engine.rule_editor.block_edits import (
    NEW_CONDITIONS,
    add_condition,
    remove_value,
    set_value,
)
from rasa_autoplay.engine.rule_editor.blocks import BlockReader
from rasa_autoplay.engine.rule_editor.value_kinds import CONDITION_TITLES, ValueKinds
from rasa_autoplay.errors import ConfigError

_READER = BlockReader(ValueKinds())
_RULE = """\
# Above.
id: it
when:
  all:
    - on_page: /projects # the page
    # About the count.
    - count: {title: save changes, at_least: 3, within: 120s} # often
body: "May I?"
# Below.
courtesy: {min_interval: 1h}
"""


def test_replaces_one_value_in_the_text() -> None:
    edited = set_value(_RULE, ["when", "all", 1, "count", "at_least"], 4)
    assert edited == _RULE.replace("at_least: 3", "at_least: 4")


def test_keeps_quotes_and_escapes_what_needs_it() -> None:
    edited = set_value(_RULE, ["body"], 'He said "hi": # no comment')
    assert yaml.safe_load(edited)["body"] == 'He said "hi": # no comment'
    assert edited.count("\n") == _RULE.count("\n")


def test_adds_a_key_and_keeps_every_comment() -> None:
    edited = set_value(_RULE, ["cooldown"], "3m")
    assert yaml.safe_load(edited) == {**yaml.safe_load(_RULE), "cooldown": "3m"}
    assert _comments(edited) == _comments(_RULE)


def test_removes_a_condition_with_its_own_comment_only() -> None:
    edited = remove_value(_RULE, ["when", "all", 0])
    assert yaml.safe_load(edited)["when"]["all"] == yaml.safe_load(_RULE)["when"]["all"][1:]
    assert {"# Above.", "# often", "# Below."} <= set(_comments(edited))


def test_refuses_an_edit_that_would_lose_a_comment() -> None:
    with pytest.raises(ConfigError, match=r"would lose the comment .# Below\."):
        remove_value(_RULE, ["body"])


@pytest.mark.parametrize("kind", NEW_CONDITIONS)
def test_adds_every_kind_of_condition(kind: str) -> None:
    edited = yaml.safe_load(add_condition(_RULE, ["when"], kind))
    assert list(edited["when"]["all"][-1]) == [kind]
    assert set(CONDITION_TITLES) == set(NEW_CONDITIONS)


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: set_value(text, ["when", "all", 0, "count", "title"], "other"),
        lambda text: remove_value(text, ["when", "all", 1]),
        lambda text: add_condition(text, ["when"], "idle"),
    ],
)
def test_refuses_to_edit_what_an_alias_repeats(edit: Callable[[str], str]) -> None:
    text = "id: it\nwhen:\n  all:\n    - count: {title: &t save}\n    - never: {title: *t}\nbody: Hi\n"
    with pytest.raises(ConfigError, match="aliases"):
        edit(text)


def test_refuses_control_characters_and_unknown_places() -> None:
    with pytest.raises(ConfigError, match="control characters"):
        set_value(_RULE, ["body"], "a\x00b")
    with pytest.raises(ConfigError, match=r"has no when\.any\.0"):
        remove_value(_RULE, ["when", "any", 0])
    with pytest.raises(ConfigError, match="not valid YAML"):
        set_value(_RULE, ["when"], "[open", is_yaml=True)


def _comments(text: str) -> list[str]:
    return sorted(line[line.index("#") :] for line in text.splitlines() if "# " in line)


def _leaves(blocks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for block in blocks:
        yield from block["fields"]
        yield from _leaves(block["parts"])


def _set(entry: Any, path: list[str | int], value: Any) -> Any:
    changed = copy.deepcopy(entry)
    node = changed
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return changed


def _with_comments(text: str) -> str:
    """Add a comment of its own to each line."""
    return "".join(f"{line} # c{n}\n" for n, line in enumerate(text.splitlines()))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1 << 32))
def test_text_to_blocks_to_text_keeps_meaning_and_comments(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    entry = {"id": "it", "when": random_rule(chance), "body": "May I?"}
    text = _with_comments(plain_yaml(entry))
    blocks = _READER.read(yaml.safe_load(text))
    for field in [*blocks["fields"], *_leaves(blocks["when"])]:
        path = list(field["path"])
        if field.get("is_yaml") or field["kind"] == "choices":
            # A list with a dash for each item has comments that no list in brackets can keep.
            with suppress(ConfigError):
                assert yaml.safe_load(set_value(text, path, field["text"], is_yaml=True)) == entry
            continue
        assert set_value(text, path, field["value"]) == text
        changed = set_value(text, path, "other: [text]")
        assert yaml.safe_load(changed) == _set(entry, path, "other: [text]")
        assert _comments(changed) == _comments(text)
    added = add_condition(text, ["when"], "idle")
    assert _comments(added) == _comments(text)
    assert "idle" in yaml.safe_dump(yaml.safe_load(added)["when"])
