"""``rasa-autoplay discover``: proposes triggers and golden paths from recordings, with evidence."""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.tools.cli.progress_bar import progress
from rasa_autoplay.tools.cli.recording_arguments import add_recording_arguments, check_recording_arguments

if TYPE_CHECKING:
    from rasa_autoplay.engine.core.configuration import Configuration
    from rasa_autoplay.engine.replay.moment import Moment
    from rasa_autoplay.settings.engine import EngineSettings
    from rasa_autoplay.tools.discovery.columns.columns import Columns
    from rasa_autoplay.tools.discovery.discovery import Discovered
    from rasa_autoplay.tools.discovery.evidence.proposals import WrittenProposals
    from rasa_autoplay.tools.discovery.evidence.selection import RecordedDays
    from rasa_autoplay.tools.discovery.evidence.words import Reword

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommand's arguments."""
    add_recording_arguments(parser)
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: the engine's autoplay.yml")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        help="where to write (default: discover.proposals in autoplay.yml)",
    )
    parser.add_argument(
        "--model",
        action="store_true",
        help="let the language model of autoplay.yml (llm) word the questions and the tooltips; it sees "
        "masked labels, and nothing about users",
    )
    parser.add_argument(
        "--processes",
        type=int,
        default=0,
        metavar="N",
        help="how many processes read and replay (default: one per core)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Read the recordings, find proposals, write their folders, and print a table."""
    from rasa_autoplay.common.runtime.freed_memory import give_back_freed_memory
    from rasa_autoplay.engine.core.configuration import load_configuration
    from rasa_autoplay.settings.engine import find_engine_file
    from rasa_autoplay.settings.yaml_file import YamlFile
    from rasa_autoplay.tools.discovery.evidence.folder import check_writable
    from rasa_autoplay.tools.discovery.findings.proposal_table import as_table

    check_recording_arguments(arguments)
    if arguments.processes < 0:
        raise AutoplayError("--processes: must be 0 or more.", remedy="Leave it out for one per core.")
    file = YamlFile(arguments.config) if arguments.config else find_engine_file()
    # What is wrong here must be said before recordings are read for minutes.
    base = load_configuration(file)
    if arguments.model and base.settings.llm is None:
        raise AutoplayError(
            "--model: autoplay.yml names no language model.", remedy="Add: llm: {model: gpt-4o-mini}"
        )
    out = arguments.out or file.path.parent / base.settings.discover.proposals
    check_writable(out)
    found, days = _discovered(arguments, file.path.parent, base)
    give_back_freed_memory()
    result = _write(arguments, file.path.parent, base, days, found, out)
    verdicts = {evidence.id: evidence.verdict.kind.to_text() for evidence, _ in result.written}
    print(as_table(found.findings, verdicts) if found.findings else "No slow way and no workflow was found.")
    _say_what_next(found, result, out)
    return 0


def _discovered(
    arguments: argparse.Namespace, folder: Path, base: Configuration
) -> tuple[Discovered, RecordedDays]:
    """Find proposals; the columns are released when this returns, because the back-test needs memory, too."""
    from rasa_autoplay.tools.discovery.discovery import discover
    from rasa_autoplay.tools.discovery.evidence.selection import recorded_days_of
    from rasa_autoplay.tools.discovery.miners import MINERS

    columns = _read(arguments, folder, base.settings)
    for reason, number in columns.left_out.items():
        print(f"Not read: {number:,} {reason.replace('_', ' ')}.", file=sys.stderr)
    with progress("looking", len(MINERS), "kinds") as done:
        found = discover(columns, base.settings, done, base.paths)
    return found, recorded_days_of(columns, found.split)


def _read(arguments: argparse.Namespace, folder: Path, settings: EngineSettings) -> Columns:
    from rasa_autoplay.tools.discovery.reading.recorded_database import read_recorded_columns
    from rasa_autoplay.tools.discovery.reading.recording_files import read_columns
    from rasa_autoplay.tools.simulation.files import find_files

    size: int | None = None
    if arguments.recorded:
        with progress("reading", None, "batches") as read:
            return read_recorded_columns(folder, settings, arguments.since, read)
    with contextlib.suppress(OSError):  # a file is gone again: reading says which
        size = sum(each.stat().st_size for each in find_files(arguments.paths))
    with progress("reading", size, "B") as read:
        return read_columns(arguments.paths, settings.product_id, arguments.processes, read)


def _write(
    arguments: argparse.Namespace,
    folder: Path,
    base: Configuration,
    days: RecordedDays,
    found: Discovered,
    out: Path,
) -> WrittenProposals:
    from rasa_autoplay.tools.discovery.evidence.proposals import write_proposals

    def read_again(sessions: frozenset[str]) -> list[Moment]:
        from rasa_autoplay.tools.discovery.reading.recorded_database import read_recorded_sessions
        from rasa_autoplay.tools.discovery.reading.recording_files import read_sessions

        if arguments.recorded:
            return read_recorded_sessions(folder, base.settings, arguments.since, sessions)
        return read_sessions(arguments.paths, base.settings.product_id, sessions, arguments.processes)

    with progress("testing", None, "proposals") as tested:
        return write_proposals(
            found.findings,
            days,
            read_again,
            base,
            out,
            processes=arguments.processes,
            tested=tested,
            reword=_reword(arguments, base.settings),
        )


def _reword(arguments: argparse.Namespace, settings: EngineSettings) -> Reword | None:
    from rasa_autoplay.tools.discovery.evidence.model_words import worded

    llm = settings.llm
    return (lambda texts: worded(llm, texts)) if arguments.model and llm is not None else None


def _say_what_next(found: Discovered, result: WrittenProposals, out: Path) -> None:
    from rasa_autoplay.tools.discovery.evidence.folder import Written

    for finding, problem in found.refused:
        print(
            f"{finding.id}: not proposed, because the engine would refuse its trigger: {problem}",
            file=sys.stderr,
        )
    if not found.findings:
        print("Record more days: what happens seldom is not distinguished from chance.", file=sys.stderr)
        return
    for proposal_id, reason in result.left_alone.items():
        print(f"{proposal_id}: not written: {reason}.", file=sys.stderr)
    for proposal_id in result.not_reworded:
        print(f"{proposal_id}: the model had no usable words, so its texts are ours.", file=sys.stderr)
    for evidence, written in result.written:
        if written is Written.BESIDE:
            print(f"{evidence.id}: you have edited it, so the new version is beside it.", file=sys.stderr)
    if first := _first_to_read(result):
        print(f"\nRead {out / first / 'evidence.md'} first: it costs your users most.")
        print(f"Then run: rasa-autoplay propose {first}")


def _first_to_read(result: WrittenProposals) -> str:
    """Return the most costly proposal that the back-test does not speak against."""
    from rasa_autoplay.tools.discovery.evidence.figures import VerdictKind

    others = (e.id for e, _ in result.written if e.verdict.kind is not VerdictKind.NOT_RECOMMENDED)
    return next(others, result.written[0][0].id if result.written else "")
