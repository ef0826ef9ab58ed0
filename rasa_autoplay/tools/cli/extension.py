"""``rasa-autoplay extension``: writes a browser extension with the recorder, for apps without autoplay.js."""

from __future__ import annotations

import argparse
from pathlib import Path

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommand's arguments."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="a new folder for the extension's files")
    server = "http://localhost:5005"
    parser.add_argument("--live", default=server, metavar="URL", help=f"the Rasa server (default: {server})")


def run(arguments: argparse.Namespace) -> int:
    """Write the folder."""
    from rasa_autoplay.tools.browser_extension import write_extension

    write_extension(arguments.folder, arguments.live)
    print(f"{arguments.folder} has the extension. In Chrome or Edge:")
    print("1. Open chrome://extensions, turn on Developer mode, and load the folder.")
    print("2. Open a link of `rasa-autoplay record --live URL --open PAGE`.")
    print("3. Press the extension's button. It works in this tab, until you leave the site.")
    return 0
