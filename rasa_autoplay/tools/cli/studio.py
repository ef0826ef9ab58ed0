"""``rasa-autoplay studio``: opens the operators' page in the browser, signed in by a single-use link."""

from __future__ import annotations

import argparse
import sys

from rasa_autoplay.tools.cli.browser_window import open_in_browser
from rasa_autoplay.tools.cli.operator_access import add_access_arguments, admin_key

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommand's arguments."""
    add_access_arguments(parser)
    parser.add_argument("--print", action="store_true", help="print the link instead of opening a browser")


def run(arguments: argparse.Namespace) -> int:
    """Open the browser; print the link if that is not possible."""
    from rasa_autoplay.tools.studio_link import make_studio_link

    link = make_studio_link(arguments.url, admin_key(arguments))
    if not arguments.print and open_in_browser(link):
        print(f"The studio is open in your browser: {arguments.url.rstrip('/')}", file=sys.stderr)
        return 0
    print("This link signs one browser in. It works once, within a minute:", file=sys.stderr)
    print(link)
    return 0
