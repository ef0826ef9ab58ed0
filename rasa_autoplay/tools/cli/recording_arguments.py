"""The arguments that choose what ``simulate`` and ``record`` read: files, or the engine's database."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rasa_autoplay.errors import AutoplayError

if TYPE_CHECKING:
    from rasa_autoplay.settings.engine import EngineSettings
    from rasa_autoplay.tools.simulation.recordings import Recordings

__all__ = ["add_recording_arguments", "check_recording_arguments", "read_chosen"]


def add_recording_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments that choose what to read: files, or the engine's database."""
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        metavar="PATH",
        help="a recording, or a folder: a browser's HAR, the output of `tail --json` or `user export`, a "
        "session from the studio, or batches or posthog-js requests, one per line; may be gzipped",
    )
    parser.add_argument(
        "--recorded",
        action="store_true",
        help="read the sessions that the engine has recorded (recording: in autoplay.yml) instead of files",
    )
    parser.add_argument(
        "--since",
        metavar="DURATION",
        help="with --recorded: only what was recorded in the last 2d, 6h, … (default: everything)",
    )


def check_recording_arguments(arguments: argparse.Namespace) -> None:
    """Check that exactly one of files and ``--recorded`` was chosen.

    Raises:
        AutoplayError: both or neither.
    """
    if bool(arguments.paths) == arguments.recorded:
        raise AutoplayError(
            "Name files and --recorded together." if arguments.recorded else "There is nothing to read.",
            remedy="Name either recordings, or --recorded for the sessions that the engine has recorded.",
        )
    if arguments.since and not arguments.recorded:
        raise AutoplayError("--since: it needs --recorded.", remedy="Leave it out to replay whole files.")


def read_chosen(
    arguments: argparse.Namespace, folder: Path, settings: EngineSettings, read: Callable[[int], object] = int
) -> Recordings:
    """Read the chosen recordings.

    Args:
        arguments: those of :func:`add_recording_arguments`.
        folder: the folder of ``autoplay.yml``.
        settings: ``autoplay.yml``.
        read: called with the number of additional bytes of files, or batches of the database, read.

    Raises:
        AutoplayError: the database cannot be used.
        UnusableRecording: a path cannot be read, or there is no action.
    """
    if arguments.recorded:
        # It imports the database's library, which takes longer than a small simulation.
        from rasa_autoplay.tools.simulation.recorded_database import read_recorded

        return read_recorded(folder, settings, arguments.since, read)
    from rasa_autoplay.tools.simulation.recordings import read_recordings

    return read_recordings(arguments.paths, settings.product_id, read)
