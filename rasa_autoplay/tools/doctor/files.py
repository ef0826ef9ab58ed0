"""Checks of the project's own files."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rasa_autoplay.common.checks import Problem, error, warning
from rasa_autoplay.errors import EngineUnreachable
from rasa_autoplay.link.http.connection import read_authorities
from rasa_autoplay.settings.assistant_kind import needs_engine_in_process
from rasa_autoplay.settings.channels_file import channels_path
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.doctor.project import Project
from rasa_autoplay.tools.validation.assistant import check_assistant
from rasa_autoplay.tools.validation.endpoints import check_endpoints_file
from rasa_autoplay.tools.validation.engine_file import check_engine_file
from rasa_autoplay.tools.validation.findings import Findings
from rasa_autoplay.tools.validation.rasa_files import check_credentials
from rasa_autoplay.tools.validation.repairs.corrections import add_corrections
from rasa_autoplay.tools.validation.sources import check_sources
from rasa_autoplay.tools.validation.tracing import check_tracing
from rasa_autoplay.tools.validation.validated_files import validated_files

__all__ = ["action_endpoint", "actions_import", "empty_messages", "files", "needs_actions_module"]

_ACTIONS = "rasa_autoplay.actions"
_VALIDATE = "fix the named line; `rasa-autoplay validate` checks only these files"
_INIT = "run this in the project's folder; `rasa-autoplay init` adds what is missing"
# The model's key, the chat channel and identity have checks of their own.
_CHECKED_ELSEWHERE = ("OPENAI_API_KEY", "no chat channel", "identity: with none")


def files(project: Project) -> Iterator[Problem]:
    """autoplay.yml, credentials.yml, the domain, the rule and the golden paths are valid and agree."""
    findings = Findings()
    engine_file = None
    place = project.folder / project.environment.get("AUTOPLAY_CONFIG", "autoplay.yml")
    with findings:
        engine_file = YamlFile(place)
        check_engine_file(engine_file, findings)
    credentials = channels_path(project.folder)
    check_credentials(credentials, engine_file, findings)
    check_sources(credentials, engine_file, findings)
    check_tracing(credentials, engine_file, findings)
    domain, data = project.folder / project.domain, project.folder / project.data
    check_assistant(project.folder, domain, data, credentials, findings)
    endpoints = project.folder / "endpoints.yml"
    check_endpoints_file(endpoints, findings)
    add_corrections(findings.lines, validated_files(place, credentials, endpoints, [domain, data]))
    for finding in findings.lines:
        line, _, _ = finding.partition("\n")
        yield error(*_with_remedy(finding, _INIT if "no such file" in line.lower() else _VALIDATE))
    for line in findings.warnings:
        if not any(text in line for text in _CHECKED_ELSEWHERE):
            yield warning(*_with_remedy(line, _VALIDATE))


def _with_remedy(finding: str, otherwise: str) -> tuple[str, str]:
    """Split a finding into what was found and the remedy: the lines that it says to write, if it says so."""
    line, _, example = finding.partition("\n")
    for word in ("Write instead:", "Write:"):
        if example and line.endswith(word):
            verb = "add" if word == "Write:" else "write instead"
            return line.removesuffix(word).rstrip(". "), f"{verb}:\n{example}"
    return finding.rstrip("."), otherwise


def actions_import(project: Project) -> Iterator[Problem]:
    """The actions module imports ``rasa_autoplay.actions``, which starts the engine.

    An engine elsewhere needs no such module, because the Rasa server runs its actions.
    """
    if project.runs_engine_in_process:
        return
    if project.has_engine_server:
        yield from _second_engine(project)
        return
    if project.actions.partition(".")[0] == "rasa_autoplay":
        yield error(
            f"with --actions {project.actions}, Rasa would import every module of this package",
            f"use a module of your own that contains: from {_ACTIONS} import *",
        )
        return
    if not _actions_import_ours(project):
        yield error(
            f"the actions module {project.actions!r} does not import {_ACTIONS}",
            f"from {_ACTIONS} import * (or `rasa-autoplay init`)",
        )


def needs_actions_module(project: Project) -> bool:
    """Whether the action server runs the engine, so that its module must import ours."""
    return not (project.runs_engine_in_process or project.has_engine_server)


def _second_engine(project: Project) -> Iterator[Problem]:
    if project.action_endpoint and _actions_import_ours(project):
        yield warning(
            f"link.url names the engine, and the actions module {project.actions!r} starts a second one",
            f"remove the import of {_ACTIONS}: the Rasa server runs these actions",
        )


def _actions_import_ours(project: Project) -> bool:
    place = project.folder / Path(*project.actions.split("."))
    modules = sorted(place.glob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
    return any(_imports_ours(module) for module in modules)


def _imports_ours(module: Path) -> bool:
    try:
        tree = ast.parse(module.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return False
    return any(
        (isinstance(node, ast.ImportFrom) and node.module == _ACTIONS)
        or (isinstance(node, ast.Import) and any(name.name == _ACTIONS for name in node.names))
        for node in ast.walk(tree)
    )


def action_endpoint(project: Project) -> Iterator[Problem]:
    """endpoints.yml names the action server, which runs the engine, unless it runs elsewhere."""
    if project.runs_engine_in_process or needs_engine_in_process(project.folder):
        return  # the check "files" reports an engine that runs nowhere
    if not project.action_endpoint and not project.link.get("url"):
        yield error(
            "endpoints.yml has no action_endpoint, so Rasa finds neither the actions nor the engine",
            'action_endpoint: {url: "http://localhost:5055/webhook"}',
        )
        return
    try:
        endpoint = project.find_engine()
        if endpoint is not None and endpoint.ca_file:
            read_authorities(endpoint)
    except EngineUnreachable as problem:
        yield error(problem.message.rstrip("."), problem.remedy.rstrip("."))
    except ValueError:
        return  # the check "files" reports a link.url that is no address


def empty_messages(project: Project) -> Iterator[Problem]:
    """The bot does not answer the empty message that a widget sends when it connects."""
    remedy = "do not answer empty messages: the greeting would come before the copilot's own message"
    for path, content in project.texts(project.data).items():
        for rule in _dicts(content.get("rules")):
            steps = _dicts(rule.get("steps"))
            if steps and steps[0].get("intent") == "nlu_fallback" and _greets(steps):
                yield warning(
                    f"{path}: the rule {rule.get('rule')!r} greets when Rasa did not understand a message",
                    remedy,
                )
    for path, content in project.texts(project.domain).items():
        actions = content.get("actions")
        if isinstance(actions, list) and "action_session_start" in actions:
            yield warning(f"{path}: the bot has its own action_session_start, which may greet", remedy)


def _greets(steps: list[Mapping[str, Any]]) -> bool:
    return any(word in str(step.get("action")) for step in steps for word in ("greet", "welcome", "hello"))


def _dicts(content: object) -> list[Mapping[str, Any]]:
    return [entry for entry in content if isinstance(entry, Mapping)] if isinstance(content, list) else []
