"""Runs the timing benchmark: all baselines, or an entry; writes a set; makes a hidden seed."""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

from benchmarks.timing.board import play_all
from benchmarks.timing.entry import Entry
from benchmarks.timing.files import write_set
from benchmarks.timing.generator import PUBLIC_SEED, SESSIONS, generate
from benchmarks.timing.report import HEAD, behaviours_of, results_of, row_of, sensitivity_of
from benchmarks.timing.runner import EntryFailed, play
from benchmarks.timing.scorer import score_offers

__all__ = ["hidden_seed", "main"]


def main() -> int:
    """Read the command line and run."""
    arguments = _arguments()
    if arguments.what == "baselines":
        board = play_all(arguments.seeds, arguments.sessions, arguments.tempo)
        print(results_of(board), behaviours_of(board), sensitivity_of(board), sep="\n\n")
    elif arguments.what == "write":
        write_set(generate(arguments.seed, arguments.sessions), arguments.folder)
    elif arguments.what == "hidden-seed":
        print(hidden_seed(arguments.archive.read_bytes(), arguments.word))
    else:
        return _enter(arguments)
    return 0


def hidden_seed(archive: bytes, word: str) -> str:
    """Return the seed with which an entry is scored; neither side can choose it alone.

    Args:
        archive: the entry, as it was handed in.
        word: a word that the person who runs it chooses after that, and publishes with the result.
    """
    return hashlib.sha256(hashlib.sha256(archive).digest() + word.encode()).hexdigest()[:16]


def _enter(arguments: argparse.Namespace) -> int:
    sessions = generate(arguments.seed, arguments.sessions)
    try:
        with Entry(arguments.command) as entry:
            score = score_offers(sessions, play(sessions, entry))
    except EntryFailed as problem:
        print(f"The entry has no score. {problem}", file=sys.stderr)
        return 1
    for title, value in zip(HEAD[:-1], row_of(" ".join(arguments.command), score, None), strict=False):
        print(f"{title}: {value}")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.timing", description=__doc__)
    subcommands = parser.add_subparsers(dest="what", required=True)
    baselines = subcommands.add_parser("baselines", help="let all baselines play, and print the tables")
    baselines.add_argument("seeds", nargs="*", default=[PUBLIC_SEED])
    baselines.add_argument("--tempo", type=float, default=1.0, help="multiply all times of the users by this")
    write = subcommands.add_parser("write", help="write a set's apps, events and labels")
    write.add_argument("folder", type=Path)
    enter = subcommands.add_parser("enter", help="let a program play, and print its score")
    for one in (write, enter):
        one.add_argument("--seed", default=PUBLIC_SEED)
    for one in (baselines, write, enter):
        one.add_argument("--sessions", type=int, default=SESSIONS)
    enter.add_argument("command", nargs=argparse.REMAINDER, help="the program and its arguments, after --")
    hidden = subcommands.add_parser("hidden-seed", help="make the seed for scoring an entry")
    hidden.add_argument("archive", type=Path)
    hidden.add_argument("word")
    arguments = parser.parse_args()
    if arguments.what == "enter":
        arguments.command = [part for part in arguments.command if part != "--"]
        if not arguments.command:
            parser.error("name the program to run after --")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
