"""``rasa-autoplay init``: adds the copilot to a Rasa project."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rasa_autoplay.errors import AdoptionRefused

if TYPE_CHECKING:
    from rasa_autoplay.tools.project_setup.project import RasaProject
    from rasa_autoplay.tools.project_setup.record import Texts

__all__ = ["add_arguments", "run"]

_NEXT = """\
Next:
{training}\
{servers}\
On your app's page, before the chat widget:
  <script src="http://localhost:5005/webhooks/autoplay/autoplay.js" data-user-id="u1"></script>
and posthog-js with api_host http://localhost:5005/webhooks/autoplay/capture
If something does not work: rasa-autoplay doctor"""


_ONE = "  rasa run\n"
_TWO = """\
  rasa run actions      # in one terminal
  rasa run              # in another
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommand's arguments."""
    parser.add_argument("--yes", action="store_true", help="change the files without asking")
    parser.add_argument("--undo", action="store_true", help="remove what init added")
    parser.add_argument(
        "--with-intent",
        action="store_true",
        help="also let the bot speak by an intent of its own, which needs `rasa train`",
    )
    parser.add_argument(
        "--in-process",
        action="store_true",
        help="let the engine run in the Rasa server: one process, for small bots",
    )
    parser.add_argument("--product-id", metavar="NAME", help="the app's name; default: the folder's name")
    parser.add_argument("--domain", type=Path, metavar="PATH", help="default: domain.yml or domain/")
    parser.add_argument("--data", type=Path, default=Path("data"), metavar="FOLDER", help="default: data")
    parser.add_argument("--actions", default="actions", metavar="MODULE", help="default: actions")
    parser.epilog = "Shows a diff, asks, and then changes all of the files or none."


def run(arguments: argparse.Namespace) -> int:
    """Show the diff, ask, and write."""
    from rasa_autoplay.tools.project_setup.plan import plan, plan_intent
    from rasa_autoplay.tools.project_setup.project import find_project
    from rasa_autoplay.tools.project_setup.record import texts_after_undo, texts_with_record
    from rasa_autoplay.tools.project_setup.writing import replace_files

    project = find_project(Path(), arguments.domain, arguments.data, arguments.actions)
    if arguments.in_process:
        project = replace(project, engine_in_process=True)
    trained_parts = plan_intent(project) if arguments.with_intent and not arguments.undo else []
    if arguments.undo:
        texts = texts_after_undo(project)
    else:
        edits = [*trained_parts, *plan(project, arguments.product_id)]
        if not edits:
            print("The project already has everything. Nothing to change.")
            return 0
        texts = texts_with_record(project, edits)
    print("".join(_difference(texts)), end="")
    if not (arguments.yes or _agrees()):
        print("Nothing was changed.")
        return 1
    replace_files(project.folder, texts)
    if arguments.undo:
        print("Removed what init had added.")
        return 0
    training = _training(project, is_needed=bool(trained_parts))
    print(_NEXT.format(training=training, servers=_ONE if project.engine_in_process else _TWO))
    _warn_about_other_channels(project)
    return 0


def _training(project: RasaProject, *, is_needed: bool) -> str:
    """The step that makes a model, if the project's model lacks what init added or there is none."""
    if is_needed:
        return "  rasa train            # the bot has an intent of its own now\n"
    has_model = any((project.folder / "models").glob("*.tar.gz"))
    return "" if has_model else "  rasa train            # there is no model in models/ yet\n"


def _warn_about_other_channels(project: RasaProject) -> None:
    """Warn about channels that ask for no user token; ``rasa init`` configures one of them."""
    from rasa_autoplay.settings.assistant_kind import AssistantKind
    from rasa_autoplay.settings.channels_file import CHANNELS_KEY
    from rasa_autoplay.settings.other_channels import channels_without_tokens, describe_risk
    from rasa_autoplay.tools.project_setup.plan import CREDENTIALS, INTEGRATIONS
    from rasa_autoplay.tools.project_setup.yaml_edit import names_in

    if project.kind is AssistantKind.MANTLE:
        file, names = INTEGRATIONS, names_in(project.edit(INTEGRATIONS), CHANNELS_KEY)
    else:
        file, names = CREDENTIALS, names_in(project.edit(CREDENTIALS))
    others = channels_without_tokens(names or [])
    if others:
        print(f"warning: {file}: {describe_risk(others, None)} (docs/security.md).")


def _agrees() -> bool:
    if not sys.stdin.isatty():
        raise AdoptionRefused(
            "There is no terminal to ask for confirmation.",
            remedy="Use --yes to change the files without asking.",
        )
    print("\nChange these files? [y/N] ", end="", flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _difference(texts: Texts) -> Iterator[str]:
    """Yield the lines of ``diff -u``, without init's own record."""
    import difflib

    from rasa_autoplay.tools.project_setup.plan import CREDENTIALS, INTEGRATIONS
    from rasa_autoplay.tools.project_setup.record import RECORD

    for path, (before, after) in texts.items():
        if path == RECORD:
            continue
        old = "/dev/null" if before is None else f"a/{path.as_posix()}"
        new = "/dev/null" if after is None else f"b/{path.as_posix()}"
        # Context lines could hold secrets, and this output may end up in a log.
        context = 0 if path in (CREDENTIALS, INTEGRATIONS) else 3
        was, will_be = ((text or "").splitlines(keepends=True) for text in (before, after))
        for line in difflib.unified_diff(was, will_be, old, new, n=context):
            yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
