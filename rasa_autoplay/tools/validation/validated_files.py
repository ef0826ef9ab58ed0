"""Finds the errors that a file would have with another text, for the search of corrected lines."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.translation_file import PathTranslation
from rasa_autoplay.engine.triggers.configured.loader import load_triggers
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.channel import SECTION, ChannelSettings
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.models import Settings
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.validation.endpoints import check_endpoints
from rasa_autoplay.tools.validation.engine_file import known_path_ids, valid_part
from rasa_autoplay.tools.validation.findings import Findings
from rasa_autoplay.tools.validation.golden_paths import translated_files
from rasa_autoplay.tools.validation.project_files import yaml_files
from rasa_autoplay.tools.validation.repairs.corrections import Validated
from rasa_autoplay.tools.validation.repairs.search import without_places

__all__ = ["validated_files"]


def validated_files(
    engine_file: Path, credentials: Path, endpoints: Path, rasa_files: Sequence[Path]
) -> Mapping[str, Validated]:
    """Return the files of a project that can be corrected, by their names, as errors write them.

    Args:
        engine_file: ``autoplay.yml``; its golden paths belong to it.
        credentials: ``credentials.yml``.
        endpoints: ``endpoints.yml``.
        rasa_files: files and folders of the domain and the training data, which need only be YAML.
    """
    files = {each: Validated(each, _of_yaml) for path in rasa_files for each in yaml_files(path)}
    folder, path_ids = _golden_paths(engine_file)
    translations = {file.path for file in translated_files(folder).translations} if folder else set()
    for each in yaml_files(folder) if folder else ():
        model: type[Settings] = PathTranslation if each in translations else GoldenPath
        files[each] = Validated(each, lambda text, path=each, form=model: _of_path(path, form, text))  # type: ignore[misc]
    files[endpoints] = Validated(endpoints, lambda text: _of_endpoints(endpoints, text))
    files[credentials] = Validated(credentials, lambda text: _of_credentials(credentials, text))
    files[engine_file] = Validated(engine_file, lambda text: _of_engine_file(engine_file, text, path_ids))
    return {path.name: file for path, file in files.items()}


def _golden_paths(engine_file: Path) -> tuple[Path | None, Sequence[str]]:
    """Return the folder of the golden paths, and their ids; as far as ``autoplay.yml`` can be read."""
    try:
        folder = engine_file.parent / str(YamlFile(engine_file).raw().get("golden_paths") or "golden_paths")
    except ConfigError:
        # Any folder beside it will do: what is no golden path is not named by an error.
        found = sorted(engine_file.parent.glob("**/golden_paths"))
        folder = found[0] if found else engine_file.parent / "golden_paths"
    return (folder, known_path_ids(folder)) if folder.is_dir() else (None, ())


def _messages(findings: Findings) -> Collection[str]:
    """Return the errors without file and line, which a change may move."""
    return [without_places(line) for line in findings.lines]


def _read(path: Path, text: str) -> YamlFile | None:
    try:
        return YamlFile(path, text.encode())
    # ruamel refuses some comments that meet after a change; such a change is no correction to show.
    except (ConfigError, NotImplementedError):
        return None


def _of_yaml(text: str) -> Collection[str] | None:
    return () if _read(Path("file.yml"), text) else None


def _of_engine_file(path: Path, text: str, path_ids: Sequence[str]) -> Collection[str] | None:
    file = _read(path, text)
    if file is None:
        return None
    findings = Findings()
    with findings:
        file.read(EngineSettings)
    settings = valid_part(file)
    if settings is None:
        return [*_messages(findings), "unreadable"]
    if settings.golden_paths and not (path.parent / settings.golden_paths).is_dir():
        findings.lines.append("no folder")
    with findings:
        load_triggers(settings, path_ids, file)
    return _messages(findings)


def _of_path(path: Path, model: type[Settings], text: str) -> Collection[str] | None:
    file = _read(path, text)
    if file is None:
        return None
    findings = Findings()
    with findings:
        file.read(model)
    return _messages(findings)


def _of_endpoints(path: Path, text: str) -> Collection[str] | None:
    file = _read(path, text)
    if file is None:
        return None
    findings = Findings()
    check_endpoints(file, findings)
    return _messages(findings)


def _of_credentials(path: Path, text: str) -> Collection[str] | None:
    file = _read(path, text)
    if file is None:
        return None
    findings = Findings()
    with findings:
        data = file.data()
        if SECTION not in data:
            raise ConfigError("no section")
        file.read_as(ChannelSettings, data[SECTION] or {}, (SECTION,))
    return _messages(findings)
