"""``rasa-autoplay tail``: shows live what users do, what the engine decides, and how offers end."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from typing import TYPE_CHECKING

from rasa_autoplay.tools.cli.operator_access import add_access_arguments, admin_key

if TYPE_CHECKING:
    from rasa_autoplay.tools.live_tail.reader import TailReader

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommand's arguments."""
    add_access_arguments(parser)
    parser.add_argument("--user", default="", metavar="ID", help="show only this user")
    parser.add_argument("--session", default="", metavar="ID", help="show only this session")
    parser.add_argument("--json", action="store_true", help="print one JSON object per line")
    parser.epilog = f"{parser.epilog} Stop with Ctrl-C."


def run(arguments: argparse.Namespace) -> int:
    """Print lines until Ctrl-C; reconnect if the server goes away."""
    from rasa_autoplay.common.runtime.backoff import Backoff
    from rasa_autoplay.tools.live_tail.reader import TailReader

    reader = TailReader(arguments.url, admin_key(arguments), arguments.user, arguments.session)
    backoff, failures = Backoff(0.5, 10.0), 0
    while True:
        failures = 1 if _follow(reader, as_json=arguments.json) else failures + 1
        time.sleep(backoff.wait_s(failures))


def _follow(reader: TailReader, *, as_json: bool) -> bool:
    """Print until the stream ends; return whether it had begun.

    Raises:
        AutoplayError: the server has never been reached, or it refuses.
    """
    import json

    from rasa_autoplay.tools.live_tail.line import line_of
    from rasa_autoplay.tools.live_tail.reader import StreamEnded

    is_terminal = sys.stdout.isatty()
    colours = is_terminal and not os.environ.get("NO_COLOR")
    try:
        for moment in reader.moments():
            if moment is None:
                print(f"Watching {reader.place}.", file=sys.stderr, flush=True)
                continue
            # Asked each time, because the window's size changes.
            width = shutil.get_terminal_size().columns if is_terminal else 0
            print(
                json.dumps(moment) if as_json else line_of(moment, colours=colours, width=width), flush=True
            )
    except StreamEnded as ended:
        print(f"{ended} Reconnecting.", file=sys.stderr, flush=True)
        return ended.had_begun
    return True
