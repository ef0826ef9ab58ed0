"""Checks ``autoplay.yml`` and what it names: golden paths, triggers, hook, database and model."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rasa_autoplay.engine.assistant.answer_size import tokens_of_answer
from rasa_autoplay.engine.batch_hook import load_hook
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath, load_golden_paths, read_golden_paths
from rasa_autoplay.engine.triggers.configured.loader import load_triggers
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.error_collector import ErrorCollector
from rasa_autoplay.settings.models import ValidationError
from rasa_autoplay.settings.trigger import TriggerSettings
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.validation.findings import Findings
from rasa_autoplay.tools.validation.golden_paths import check_golden_path, golden_path_files, translated_files
from rasa_autoplay.tools.validation.missing_languages import check_languages
from rasa_autoplay.tools.validation.project_files import yaml_files
from rasa_autoplay.tools.validation.promises import check_promises
from rasa_autoplay.tools.validation.toast_texts import check_toast_texts

__all__ = ["check_engine_file", "known_path_ids", "valid_part"]

_ID = re.compile(r"""^id\s*[:=]\s*["']?([^\s"'#]+)""", re.MULTILINE)


def check_engine_file(file: YamlFile, findings: Findings) -> None:
    """Check ``autoplay.yml``; an error in one part does not hide errors in others."""
    with findings:
        file.read(EngineSettings)
    settings = valid_part(file)
    if settings is None:
        return
    path_ids = _check_golden_paths(file, settings, findings)
    with findings:
        triggers = load_triggers(settings, path_ids, file)
        check_promises(file, settings, triggers, _readable_paths(file, settings), findings)
    if settings.on_actions:
        with findings:
            load_hook(settings, file)
    check_toast_texts(file, settings, findings)
    if not findings.lines:  # what is missing matters only once all is right
        check_languages(file, settings, findings)
    _check_discovery(file, settings, findings)
    _check_database(file, settings, findings)
    _check_model(file, settings, findings)


def valid_part(file: YamlFile) -> EngineSettings | None:
    """Return the settings without their invalid parts; None if the file cannot be read."""
    try:
        data = file.data()
    except ConfigError:
        return None
    for _ in range(2):  # an error of a whole section shows only when its parts are valid
        try:
            return EngineSettings.parse_obj(data)
        except ValidationError as invalid:
            for problem in invalid.errors():
                _replace_invalid(data, problem["loc"])
    return None


def _replace_invalid(data: dict[str, Any], location: tuple[int | str, ...]) -> None:
    """Replace or remove the invalid part at a location, so that all others keep their line numbers."""
    section, *rest = location
    if section == "product_id":
        data["product_id"] = "unknown"
    elif section == "triggers" and rest and isinstance(rest[0], int):
        data["triggers"][rest[0]] = {"id": f"(trigger {rest[0]})", "builtin": "user_page_dwell"}
    else:
        data.pop(str(section), None)


def _check_golden_paths(file: YamlFile, settings: EngineSettings, findings: Findings) -> list[str]:
    """Check the golden paths and return the ids of all, including those with errors."""
    if not settings.golden_paths:
        return []
    folder = file.path.parent / settings.golden_paths
    if not folder.is_dir():
        with findings:
            raise file.error(
                ["golden_paths"],
                f"there is no folder {settings.golden_paths!r} next to {file.path.name}.",
            )
        # Do not also report every golden path as missing.
        return _paths_of_triggers(settings)
    used = {path_id for trigger in settings.triggers for path_id in _paths_with_tours(trigger)}
    for path_file, path in read_golden_paths(folder, settings.language, findings):
        check_golden_path(path_file, path, path.id in used, findings)
    return known_path_ids(folder)


def known_path_ids(folder: Path) -> list[str]:
    """Return the ids of a folder's golden paths, including those with errors."""
    return [*(_stated_id(file) for file in golden_path_files(folder)), *_ids_of_unreadable(folder)]


def _ids_of_unreadable(folder: Path) -> list[str]:
    """Return the ids that files state which are no YAML, so that triggers may name them."""
    files = translated_files(folder)
    readable = {file.path for file in (*files.paths, *files.translations)}
    others = [file for file in yaml_files(folder) if file not in readable]
    texts = [file.read_bytes().decode("utf-8", "replace") for file in others]
    return [file.stem for file in others] + [id_ for text in texts for id_ in _ID.findall(text)]


def _readable_paths(file: YamlFile, settings: EngineSettings) -> dict[str, GoldenPath]:
    """Return the valid golden paths by id."""
    folder = file.path.parent / (settings.golden_paths or "")
    if not settings.golden_paths or not folder.is_dir():
        return {}
    return {path.id: path for _, path in read_golden_paths(folder, settings.language, ErrorCollector())}


def _paths_of_triggers(settings: EngineSettings) -> list[str]:
    """The golden paths of triggers and their variants."""
    of_variants = [variant.golden_path for trigger in settings.triggers for variant in trigger.variants]
    own = [trigger.golden_path for trigger in settings.triggers]
    return [path_id for path_id in (*own, *of_variants) if path_id]


def _paths_with_tours(trigger: TriggerSettings) -> Iterator[str]:
    """The golden paths whose tours users of the trigger, or of its variants, may get."""
    if not trigger.variants and trigger.golden_path:
        yield trigger.golden_path
    for variant in trigger.variants:
        path_id = variant.golden_path or trigger.golden_path
        if path_id and variant.tours is not False:
            yield path_id


def _stated_id(path_file: YamlFile) -> str:
    try:
        stated: Mapping[str, Any] = path_file.data()
    except ConfigError:
        return path_file.path.stem
    return str(stated.get("id") or path_file.path.stem)


def _check_discovery(file: YamlFile, settings: EngineSettings, findings: Findings) -> None:
    """Warn if the engine is to promote proposals, and cannot."""
    discover, folder = settings.discover, file.path.parent
    if discover.promote == "never":
        return
    place = f"{file.path.name}:{file.line_of(['discover'])}: discover"
    if not (folder / discover.proposals).is_dir():
        findings.warn(
            f"{place}: promote: auto finds nothing, because there is no folder {discover.proposals!r} next "
            f"to {file.path.name}. `rasa-autoplay discover` creates it."
        )
    elif not all(os.access(each, os.W_OK) for each in (file.path, folder, folder / discover.proposals)):
        findings.warn(
            f"{place}: promote: auto writes into {file.path.name}, its folder and {discover.proposals}/, and "
            "this user may not."
        )


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
            f"{place}: the environment variable OPENAI_API_KEY, which the engine needs, is not set here."
        )
    if settings.llm is not None and settings.golden_paths:
        _check_max_tokens(file, settings, settings.llm.max_tokens, findings)


def _check_max_tokens(file: YamlFile, settings: EngineSettings, max_tokens: int, findings: Findings) -> None:
    """Warn if an answer about the longest golden path would be cut off, so that its steps stay as written."""
    try:
        paths = load_golden_paths(file.path.parent / (settings.golden_paths or ""), settings.language)
    except ConfigError:
        return  # reported already
    longest = max(paths, key=tokens_of_answer, default=None)
    if longest is not None and tokens_of_answer(longest) > max_tokens:
        needed = -(-tokens_of_answer(longest) // 100) * 100
        findings.warn(
            f"{file.path.name}:{file.line_of(['llm'])}: llm: an answer about the golden path {longest.id!r} "
            f"may need more than max_tokens: {max_tokens}, and be cut off. Write: max_tokens: {needed}"
        )
