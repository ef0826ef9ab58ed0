"""``rasa-autoplay results``: does help help?"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rasa_autoplay.errors import AutoplayError

if TYPE_CHECKING:
    from rasa_autoplay.engine.results.results import Results

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
    parser.add_argument("--variant", default="", metavar="ID", help="only this variant of the triggers")
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
    from rasa_autoplay.engine.core.configuration import load_configuration
    from rasa_autoplay.engine.results.report import as_json
    from rasa_autoplay.engine.results.since import parse_since
    from rasa_autoplay.settings.engine import find_engine_file
    from rasa_autoplay.settings.yaml_file import YamlFile
    from rasa_autoplay.tools.results.project_results import only_variant, read_results, read_withheld_tours
    from rasa_autoplay.tools.results.table import as_text, gates_as_text

    now = time.time()
    try:
        since = parse_since(arguments.since, now)
    except ValueError as problem:
        raise AutoplayError(f"--since: {problem}.") from None
    file = YamlFile(arguments.config) if arguments.config else find_engine_file()
    configuration = load_configuration(file)
    results = read_results(configuration, now, since, arguments.trigger)
    withheld = [] if arguments.html else read_withheld_tours(configuration)
    if arguments.variant:
        results = only_variant(results, arguments.variant)
    if arguments.json:
        report = {**as_json(results), "tours_withheld": withheld}
        print(json.dumps(report, indent=2, ensure_ascii=False))
    elif arguments.html:
        _write_page(arguments.html, results)
    else:
        text = gates_as_text(results) if arguments.gates else as_text(results)
        notes = [
            f"Tour withheld: step {each['step']} of path {each['path']}: {each['text']}." for each in withheld
        ]
        print("\n".join(printable(line) for line in [*text.splitlines(), *notes]))
    return 0


def _write_page(file: Path, results: Results) -> None:
    from rasa_autoplay.tools.results.page import as_html

    try:
        file.write_text(as_html(results), encoding="utf-8")
    except OSError as problem:
        raise AutoplayError(f"{file}: cannot be written: {problem.strerror}.") from None
