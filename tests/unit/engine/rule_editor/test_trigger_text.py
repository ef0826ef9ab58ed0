"""A trigger's text is cut out of the file, and put back without touching anything else."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from support.plain_yaml import plain_yaml
from support.random_rules import random_rule

from rasa_autoplay.engine.rule_editor.draft import EditedFile
from rasa_autoplay.engine.rule_editor.trigger_text import find_triggers, read_trigger, replace_trigger
from rasa_autoplay.errors import ConfigError

_FILE = """\
product_id: demo # the product
triggers:
  # The first one.
  - id: one # its name
    when:
      all:
        - on_page: /projects

    body: |
      Two lines.

      And one.
    # Its last comment.
  # The second one.
  - {builtin: rage_click,
     page: /checkout}
  -   id: three
      when: {on_page: "/x"}
      body: 'It''s here'

# After all.
session: {cooldown: 5m}
"""


def _file(text: str) -> EditedFile:
    return EditedFile(Path("autoplay.yml"), text.encode())


def test_shows_a_trigger_as_a_file_of_its_own() -> None:
    file = _file(_FILE)
    assert file.ids == ["one", "rage_click", "three"]
    assert file.text_of("one").startswith("# The first one.\nid: one # its name\nwhen:\n  all:\n")
    assert file.text_of("one").endswith("\n  And one.\n# Its last comment.\n")
    assert file.text_of("rage_click") == "# The second one.\n{builtin: rage_click,\n page: /checkout}\n"
    assert file.text_of("three") == "id: three\nwhen: {on_page: \"/x\"}\nbody: 'It''s here'\n"


def test_changes_nothing_but_the_trigger() -> None:
    file = _file(_FILE)
    edited = file.with_trigger("three", file.text_of("three").replace("/x", "/y")).file_text
    assert edited == _FILE.replace('"/x"', '"/y"')
    assert file.with_trigger("one", file.text_of("one")).file_text == _FILE


def test_adds_a_trigger_after_the_last_one() -> None:
    edited = _file(_FILE).with_trigger("", "id: four\nwhen: {on_page: /z}\nbody: Hi\n").file_text
    assert "  -   id: four\n      when: {on_page: /z}\n      body: Hi\n\n# After all." in edited


@pytest.mark.parametrize("rest", ["", "triggers: []\n", "triggers:\n", "# triggers: none yet\n"])
def test_adds_the_first_trigger(rest: str) -> None:
    edited = _file(f"product_id: demo\n{rest}").with_trigger("", "id: it\nbody: Hi\n").file_text
    assert yaml.safe_load(edited) == {"product_id": "demo", "triggers": [{"id": "it", "body": "Hi"}]}


def test_refuses_triggers_in_brackets() -> None:
    with pytest.raises(ConfigError, match="lines of its own"):
        find_triggers("triggers: [{builtin: rage_click}]\n")


@pytest.mark.parametrize(
    "text",
    [
        'id: three\nbody: "open',
        "id: three\nbody: 'open",
        "id: three\nwhen: {on_page: /x",
        "id: three\n- id: four",
        "id: three\n---\nproduct_id: other",
    ],
)
def test_an_open_quote_or_bracket_cannot_change_other_parts(text: str) -> None:
    for trigger_id in ("one", "three"):
        with pytest.raises(ConfigError):
            _file(_FILE).with_trigger(trigger_id, text)


def test_adds_no_environment_variables() -> None:
    with pytest.raises(ConfigError, match="environment variables"):
        _file(_FILE).with_trigger("three", 'id: three\nwhen: {on_page: /x}\nbody: "${OPENAI_API_KEY}"\n')


def test_loads_no_new_code() -> None:
    with pytest.raises(ConfigError, match="does not load new code"):
        _file(_FILE).with_trigger("three", "id: three\npredicate: 'os:abort'\nbody: Hi\n")


_COMMENTS = st.lists(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12), max_size=3)


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 1 << 32), comments=_COMMENTS, flow=st.booleans(), offset=st.sampled_from([0, 2, 4])
)
def test_any_rule_can_be_cut_out_and_put_back(
    seed: int, comments: list[str], flow: bool, offset: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    rules: list[dict[str, Any]] = [
        {"id": f"rule{n}", "when": random_rule(chance), "body": "May I?"} for n in range(3)
    ]
    item = [plain_yaml(rule, default_flow_style=flow).rstrip("\n").split("\n") for rule in rules]
    pad = " " * offset
    lines = ["product_id: demo", "triggers:"]
    for n, parts in enumerate(item):
        lines += [f"{pad}# {comment}" for comment in (comments if n == 1 else [])]
        lines += [f"{pad}- {parts[0]}", *(f"{pad}  {part}" for part in parts[1:])]
    text = "\n".join([*lines, "poll_interval: 5s", ""])
    found = find_triggers(text)
    assert len(found) == 3
    for index, rule in enumerate(rules):
        own = read_trigger(text, found[index])
        assert yaml.safe_load(own) == rule
        assert replace_trigger(text, found, index, own) == text
        changed = replace_trigger(text, found, index, own + "# more\n")
        assert yaml.safe_load(changed) == yaml.safe_load(text)
