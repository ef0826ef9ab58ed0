"""``rasa-autoplay pause``: stops a trigger, or all of them, on every running engine."""

from __future__ import annotations

import argparse
import asyncio
import shlex

from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.tools.cli.project_changes import (
    add_trigger_arguments,
    choose_trigger,
    open_project,
    read_texts,
)

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommand's arguments."""
    add_trigger_arguments(parser, "pause")
    parser.add_argument("--why", required=True, metavar="TEXT", help="the reason, for your colleagues")
    parser.epilog = (
        "A paused trigger makes no offers, and its offers that wait for a browser are withdrawn. A toast "
        "that is on a page stays there. The pause is stored in the database of autoplay.yml and lasts until "
        "`rasa-autoplay resume`."
    )


def run(arguments: argparse.Namespace) -> int:
    """Store the pause, and say how to end it."""
    from rasa_autoplay.common.printable import printable

    if not arguments.why.strip():
        raise AutoplayError("The reason is empty.", remedy='Say why, for your colleagues: --why "…"')
    for line in asyncio.run(_pause(arguments)):
        print(printable(line))
    return 0


async def _pause(arguments: argparse.Namespace) -> list[str]:
    from rasa_autoplay.engine.courtesy.pause import EVERY_TRIGGER

    project = open_project(arguments.config)
    try:
        choice = choose_trigger(arguments, project)
        pauses = await project.pauses.pause(choice.trigger_id, *read_texts(arguments))
    finally:
        await project.close()
    config = f" --config {shlex.quote(str(arguments.config))}" if arguments.config else ""
    undo = f"To undo it: rasa-autoplay resume {choice.words}{config}"
    earlier = pauses.get(choice.trigger_id)
    if earlier is not None:
        return [f"Nothing has changed: {earlier.describe()}.", undo]
    every = pauses.get(EVERY_TRIGGER)
    return [
        f"Paused {choice.title}.",
        "Running engines apply it within 1 s and withdraw the offers that wait; toasts on a page stay.",
        *([f"All triggers are paused as well: {every.describe()}."] if every else []),
        undo,
    ]
