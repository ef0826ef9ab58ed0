"""``rasa-autoplay results``: does help help?"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rasa_autoplay.errors import AutoplayError

if TYPE_CHECKING:
    from rasa_autoplay.engine.configuration import Configuration
    from rasa_autoplay.engine.results.results import Results
    from rasa_autoplay.engine.results.since import Since

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommand's arguments."""
    parser.add_argument(
        "--since",
        default="",
        metavar="WHEN",
        help='the period of the counts: "30d", or a date, "2026-11-29", which also begins the comparisons '
        "(default: everything)",
    )
    parser.add_argument("--trigger", default="", metavar="ID", help="only this trigger")
    parser.add_argument("--gates", action="store_true", help="what each explored gate spares and costs")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON instead of a table")
    form.add_argument("--html", type=Path, metavar="FILE", help="write a web page instead")
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: the engine's autoplay.yml")
    parser.epilog = (
        "The intervals hold however often you look, because each comparison begins at a fixed time. "
        "docs/does-it-help.md explains how to read them."
    )


def run(arguments: argparse.Namespace) -> int:
    """Read the database that autoplay.yml names, and report."""
    from rasa_autoplay.common.printable import printable
    from rasa_autoplay.engine.results.report import as_json
    from rasa_autoplay.engine.results.since import parse_since
    from rasa_autoplay.tools.results.table import as_text, gates_as_text

    now = time.time()
    try:
        since = parse_since(arguments.since, now)
    except ValueError as problem:
        raise AutoplayError(f"--since: {problem}.") from None
    results = asyncio.run(_read(arguments.config, now, since, arguments.trigger))
    if arguments.json:
        print(json.dumps(as_json(results), indent=2, ensure_ascii=False))
    elif arguments.html:
        _write_page(arguments.html, results)
    else:
        text = gates_as_text(results) if arguments.gates else as_text(results)
        print("\n".join(printable(line) for line in text.splitlines()))
    return 0


async def _read(config: Path | None, now: float, since: Since, trigger_id: str) -> Results:
    from rasa_autoplay.engine.configuration import load_configuration
    from rasa_autoplay.engine.results.query import ResultsQuery
    from rasa_autoplay.engine.results.sql.reader import ResultsReader
    from rasa_autoplay.engine.results.trigger_goals import goals_of
    from rasa_autoplay.settings.engine import find_engine_file
    from rasa_autoplay.settings.yaml_file import YamlFile
    from rasa_autoplay.storage.database import resolve_sqlite_url

    file = YamlFile(config) if config else find_engine_file()
    configuration = load_configuration(file)
    settings = configuration.settings
    url = resolve_sqlite_url(file.path.parent, settings.database.url)
    _check_database(url)
    goals = goals_of(configuration.triggers, configuration.paths)
    reader = ResultsReader(url, settings.product_id)
    try:
        results = await reader.read(ResultsQuery(now, since.counts, since.comparisons, trigger_id, goals))
    finally:
        await reader.close()
    if results is None:
        raise AutoplayError(
            f"The database cannot be used: {reader.problem}.", remedy="Check database.url in autoplay.yml."
        )
    _check_trigger(configuration, trigger_id, results)
    return results


def _check_database(url: str) -> None:
    """Raise an error if there is no file, which SQLite would create."""
    prefix = "sqlite:///"
    if url.startswith(prefix) and not Path(url.removeprefix(prefix)).exists():
        raise AutoplayError(
            f"There is no database {url.removeprefix(prefix)} yet.",
            remedy="The engine creates it. Check database.url in autoplay.yml.",
        )


def _check_trigger(configuration: Configuration, trigger_id: str, results: Results) -> None:
    from rasa_autoplay.settings.yaml_file import nearest_name

    known = [trigger.id for trigger in configuration.triggers]
    if trigger_id and trigger_id not in known and not results.triggers:
        hint = nearest_name(trigger_id, known) or "."
        raise AutoplayError(
            f"There is no trigger {trigger_id!r}{hint}", remedy=f"Triggers: {', '.join(known) or 'none'}."
        )


def _write_page(file: Path, results: Results) -> None:
    from rasa_autoplay.tools.results.page import as_html

    try:
        file.write_text(as_html(results), encoding="utf-8")
    except OSError as problem:
        raise AutoplayError(f"{file}: cannot be written: {problem.strerror}.") from None
