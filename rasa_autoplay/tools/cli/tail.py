"""``rasa-autoplay tail``: shows live what users do, what the engine decides, and how offers end."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rasa_autoplay.errors import AutoplayError

if TYPE_CHECKING:
    from rasa_autoplay.tools.live_tail.reader import TailReader

__all__ = ["add_arguments", "run"]

_KEY_VARIABLE = "AUTOPLAY_ADMIN_KEY"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommand's arguments."""
    parser.add_argument(
        "url",
        nargs="?",
        default="http://localhost:5005",
        metavar="URL",
        help="the Rasa server (default: %(default)s)",
    )
    parser.add_argument("--user", default="", metavar="ID", help="show only this user")
    parser.add_argument("--session", default="", metavar="ID", help="show only this session")
    parser.add_argument("--json", action="store_true", help="print one JSON object per line")
    parser.add_argument(
        "--credentials",
        type=Path,
        default=Path("credentials.yml"),
        metavar="FILE",
        help="the file with the admin_key (default: %(default)s)",
    )
    parser.epilog = (
        f"The admin key comes from {_KEY_VARIABLE}, else from the credentials file. Stop with Ctrl-C."
    )


def run(arguments: argparse.Namespace) -> int:
    """Print lines until Ctrl-C; reconnect if the server goes away."""
    from rasa_autoplay.common.runtime.backoff import Backoff
    from rasa_autoplay.tools.live_tail.reader import TailReader

    key = os.environ.get(_KEY_VARIABLE) or _key_of(arguments.credentials)
    reader = TailReader(arguments.url, key, arguments.user, arguments.session)
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

    colours = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    try:
        for moment in reader.moments():
            if moment is None:
                print(f"Watching {reader.place}.", file=sys.stderr, flush=True)
                continue
            print(json.dumps(moment) if as_json else line_of(moment, colours=colours), flush=True)
    except StreamEnded as ended:
        print(f"{ended} Reconnecting.", file=sys.stderr, flush=True)
        return ended.had_begun
    return True


def _key_of(file: Path) -> str:
    from rasa_autoplay.settings.channel import SECTION
    from rasa_autoplay.settings.yaml_file import YamlFile

    key = YamlFile(file).value_at([SECTION, "admin_key"]) if file.exists() else None
    if not key:
        raise AutoplayError(
            f"There is no admin key in {file}.",
            remedy=f"Set admin_key in its section {SECTION} and restart `rasa run`, or set {_KEY_VARIABLE}.",
        )
    return str(key)
