"""Reads what a verification needs of a project: its golden paths, and the names of the app's pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath, load_golden_paths, read_golden_paths
from rasa_autoplay.errors import AutoplayError, ConfigError
from rasa_autoplay.gateway.sources.pages import Pages
from rasa_autoplay.settings.bot_language import bot_language
from rasa_autoplay.settings.channel import SECTION
from rasa_autoplay.settings.channels_file import channels_path, open_channels_file
from rasa_autoplay.settings.error_collector import ErrorCollector
from rasa_autoplay.settings.sources import PageSettings
from rasa_autoplay.settings.yaml_file import YamlFile, nearest_name

__all__ = ["choose_paths", "read_pages", "read_paths"]


def read_paths(engine_file: YamlFile) -> list[tuple[YamlFile, GoldenPath]]:
    """Read a project's golden paths with their files.

    Args:
        engine_file: autoplay.yml. Only its ``golden_paths`` is read, so that a CI job needs no secrets.

    Raises:
        ConfigError: there are none, or files are invalid.
    """
    named = engine_file.value_at(["golden_paths"])
    if not named:
        raise ConfigError(
            f"{engine_file.path.name}: golden_paths is missing.",
            remedy="Name the folder of the golden paths.",
        )
    folder = engine_file.path.parent / str(named)
    language = bot_language(engine_file)
    load_golden_paths(folder, language)  # for its errors
    paths = read_golden_paths(folder, language, ErrorCollector())
    if not paths:
        raise ConfigError(f"The folder {named!r} has no golden path.")
    return [(file, path) for file, path in paths]


def choose_paths(
    paths: Sequence[tuple[YamlFile, GoldenPath]], wanted: Sequence[str]
) -> list[tuple[YamlFile, GoldenPath]]:
    """Return the golden paths with these ids; all of them if no id is given.

    Raises:
        AutoplayError: there is no such path.
    """
    check_ids([path.id for _, path in paths], wanted)
    return [(file, path) for file, path in paths if not wanted or path.id in wanted]


def check_ids(ids: Sequence[str], wanted: Sequence[str]) -> None:
    """Check that golden paths exist.

    Args:
        ids: the ids of all golden paths.
        wanted: the ids that the command line names.

    Raises:
        AutoplayError: there is no such path.
    """
    for path_id in wanted:
        if path_id not in ids:
            hint = nearest_name(path_id, ids) or "."
            raise AutoplayError(
                f"There is no golden path {path_id[:64]!r}{hint}",
                remedy=f"Golden paths: {', '.join(ids) or 'none'}.",
            )


def read_pages(folder: Path) -> Pages:
    """Read how the app's pages are named and told apart, from credentials.yml if there is one.

    Raises:
        ConfigError: the file or its ``pages`` is invalid.
    """
    path = channels_path(folder)
    if not path.is_file():
        return Pages()
    file = open_channels_file(path)
    # The rest of the section needs environment variables, which a CI job does not have.
    section: Any = file.raw().get(SECTION)
    stated = section.get("pages") if isinstance(section, dict) else None
    settings = file.read_as(PageSettings, stated or {}, (SECTION, "pages"))
    return Pages(settings.names, settings.query)
