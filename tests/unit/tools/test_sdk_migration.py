"""Code written for the vendor's SDK imports this package afterwards, and nothing else changes."""

from __future__ import annotations

import ast

import pytest

import rasa_autoplay
from rasa_autoplay.tools import sdk_migration as migration
from rasa_autoplay.tools.sdk_migration import MigratedSource, UnreadableSource


def migrate(source: str, name: str = "<source>") -> MigratedSource:
    return migration.migrate(source, rasa_autoplay.__all__, name)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "from autoplay_sdk.proactive.triggers import ProactiveTriggerContext\n",
            "from rasa_autoplay import ProactiveTriggerContext\n",
        ),
        (
            "from autoplay_sdk.agent_state.v2.states import SessionState as State, AgentStateV2\n",
            "from rasa_autoplay import SessionState as State, AgentStateV2\n",
        ),
        ("from autoplay_sdk import agent_state_v2\n", "import rasa_autoplay as agent_state_v2\n"),
        ("from autoplay_sdk import *\n", "from rasa_autoplay import *\n"),
        ("import autoplay_sdk as ap, os\n", "import rasa_autoplay as ap, os\n"),
        (
            "import autoplay_sdk.core.models\nx = autoplay_sdk.core.models.SlimAction\n",
            "import rasa_autoplay\nx = rasa_autoplay.SlimAction\n",
        ),
        (
            "def f():\n    from autoplay_sdk import SlimAction  # kept\n    return SlimAction\n",
            "def f():\n    from rasa_autoplay import SlimAction  # kept\n    return SlimAction\n",
        ),
        ("\x0c\nfrom autoplay_sdk import SlimAction\n", "\x0c\nfrom rasa_autoplay import SlimAction\n"),
        (
            'é = "ü"; from autoplay_sdk import SlimAction\r\n',
            'é = "ü"; from rasa_autoplay import SlimAction\r\n',
        ),
    ],
)
def test_rewrites_only_imports(before: str, after: str) -> None:
    migrated = migrate(before)
    assert migrated.text == after
    assert migrated.leftovers == ()
    assert migrate(after).text == after


def test_keeps_and_lists_names_that_this_package_lacks() -> None:
    source = "import os\nfrom autoplay_sdk import SlimAction, RedisEventBuffer\n"
    migrated = migrate(source)
    assert migrated.text == (
        "import os\nfrom rasa_autoplay import SlimAction\nfrom autoplay_sdk import RedisEventBuffer\n"
    )
    assert [(one.line, one.text) for one in migrated.leftovers] == [(2, "autoplay_sdk.RedisEventBuffer")]


def test_lists_names_in_strings() -> None:
    migrated = migrate('patch("autoplay_sdk.context.Summarizer")\n')
    assert [one.line for one in migrated.leftovers] == [1]
    assert migrated.text == 'patch("autoplay_sdk.context.Summarizer")\n'


def test_long_import_list_stays_valid_python() -> None:
    names = [name for name in rasa_autoplay.__all__ if not name.startswith("_")]
    migrated = migrate(f"if True:\n    from autoplay_sdk import ({', '.join(names)})\n")
    tree = ast.parse(migrated.text)
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert [node.module for node in imported] == ["rasa_autoplay"]
    assert [alias.name for node in imported for alias in node.names] == names


def test_leaves_other_packages_unchanged() -> None:
    source = "import autoplay_sdk_tools\nfrom .autoplay_sdk import x\nautoplay = autoplay_sdk_tools.y\n"
    assert migrate(source).text == source


def test_rejects_a_file_that_is_not_python_by_name() -> None:
    with pytest.raises(UnreadableSource, match=r"bad\.py"):
        migrate("def (:\n", "bad.py")
