"""``rasa-autoplay record --live``: opens a page of the app with the recorder."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.tools.cli.browser_window import open_in_browser
from rasa_autoplay.tools.cli.operator_access import admin_key

__all__ = ["add_live_arguments", "check_live_arguments", "record_live"]

_EXAMPLE = "rasa-autoplay record --live http://localhost:5005 --open http://localhost:3000/projects"


def add_live_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments that record in the app's own page."""
    group = parser.add_argument_group("record in your app's own page, with the recorder")
    group.add_argument("--live", metavar="URL", help="the Rasa server, such as http://localhost:5005")
    group.add_argument("--open", metavar="PAGE", help="the page of your app where the workflow begins")
    group.add_argument("--again", metavar="ID", help="a golden path to record again")
    group.add_argument("--print", action="store_true", help="print the link instead of opening a browser")
    group.add_argument(
        "--credentials",
        type=Path,
        default=Path("credentials.yml"),
        metavar="FILE",
        help="the file with the admin_key (default: %(default)s)",
    )


def check_live_arguments(arguments: argparse.Namespace) -> None:
    """Check that the arguments belong together.

    Raises:
        AutoplayError: they do not.
    """
    if arguments.live is None:
        named = [f"--{name}" for name in ("open", "again", "print") if getattr(arguments, name)]
        if named:
            raise AutoplayError(f"{named[0]}: it needs --live.", remedy=f"Write `{_EXAMPLE}`.")
        return
    if not arguments.open:
        raise AutoplayError("--live: it needs --open, the page to record.", remedy=f"Write `{_EXAMPLE}`.")
    if arguments.paths or arguments.recorded:
        raise AutoplayError(
            "--live records a new session, so it reads no other recording.",
            remedy="Leave out the recordings, or --live.",
        )
    if arguments.out or arguments.session:
        raise AutoplayError(
            "With --live, the page offers the draft as a download.", remedy="Leave out --out and --session."
        )


def record_live(arguments: argparse.Namespace) -> int:
    """Open the page; print the link if that is not possible."""
    from rasa_autoplay.tools.recorder_link import make_recorder_link

    link = make_recorder_link(arguments.live, arguments.open, admin_key(arguments), arguments.again or "")
    if not arguments.print and open_in_browser(link):
        print(f"Your browser opens {arguments.open} with the recorder.", file=sys.stderr)
        print(
            "Go through the workflow there. The draft can be downloaded, copied, or sent to the studio.",
            file=sys.stderr,
        )
        return 0
    print("Open this link in your browser. It works once, within an hour:", file=sys.stderr)
    print(link)
    return 0
