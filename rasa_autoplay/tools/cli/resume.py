"""``rasa-autoplay resume``: lets a paused trigger make offers again."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from rasa_autoplay.tools.cli.project_changes import (
    TriggerChoice,
    add_trigger_arguments,
    choose_trigger,
    open_project,
    read_texts,
)

if TYPE_CHECKING:
    from rasa_autoplay.engine.courtesy.pause import Pause

__all__ = ["add_arguments", "run"]

_FAILED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommand's arguments."""
    add_trigger_arguments(parser, "resume")
    parser.add_argument("--why", default="", metavar="TEXT", help="the reason, for your colleagues")
    parser.epilog = (
        "`--all` ends the pause of all triggers together. A trigger that was paused by its own name stays "
        "paused until it is resumed by its own name."
    )


def run(arguments: argparse.Namespace) -> int:
    """End the pause, and name those that are still in force."""
    from rasa_autoplay.common.printable import printable

    lines, pauses_left = asyncio.run(_resume(arguments))
    for line in lines:
        print(printable(line))
    return _FAILED if pauses_left else 0


async def _resume(arguments: argparse.Namespace) -> tuple[list[str], bool]:
    project = open_project(arguments.config)
    try:
        # A trigger can be paused although autoplay.yml no longer has it.
        choice = choose_trigger(arguments, project, list(await project.pauses.in_force()))
        pauses = await project.pauses.resume(choice.trigger_id, *read_texts(arguments))
    finally:
        await project.close()
    left = _pauses_left(choice, pauses)
    if choice.trigger_id not in pauses:
        title = "All triggers are not paused together" if arguments.all else f"{choice.title} is not paused"
        return [f"Nothing has changed: {title}.", *left], bool(left)
    return [f"Resumed {choice.title}. Running engines apply it within 1 s.", *left], False


def _pauses_left(choice: TriggerChoice, pauses: Mapping[str, Pause]) -> list[str]:
    """Name the other pauses that still stop what was chosen."""
    from rasa_autoplay.engine.courtesy.pause import EVERY_TRIGGER

    others = [pause for trigger_id, pause in pauses.items() if trigger_id != choice.trigger_id]
    if choice.trigger_id != EVERY_TRIGGER:
        others = [pause for pause in others if pause.trigger_id == EVERY_TRIGGER]
    return [
        f"Still in force: {pause.describe()}. To end it: rasa-autoplay resume {pause.trigger_id or '--all'}"
        for pause in others
    ]
