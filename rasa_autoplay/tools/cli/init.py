"""``rasa-autoplay init``: adds to a Rasa project what its bot needs to speak first."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rasa_autoplay.errors import AdoptionRefused

if TYPE_CHECKING:
    from rasa_autoplay.tools.project_setup.project import RasaProject
    from rasa_autoplay.tools.project_setup.record import Texts

__all__ = ["add_arguments", "run"]

_NEXT = """\
Next:
  rasa train
  rasa run actions      # in one terminal
  rasa run              # in another
On your app's page, before the chat widget:
  <script src="http://localhost:5005/webhooks/autoplay/autoplay.js" data-user-id="u1"></script>
and posthog-js with api_host http://localhost:5005/webhooks/autoplay/capture
When something does not come: rasa-autoplay doctor"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the subcommand takes."""
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--undo", action="store_true", help="take out what init has added")
    parser.add_argument("--product-id", metavar="NAME", help="the app's name; default: the folder's")
    parser.add_argument("--domain", type=Path, metavar="PATH", help="default: domain.yml or domain/")
    parser.add_argument("--data", type=Path, default=Path("data"), metavar="FOLDER", help="default: data")
    parser.add_argument("--actions", default="actions", metavar="MODULE", help="default: actions")
    parser.epilog = "It shows what it will change, asks, and changes all of it or nothing."


def run(arguments: argparse.Namespace) -> int:
    """Show, ask, write."""
    from rasa_autoplay.tools.project_setup.plan import plan
    from rasa_autoplay.tools.project_setup.project import find_project
    from rasa_autoplay.tools.project_setup.record import recorded, without_what_was_added
    from rasa_autoplay.tools.project_setup.writing import replace_files

    project = find_project(Path(), arguments.domain, arguments.data, arguments.actions)
    if arguments.undo:
        texts = without_what_was_added(project)
    else:
        edits = plan(project, arguments.product_id)
        if not edits:
            print("Everything is there already: nothing to change.")
            return 0
        texts = recorded(project, edits)
    print("".join(_difference(texts)), end="")
    if not (arguments.yes or _agrees()):
        print("Nothing has been changed.")
        return 1
    replace_files(project.folder, texts)
    print("What init had added is out again." if arguments.undo else _NEXT)
    if not arguments.undo:
        _warn_of_others(project)
    return 0


def _warn_of_others(project: RasaProject) -> None:
    """Name the channels that could speak for others; ``rasa init`` writes one of them."""
    from rasa_autoplay.settings.other_channels import untokened_channels, what_they_could_do
    from rasa_autoplay.tools.project_setup.plan import CREDENTIALS
    from rasa_autoplay.tools.project_setup.yaml_edit import names_in

    others = untokened_channels(names_in(project.edit(CREDENTIALS)) or [])
    if others:
        print(f"warning: credentials.yml: {what_they_could_do(others, None)} (docs/security.md).")


def _agrees() -> bool:
    if not sys.stdin.isatty():
        raise AdoptionRefused("Nobody can be asked here.", remedy="Say --yes to change the files unasked.")
    print("\nChange these files? [y/N] ", end="", flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _difference(texts: Texts) -> Iterator[str]:
    """As ``diff -u`` has it; of the record only that it comes or goes."""
    import difflib

    from rasa_autoplay.tools.project_setup.plan import CREDENTIALS
    from rasa_autoplay.tools.project_setup.record import RECORD

    for path, (before, after) in texts.items():
        if path == RECORD:
            continue
        old = "/dev/null" if before is None else f"a/{path.as_posix()}"
        new = "/dev/null" if after is None else f"b/{path.as_posix()}"
        # The lines around could be secrets, and this output end in a log.
        context = 0 if path == CREDENTIALS else 3
        was, will_be = ((text or "").splitlines(keepends=True) for text in (before, after))
        for line in difflib.unified_diff(was, will_be, old, new, n=context):
            yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
