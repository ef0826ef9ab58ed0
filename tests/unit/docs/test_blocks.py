"""Every code block in the documentation is checked: settings load, code compiles, data parses."""

from __future__ import annotations

import argparse
import ast
import importlib
import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from rasa.utils.endpoints import read_endpoint_config
from ruamel.yaml import YAML
from support.documentation import PAGES, Block, blocks
from support.missing import miss
from support.processes import ROOT

from rasa_autoplay.common.conversation.proactive import COPILOT_ACTIONS
from rasa_autoplay.engine.hosting.metrics_blueprint import METRICS_PATH
from rasa_autoplay.engine.knowledge.golden_path import load_golden_paths
from rasa_autoplay.engine.knowledge.translation_file import PathTranslation
from rasa_autoplay.engine.triggers.configured.loader import load_triggers
from rasa_autoplay.link.http.endpoint import action_server_endpoint
from rasa_autoplay.settings.channel import SECTION, ChannelSettings, read_channel_settings
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.secret import Secret
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.cli.main import SUBCOMMANDS

_HERE = "tests/unit/docs/test_blocks.py"

#: The test that checks the blocks of each language, here or elsewhere.
LOOKED_AT = {
    "bash": "tests/unit/docs/test_commands.py",
    "html": "tests/browser/frameworks/test_plain_page.py",
    "js": _HERE,
    "json": _HERE,
    "nginx": "tests/contract/test_nginx.py",
    "python": _HERE,
    "svelte": "tests/browser/frameworks/test_components.py",
    # Output of a terminal, or a header.
    "text": "tests/unit/tools/simulation/test_simulate_docs.py",
    "ts": "tests/browser/frameworks/test_documented_apps.py",
    "tsx": "tests/browser/frameworks/test_documented_apps.py",
    "vue": "tests/browser/frameworks/test_documented_apps.py",
    "yaml": _HERE,
}
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_Load = Callable[[Path, str], None]


@pytest.mark.parametrize("block", blocks(), ids=str)
def test_every_code_block_has_a_checker(block: Block) -> None:
    assert block.language in LOOKED_AT, f"{block}: nothing looks at {block.language!r}"


def test_every_checker_exists_and_is_used() -> None:
    assert {block.language for block in blocks()} == set(LOOKED_AT)
    assert all((ROOT / test).is_file() for test in LOOKED_AT.values())


def _channel(folder: Path, text: str) -> None:
    file = folder / "credentials.yml"
    file.write_text(text, "utf-8")
    section = YamlFile(file).data()[SECTION]
    read_channel_settings({"product_id": "demo", "identity": "none", **section})


def _keys_of_the_channel(folder: Path, text: str) -> None:
    _channel(folder, f"{SECTION}:\n" + "".join(f"  {line}\n" for line in text.splitlines()))


def _engine(folder: Path, text: str) -> None:
    path = folder / "autoplay.yml"
    path.write_text(text if "product_id:" in text else f"product_id: demo\n{text}", "utf-8")
    file = YamlFile(path)
    settings = file.read(EngineSettings)
    # The workflows that the triggers explain belong to the reader.
    known = [trigger.get("golden_path") for trigger in file.data().get("triggers") or []]
    made = load_triggers(settings, [name for name in known if name], file)
    assert len(made) == len(settings.triggers)


def _golden_path(folder: Path, text: str) -> None:
    (folder / "path.yml").write_text(text, "utf-8")
    (path,) = load_golden_paths(folder)
    assert path.steps


def _texts_of_a_path(folder: Path, text: str) -> None:
    (folder / "path.de.yml").write_text(text, "utf-8")
    assert YamlFile(folder / "path.de.yml").read(PathTranslation).steps


def _training_data(_folder: Path, text: str) -> None:
    for rule in YAML(typ="safe").load(text)["rules"]:
        assert rule["rule"]
        assert [set(step) & {"intent", "action"} for step in rule["steps"]]


def _endpoints(folder: Path, text: str) -> None:
    """Check a file of Rasa's like Rasa reads it, by names that Rasa knows."""
    file = folder / "endpoints.yml"
    file.write_text(text, "utf-8")
    found = {key: read_endpoint_config(str(file), key) for key in YAML(typ="safe").load(text)}
    assert found.keys() <= {"action_endpoint", "tracker_store", "lock_store"}
    assert found["action_endpoint"].url.startswith("http")
    types = {key: endpoint.type for key, endpoint in found.items() if key != "action_endpoint"}
    assert types.items() <= {"tracker_store": "SQL", "lock_store": "redis"}.items()
    endpoint = action_server_endpoint(found["action_endpoint"])
    assert endpoint is not None
    assert endpoint.headers_with(Secret(""))


def _flows(_folder: Path, text: str) -> None:
    """Check that flows run the copilot's actions; tests/rasa_pro lets Rasa Pro read them."""
    flows = YAML(typ="safe").load(text)["flows"]
    assert flows
    for flow in flows.values():
        assert flow["description"]
        assert {step["action"] for step in flow["steps"]} <= COPILOT_ACTIONS


