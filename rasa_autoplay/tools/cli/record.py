"""``rasa-autoplay record``: drafts a golden path from a recorded session, or in the app's own page."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rasa_autoplay.errors import AutoplayError, UnusableRecording
from rasa_autoplay.tools.cli.live_recording import add_live_arguments, check_live_arguments, record_live
from rasa_autoplay.tools.cli.recording_arguments import (
    add_recording_arguments,
    check_recording_arguments,
    read_chosen,
)

if TYPE_CHECKING:
    from rasa_autoplay.tools.simulation.recorded_sessions import RecordedSession

__all__ = ["add_arguments", "run"]

_SESSIONS_NAMED = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommand's arguments."""
    add_recording_arguments(parser)
    parser.add_argument("--session", metavar="ID", help="the session to use, if there are several")
    parser.add_argument(
        "--id", default="my-workflow", metavar="ID", help="the path's id (default: %(default)s)"
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="write the draft to this new file (default: print it)"
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: the engine's autoplay.yml")
    add_live_arguments(parser)
    parser.epilog = "Put the draft into the golden_paths folder, edit it, and run `rasa-autoplay validate`."


def run(arguments: argparse.Namespace) -> int:
    """Read the recordings, choose the session, draft the golden path, and write it."""
    check_live_arguments(arguments)
    return _record(arguments) if arguments.live is None else record_live(arguments)


def _record(arguments: argparse.Namespace) -> int:
    from rasa_autoplay.engine.knowledge.draft_file import file_of_recording
    from rasa_autoplay.engine.knowledge.drafting import draft_of
    from rasa_autoplay.settings.engine import EngineSettings, find_engine_file
    from rasa_autoplay.settings.yaml_file import YamlFile
    from rasa_autoplay.tools.simulation.recorded_sessions import sessions_of
    from rasa_autoplay.tools.simulation.recordings import notes_on_skipped

    check_recording_arguments(arguments)
    path_id = _path_id(arguments.id)
    config = YamlFile(arguments.config) if arguments.config else find_engine_file()
    recordings = read_chosen(arguments, config.path.parent, config.read(EngineSettings))
    for note in notes_on_skipped(recordings):
        print(note, file=sys.stderr)
    session = _chosen(sessions_of(recordings.moments), arguments.session)
    draft = draft_of(session.actions)
    if not draft.steps:
        raise UnusableRecording(
            f"The session {session.session_id!r} has no click, no change and no submit.",
            remedy="Record a session in which somebody goes through the workflow.",
        )
    text = file_of_recording(draft, path_id, f"the session {session.session_id}")
    if arguments.out:
        _write(arguments.out, text)
    else:
        print(text, end="")
    return 0


def _path_id(path_id: str) -> str:
    if not path_id.strip() or not path_id.isprintable() or "${" in path_id:
        raise AutoplayError(
            f"--id: {path_id!r} is not a valid id.", remedy="Use a short name, such as export-report."
        )
    return path_id.strip()


def _chosen(sessions: list[RecordedSession], wanted: str | None) -> RecordedSession:
    fitting = [session for session in sessions if wanted in (None, session.session_id)]
    if len(fitting) == 1:
        return fitting[0]
    problem = f"There is no session {wanted!r}." if wanted else f"There are {len(sessions)} sessions."
    lines = [f"  {session.describe()}" for session in sessions[:_SESSIONS_NAMED]]
    if len(sessions) > _SESSIONS_NAMED:
        lines.append(f"  … and {len(sessions) - _SESSIONS_NAMED} more")
    raise UnusableRecording(problem, remedy="\n".join(["Choose one with --session ID:", *lines]))


def _write(file: Path, text: str) -> None:
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(text)
    except FileExistsError:
        raise AutoplayError(
            f"{file}: the file exists and was not changed.", remedy="Choose another name, or move the file."
        ) from None
    except OSError as problem:
        raise AutoplayError(f"{file}: cannot be written: {problem.strerror}.") from None
