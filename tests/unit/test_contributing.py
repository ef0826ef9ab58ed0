"""The contributors' guide is true: commands, hooks, and continuous integration."""

from __future__ import annotations

import re
import shlex

import pytest
from ruamel.yaml import YAML
from support.processes import ROOT

CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.M))
_CODE = re.findall(r"`([^`\n]+)`", CONTRIBUTING)


def test_every_documented_make_target_exists() -> None:
    named = {code.split()[1] for code in _CODE if code.startswith("make ")}
    assert len(named) >= 5
    assert named <= TARGETS


@pytest.mark.parametrize("command", [code for code in _CODE if " -m pytest " in code])
def test_documented_single_test_command_finds_a_test(command: str) -> None:
    _, _, _, _, file, *rest = shlex.split(command)
    names = re.findall(r"def (test_\w+)", (ROOT / file).read_text("utf-8"))
    word = rest[1] if rest else ""
    assert [name for name in names if word in name]


def test_documented_benchmark_command_names_a_benchmark() -> None:
    (command,) = [code for code in _CODE if " -m benchmarks " in code]
    assert (ROOT / "benchmarks" / f"{command.split()[3]}.py").is_file()


def test_hooks_run_tools_from_the_environment() -> None:
    config = YAML(typ="safe").load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    assert [repository["repo"] for repository in config["repos"]] == ["local"]
    hooks = config["repos"][0]["hooks"]
    assert {hook["language"] for hook in hooks} == {"system"}
    programs = [hook["entry"].split()[:3] for hook in hooks]
    assert all(words[:2] == [".venv/bin/python", "-m"] for words in programs)
    assert {words[2] for words in programs} == {"ruff", "mypy"}
    locked = (ROOT / "constraints.txt").read_text("utf-8")
    assert all(f"\n{words[2]}==" in locked for words in programs)


def test_ci_runs_the_command_of_the_readme() -> None:
    workflow = YAML(typ="safe").load((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))
    job = workflow["jobs"]["test"]
    assert job["env"] == {"CI": "1"}, "where nothing may be skipped"
    readme = re.findall(r"^(make \w+) ", (ROOT / "README.md").read_text("utf-8"), re.M)
    assert "make test" in readme
    assert [step["run"] for step in job["steps"] if step.get("run", "").startswith("make")] == ["make test"]


@pytest.mark.parametrize("name", ["bug", "feature"])
def test_every_issue_template_has_questions(name: str) -> None:
    template = YAML(typ="safe").load((ROOT / ".github" / "ISSUE_TEMPLATE" / f"{name}.yml").read_text("utf-8"))
    assert template["name"]
    assert template["description"]
    questions = [part for part in template["body"] if part["type"] != "markdown"]
    assert len({part["id"] for part in questions}) == len(questions) >= 3
