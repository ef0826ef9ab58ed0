"""``rasa-autoplay changes``: lists what was loaded when, and who paused what and why."""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.tools.cli.project_changes import open_project

if TYPE_CHECKING:
    from rasa_autoplay.engine.changes.change import Change
    from rasa_autoplay.engine.courtesy.pause import Pause

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommand's arguments."""
    parser.add_argument(
        "--since", default="7d", metavar="DURATION", help="how far to look back (default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: the engine's autoplay.yml")
    parser.epilog = "Pauses that are in force are listed even if they began earlier. Times are in UTC."


def run(arguments: argparse.Namespace) -> int:
    """Print the changes, oldest first, and the pauses in force."""
    from rasa_autoplay.common.printable import printable
    from rasa_autoplay.settings.durations import parse_duration_s

    try:
        since_s = parse_duration_s(arguments.since)
    except ValueError as problem:
        raise AutoplayError(f"--since: {problem}.") from None
    changes, pauses = asyncio.run(_read(arguments.config, time.time() - since_s))
    if arguments.json:
        print(json.dumps(_as_json(changes, pauses), indent=2, ensure_ascii=False))
        return 0
    for line in [*_list(changes, arguments.since), *_in_force(pauses)]:
        print(printable(line))
    return 0


async def _read(config: Path | None, begin: float) -> tuple[Sequence[Change], Mapping[str, Pause]]:
    project = open_project(config)
    try:
        return await project.since(begin), await project.pauses.in_force()
    finally:
        await project.close()


def _as_json(changes: Sequence[Change], pauses: Mapping[str, Pause]) -> dict[str, Any]:
    import msgspec

    described = [{**msgspec.structs.asdict(change), "kind": change.kind.value} for change in changes]
    return {
        "changes": described,
        "paused": [msgspec.structs.asdict(pause) for pause in pauses.values()],
    }


def _list(changes: Sequence[Change], since: str) -> list[str]:
    if not changes:
        return [f"Nothing has changed in the last {since}."]
    # An error can have several lines.
    return [f"{_time(change.at)}  {' '.join(change.describe().split())}" for change in changes]


def _in_force(pauses: Mapping[str, Pause]) -> list[str]:
    return [f"In force: {pause.describe()}." for pause in pauses.values()]


def _time(at: float) -> str:
    return f"{datetime.fromtimestamp(at, timezone.utc):%Y-%m-%d %H:%M:%S}"
