"""``rasa-autoplay confirm``: says that a suspect step of a golden path is right as it is."""

from __future__ import annotations

import argparse
import asyncio
import time
from pathlib import Path

from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.tools.cli.project_changes import read_texts

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommand's arguments."""
    parser.add_argument("path", metavar="PATH", help="id of the golden path")
    parser.add_argument("step", metavar="STEP", help="id of the step")
    parser.add_argument("--by", metavar="NAME", help="who confirms it (default: the name of your account)")
    parser.add_argument("--why", default="", metavar="TEXT", help="the reason, for your colleagues")
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: the engine's autoplay.yml")
    parser.epilog = (
        "A suspect step withholds its path's tour, and the chat leaves out its label. `rasa-autoplay doctor "
        "--live` and the studio name suspect steps. If the step has changed, edit the golden path instead: "
        "then it starts afresh."
    )


def run(arguments: argparse.Namespace) -> int:
    """Store the confirmation, and say what follows."""
    from rasa_autoplay.common.printable import printable

    for line in asyncio.run(_confirm(arguments)):
        print(printable(line))
    return 0


async def _confirm(arguments: argparse.Namespace) -> list[str]:
    from rasa_autoplay.engine.changes.sql.store import SqlChangeLog
    from rasa_autoplay.engine.freshness.confirm_control import ConfirmControl
    from rasa_autoplay.engine.freshness.confirm_requests import WHAT_FOLLOWS, step_of
    from rasa_autoplay.engine.freshness.sql.store import SqlFreshnessStore
    from rasa_autoplay.engine.knowledge.golden_path import load_golden_paths
    from rasa_autoplay.settings.engine import EngineSettings, find_engine_file
    from rasa_autoplay.settings.yaml_file import YamlFile
    from rasa_autoplay.storage.database import resolve_sqlite_url

    who, why = read_texts(arguments)
    if not who.strip():
        raise AutoplayError("The name is empty.", remedy="Say who confirms it: --by NAME")
    file = YamlFile(arguments.config) if arguments.config else find_engine_file()
    settings, folder = file.read(EngineSettings), file.path.parent
    named, language = settings.golden_paths, settings.language
    paths = load_golden_paths(folder / named, language) if named else []
    path = step_of(paths, arguments.path, arguments.step)
    url = resolve_sqlite_url(folder, settings.database.url)
    store, log = SqlFreshnessStore(url, settings.product_id), SqlChangeLog(url)
    try:
        control = ConfirmControl(settings.product_id, store, log, time.time)
        suspect = await control.confirm(path, arguments.step, who, why)
    finally:
        await store.close()
        await log.close()
    if suspect is None:
        return [f"Nothing has changed: step {arguments.step} of path {path.id} is not suspect."]
    return [
        f"Confirmed step {arguments.step} of path {path.id}. It was suspect: {suspect.describe()}.",
        WHAT_FOLLOWS,
        "Running engines apply it within 1 s.",
    ]