def _actions_of_a_domain(_folder: Path, text: str) -> None:
    assert set(YAML(typ="safe").load(text)["actions"]) <= COPILOT_ACTIONS


def _continuous_integration(_folder: Path, text: str) -> None:
    """Check that our commands in a job have arguments that exist."""
    commands = re.findall(r"rasa-autoplay (\w+) (.+)", text)
    assert commands
    for name, arguments in commands:
        parser = argparse.ArgumentParser(exit_on_error=False)
        importlib.import_module(SUBCOMMANDS[name][0]).add_arguments(parser)
        parser.parse_args(shlex.split(arguments))


def _prometheus(_folder: Path, text: str) -> None:
    """Check that the pages are where our routes are; promtool checks the rest, if it is installed."""
    jobs = YAML(typ="safe").load(text)["scrape_configs"]
    assert {job["metrics_path"] for job in jobs} == {"/webhooks/autoplay/metrics", METRICS_PATH}
    assert all("credentials_file" in job["authorization"] for job in jobs)


def _loader(tree: Mapping[str, Any]) -> _Load:
    """Return the reader for a file of this kind, which is known by its keys."""
    keys = set(tree)
    kinds: list[tuple[bool, _Load]] = [
        (SECTION in keys, _channel),
        ({"id", "steps"} <= keys, _golden_path),
        (
            any(key == "jobs" or (isinstance(tree[key], dict) and "script" in tree[key]) for key in keys),
            _continuous_integration,
        ),
        (keys == {"title", "steps"}, _texts_of_a_path),
        (keys == {"rules"}, _training_data),
        ("scrape_configs" in keys, _prometheus),
        (keys == {"flows"}, _flows),
        (keys == {"actions"}, _actions_of_a_domain),
        ("action_endpoint" in keys, _endpoints),
        (keys <= set(EngineSettings.__fields__) | {"version"}, _engine),
        (keys <= set(ChannelSettings.__fields__), _keys_of_the_channel),
    ]
    found = next((load for fits, load in kinds if fits), None)
    assert found is not None, f"no file of ours has the keys {sorted(keys)}"
    return found


@pytest.mark.parametrize("block", blocks("yaml"), ids=str)
def test_settings_blocks_load(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AUTOPLAY_CONFIG", raising=False)
    for name in _VARIABLE.findall(block.text):
        # As a URL or a key, depending on the placeholder.
        redis = "redis://:secret@example.com:6379/0"
        other = "https://example.com/a-long-enough-secret-of-nobody"
        monkeypatch.setenv(name, redis if name.endswith("REDIS_URL") else other)
    # GitHub's expressions are not ours.
    text = re.sub(r"\$\{\{.*?\}\}", "expression", block.text)
    _loader(YAML(typ="safe").load(text))(tmp_path, text)


@pytest.mark.parametrize("block", blocks("json"), ids=str)
def test_json_blocks_parse(block: Block) -> None:
    json.loads(block.text)


@pytest.mark.parametrize("block", blocks("python"), ids=str)
def test_python_blocks_compile_and_their_imports_exist(block: Block) -> None:
    tree = ast.parse(block.text)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            module = importlib.import_module(str(node.module))
            assert [
                name.name for name in node.names if name.name != "*" and not hasattr(module, name.name)
            ] == []


@pytest.mark.parametrize("block", blocks("js"), ids=str)
def test_javascript_blocks_compile(block: Block, tmp_path: Path) -> None:
    (tmp_path / "block.mjs").write_text(block.text, "utf-8")
    node = shutil.which("node")
    if node is None:
        miss("There is no Node.js here.")
    checked = subprocess.run(
        [str(node), "--check", "block.mjs"], cwd=tmp_path, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stderr


_LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(#[^)\s]+)?\)")


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.M)
    return {"#" + re.sub(r"[^\w\- ]", "", each.lower()).strip().replace(" ", "-") for each in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_anchors_resolve(page: Path) -> None:
    lost = []
    for place, anchor in _LINK.findall(page.read_text("utf-8")):
        target = (page.parent / place).resolve() if place else page
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            lost.append(f"{place}{anchor}")
    assert lost == []


def test_the_index_links_to_every_page() -> None:
    docs = ROOT / "docs"
    index = (docs / "README.md").read_text("utf-8")
    assert [
        page.name for page in docs.glob("*.md") if page.name != "README.md" and f"({page.name})" not in index
    ] == []


def test_the_index_of_decisions_links_to_each() -> None:
    decisions = ROOT / "docs" / "decisions"
    linked = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", (decisions / "README.md").read_text("utf-8"))
    assert linked == sorted(page.name for page in decisions.glob("0*.md"))


@pytest.mark.parametrize(
    "page", sorted((ROOT / "docs" / "decisions").glob("0*.md")), ids=lambda page: page.stem
)
def test_every_decision_states_its_context_and_cost(page: Path) -> None:
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.M)
    assert headings[0].startswith(f"{int(page.name[:4])}. ")
    assert headings[1:] == ["Context", "Decision", "Cost"]
