"""The log of changes of a project, for the commands that read it or add to it."""

from __future__ import annotations

import argparse
import getpass
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rasa_autoplay.errors import AutoplayError

if TYPE_CHECKING:
    from rasa_autoplay.engine.changes.change import Change
    from rasa_autoplay.engine.changes.sql.store import SqlChangeLog
    from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = [
    "ProjectChanges",
    "TriggerChoice",
    "account_name",
    "add_trigger_arguments",
    "choose_trigger",
    "open_project",
    "read_texts",
]

_ALL = "--all"


def add_trigger_arguments(parser: argparse.ArgumentParser, verb: str) -> None:
    """Declare which trigger a command changes, and who does it.

    Args:
        parser: of the subcommand.
        verb: what the command does to a trigger.
    """
    parser.add_argument("trigger", nargs="?", metavar="TRIGGER", help=f"id of the trigger to {verb}")
    parser.add_argument(_ALL, action="store_true", help=f"{verb} all triggers, also those added later")
    parser.add_argument("--by", metavar="NAME", help="who does it (default: the name of your account)")
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: the engine's autoplay.yml")


class TriggerChoice(NamedTuple):
    """What a command changes.

    Args:
        trigger_id: ``EVERY_TRIGGER`` for all triggers.
        words: how to name it on the command line.
        title: how to name it in a sentence.
    """

    trigger_id: str
    words: str
    title: str


def choose_trigger(
    arguments: argparse.Namespace, project: ProjectChanges, known: Sequence[str] = ()
) -> TriggerChoice:
    """Return the trigger that the command line names.

    Args:
        arguments: of the command line.
        project: has the triggers of ``autoplay.yml``.
        known: other triggers that may be named.

    Raises:
        AutoplayError: it names none, or both one and all, or one that does not exist.
    """
    from rasa_autoplay.engine.courtesy.pause import EVERY_TRIGGER
    from rasa_autoplay.settings.yaml_file import nearest_name

    allowed = sorted({*project.triggers, *known} - {EVERY_TRIGGER})
    names = f"Triggers: {', '.join(allowed)}." if allowed else "autoplay.yml has no triggers."
    if bool(arguments.trigger) == arguments.all:
        raise AutoplayError("Name one trigger, or --all for all triggers.", remedy=names)
    if arguments.all:
        return TriggerChoice(EVERY_TRIGGER, _ALL, "all triggers")
    if arguments.trigger not in allowed:
        hint = nearest_name(arguments.trigger, allowed) or "."
        raise AutoplayError(f"There is no trigger {arguments.trigger!r}{hint}", remedy=names)
    return TriggerChoice(arguments.trigger, arguments.trigger, arguments.trigger)


class ProjectChanges:
    """The log of changes in the database that a project's ``autoplay.yml`` names.

    Args:
        product_id: the product's id.
        triggers: ids of the triggers in the file.
        log: the log.
    """

    def __init__(self, product_id: str, triggers: Sequence[str], log: SqlChangeLog) -> None:
        from rasa_autoplay.engine.changes.pause_control import PauseControl

        self.triggers = triggers
        #: Begins and ends pauses.
        self.pauses = PauseControl(log, product_id, time.time)
        self._product_id = product_id
        self._log = log

    async def since(self, begin: float) -> Sequence[Change]:
        """Return the changes since ``begin`` (epoch seconds), oldest first.

        Raises:
            AutoplayError: the database cannot be used.
        """
        found = await self._log.since(self._product_id, begin)
        if found is None:
            raise self.pauses.unusable()
        return found

    async def close(self) -> None:
        """Close the database."""
        await self._log.close()


def read_texts(arguments: argparse.Namespace) -> tuple[str, str]:
    """Return who changes a pause, and why, as the command line says.

    Raises:
        AutoplayError: a text is too long.
    """
    from rasa_autoplay.engine.changes.pause_control import LONGEST_TEXT

    who, why = arguments.by or account_name(), arguments.why
    for name, text in (("--by", who), ("--why", why)):
        if len(text) > LONGEST_TEXT:
            raise AutoplayError(f"{name}: {len(text)} characters are too many; at most {LONGEST_TEXT}.")
    return who, why


def open_project(config: Path | None) -> ProjectChanges:
    """Open the log of changes of a project. Other mistakes in its ``autoplay.yml`` do not matter.

    Args:
        config: the file; None for the engine's.

    Raises:
        ConfigError: the file names no product, or no usable database.
    """
    from rasa_autoplay.engine.changes.sql.store import SqlChangeLog
    from rasa_autoplay.settings.engine import DatabaseSettings, EngineSettings, find_engine_file
    from rasa_autoplay.settings.yaml_file import YamlFile
    from rasa_autoplay.storage.database import resolve_sqlite_url

    file = YamlFile(config) if config else find_engine_file()
    product_id, url = file.value_at(("product_id",)), file.value_at(("database", "url"))
    if not isinstance(product_id, str) or not isinstance(url, (str, type(None))):
        product_id = file.read(EngineSettings).product_id
    url = url or DatabaseSettings().url
    return ProjectChanges(
        product_id, _trigger_ids(file), SqlChangeLog(resolve_sqlite_url(file.path.parent, url))
    )


def _trigger_ids(file: YamlFile) -> list[str]:
    entries = file.value_at(("triggers",))
    found = [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []
    return [str(name) for entry in found if (name := entry.get("id") or entry.get("builtin"))]


def account_name() -> str:
    """Return the name of the account that runs this command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # in a container, the account may have no name
        return "someone without a name"
