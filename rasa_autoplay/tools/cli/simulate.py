"""``rasa-autoplay simulate``: replays recordings and reports which offers would have been made."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.tools.cli.progress_bar import progress
from rasa_autoplay.tools.cli.recording_arguments import (
    add_recording_arguments,
    check_recording_arguments,
    read_chosen,
)

if TYPE_CHECKING:
    from rasa_autoplay.engine.core.configuration import Configuration
    from rasa_autoplay.engine.replay.assumptions import Assumptions
    from rasa_autoplay.engine.replay.results import Outcome
    from rasa_autoplay.tools.simulation.recordings import Recordings

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommand's arguments."""
    add_recording_arguments(parser)
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: the engine's autoplay.yml")
    parser.add_argument(
        "--compare",
        type=Path,
        metavar="OTHER",
        help="another version of autoplay.yml: also report which offers it would add, drop or move",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON instead of a table")
    parser.add_argument("--html", type=Path, metavar="FILE", help="also write a report as a web page")
    parser.add_argument(
        "--answers",
        default="none",
        metavar="ANSWERS",
        help="what simulated users do with a toast: none (they ignore it, the default), dismiss, accept, "
        'shares such as "accept=30%%,dismiss=50%%", or measured (as often as your users, by the database)',
    )
    parser.add_argument(
        "--processes",
        type=int,
        metavar="NUMBER",
        help="how many processes share the users (default: as many as this computer has cores)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Read the recordings, replay them, and report."""
    from rasa_autoplay.common.runtime.gc_freeze import gc_disabled
    from rasa_autoplay.engine.replay.comparison import compare
    from rasa_autoplay.tools.simulation.indented_json import indented_json
    from rasa_autoplay.tools.simulation.report import as_json
    from rasa_autoplay.tools.simulation.table import as_text

    check_recording_arguments(arguments)
    configuration = _configuration(arguments.config)
    other = _configuration(arguments.compare) if arguments.compare else None
    assumptions = _assumptions(arguments.answers, configuration)
    with gc_disabled():
        versions = [configuration, other] if other else [configuration]
        recordings, (outcome, *others) = _replayed(
            arguments, versions, assumptions, _processes(arguments.processes)
        )
        comparison = compare(outcome, others[0]) if others else None
    if arguments.html:
        from rasa_autoplay.tools.simulation.html.document import as_html

        _write(arguments.html, as_html(recordings, outcome, comparison))
    if arguments.json:
        print(indented_json(as_json(recordings, outcome, comparison)))
    else:
        print(as_text(recordings, outcome, comparison))
    return 0


def _assumptions(answers: str, configuration: Configuration) -> Assumptions:
    from rasa_autoplay.engine.replay.answer_shares import MEASURED, measured_shares, parse_answers
    from rasa_autoplay.engine.replay.assumptions import Assumptions

    if answers != MEASURED:
        try:
            parse_answers(answers)
        except ValueError as problem:
            raise AutoplayError(f"--answers: {problem}.") from None
        return Assumptions(answers)
    # It imports the database's library, which takes longer than a small simulation.
    from rasa_autoplay.tools.results.project_results import read_results

    measured = measured_shares(read_results(configuration, time.time()).triggers)
    unknown = [trigger.id for trigger in configuration.triggers if trigger.id not in measured]
    if unknown:
        print(f"Never shown, so its toasts are ignored: {', '.join(unknown)}.", file=sys.stderr)
    return Assumptions(MEASURED, measured=measured)


def _write(file: Path, page: str) -> None:
    try:
        file.write_text(page, encoding="utf-8")
    except OSError as problem:
        raise AutoplayError(f"{file}: cannot be written: {problem.strerror}.") from None


def _configuration(path: Path | None) -> Configuration:
    from rasa_autoplay.engine.core.configuration import load_configuration
    from rasa_autoplay.settings.engine import find_engine_file
    from rasa_autoplay.settings.yaml_file import YamlFile

    return load_configuration(YamlFile(path) if path else find_engine_file())


def _processes(wanted: int | None) -> int:
    from rasa_autoplay.common.runtime.processes import usable_cores

    if wanted is not None and wanted < 1:
        raise AutoplayError("--processes: at least one process has to work.", remedy="Write 1 or more.")
    return wanted or usable_cores()


def _replayed(
    arguments: argparse.Namespace, versions: list[Configuration], assumptions: Assumptions, processes: int
) -> tuple[Recordings, list[Outcome]]:
    """Read and replay; returns the recordings, perhaps without their moments, and the outcomes."""
    from rasa_autoplay.engine.replay.shared_replay import replay_versions

    # The page shows single actions, which a replay of large files does not keep.
    if not (arguments.recorded or arguments.html):
        found = _replayed_in_parts(arguments, versions, assumptions, processes)
        if found is not None:
            return found
    size, unit = (None, "batches") if arguments.recorded else (_size_of(arguments.paths), "B")
    with progress("reading", size, unit) as read:
        folder = Path(versions[0].name).parent
        recordings = read_chosen(arguments, folder, versions[0].settings, read)
    with _replaying(versions, len(recordings.moments)) as replayed:
        return recordings, replay_versions(recordings.moments, versions, assumptions, processes, replayed)


def _replayed_in_parts(
    arguments: argparse.Namespace, versions: list[Configuration], assumptions: Assumptions, processes: int
) -> tuple[Recordings, list[Outcome]] | None:
    """Replay large files, without holding their actions in memory; None if that is not possible."""
    from rasa_autoplay.tools.simulation.sharing.file_replay import FileReplay
    from rasa_autoplay.tools.simulation.sharing.sighted_recording import large_files, sight

    files = large_files(arguments.paths)
    if not files:
        return None
    with progress("reading", _size_of(arguments.paths), "B") as read:
        sighted = sight(files, versions[0].settings.product_id, processes, read)
    replay = FileReplay(sighted, versions, assumptions, processes)
    with _replaying(versions, sighted.size) as replayed:
        outcomes = replay.run(arguments.paths, replayed)
    return None if outcomes is None else (sighted.recordings, outcomes)


def _replaying(
    versions: list[Configuration], moments: int
) -> contextlib.AbstractContextManager[Callable[[int], object]]:
    names = " and ".join(version.name for version in versions)
    return progress(f"replaying {names}", moments * len(versions), "ev")


def _size_of(paths: list[Path]) -> int:
    from rasa_autoplay.tools.simulation.files import find_files

    return sum(file.stat().st_size for file in find_files(paths))
