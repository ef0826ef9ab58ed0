"""``autoplay.yml`` and everything that it names: golden paths, triggers, hook, database, model."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath, load_golden_paths
from rasa_autoplay.engine.triggers.configured.loader import load_object, load_triggers
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.models import ValidationError
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.validation.findings import Findings
from rasa_autoplay.tools.validation.golden_paths import golden_path_files, judge_golden_path

__all__ = ["check_engine_file"]


def check_engine_file(file: YamlFile, findings: Findings) -> None:
    """Check ``autoplay.yml``; what is wrong in one part of it hides nothing in another."""
    with findings:
        file.read(EngineSettings)
    settings = _what_is_good(file)
    if settings is None:
        return
    path_ids = _check_golden_paths(file, settings, findings)
    with findings:
        load_triggers(settings, path_ids, file)
    if settings.on_actions:
        with findings:
            load_object(settings.on_actions, file, ["on_actions"])
    _check_database(file, settings, findings)
    _check_model(file, settings, findings)


def _what_is_good(file: YamlFile) -> EngineSettings | None:
    """The settings without what is wrong in them; None when nothing can be read."""
    try:
        data = file.data()
    except ConfigError:
        return None
    for _ in range(2):  # what is wrong in a whole section shows only when its parts are right
        try:
            return EngineSettings.parse_obj(data)
        except ValidationError as invalid:
            for problem in invalid.errors():
                _take_out(data, problem["loc"])
    return None


def _take_out(data: dict[str, Any], location: tuple[int | str, ...]) -> None:
    """Replace the part in which a complaint lies by one that is right; all others keep their lines."""
    section, *rest = location
    if section == "product_id":
        data["product_id"] = "unknown"
    elif section == "triggers" and rest and isinstance(rest[0], int):
        data["triggers"][rest[0]] = {"id": f"(trigger {rest[0]})", "builtin": "user_page_dwell"}
    else:
        data.pop(str(section), None)


def _check_golden_paths(file: YamlFile, settings: EngineSettings, findings: Findings) -> list[str]:
    """The ids of all golden paths, also of those that have other faults."""
    if not settings.golden_paths:
        return []
    folder = file.path.parent / settings.golden_paths
    if not folder.is_dir():
        with findings:
            raise file.error(
                ["golden_paths"],
                f"there is no folder {settings.golden_paths!r}; it is looked for beside {file.path.name}.",
            )
        return _named_paths(settings)
    with findings:
        load_golden_paths(folder)
    used = {trigger.golden_path for trigger in settings.triggers if trigger.golden_path}
    return [_judge(path_file, used, findings) for path_file in golden_path_files(folder)]


def _named_paths(settings: EngineSettings) -> list[str]:
    """Where the folder is missing, that each path is missing too is not worth a complaint."""
    return [trigger.golden_path for trigger in settings.triggers if trigger.golden_path]


def _judge(path_file: YamlFile, used: set[str], findings: Findings) -> str:
    try:
        path = path_file.read(GoldenPath)
    except ConfigError:
        return _stated_id(path_file)
    judge_golden_path(path_file, path, path.id in used, findings)
    return path.id


def _stated_id(path_file: YamlFile) -> str:
    try:
        stated: Mapping[str, Any] = path_file.data()
    except ConfigError:
        return path_file.path.stem
    return str(stated.get("id") or path_file.path.stem)


def _check_database(file: YamlFile, settings: EngineSettings, findings: Findings) -> None:
    from rasa_autoplay.engine.offers.sql.ledger import SqlOfferLedger

    try:
        SqlOfferLedger(settings.database.url)
    except ConfigError as problem:
        _, _, reason = problem.message.partition("database.url: ")
        findings.lines.append(
            str(file.error(["database", "url"], f"{reason or problem.message} {problem.remedy}".strip()))
        )


def _check_model(file: YamlFile, settings: EngineSettings, findings: Findings) -> None:
    if settings.llm is not None and not os.environ.get("OPENAI_API_KEY"):
        place = f"{file.path.name}:{file.line_of(['llm'])}: llm"
        findings.warn(
            f"{place}: the environment variable OPENAI_API_KEY is not set here; the action server needs it."
        )
