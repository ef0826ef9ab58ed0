"""``rasa-autoplay init``: adds the copilot to a Rasa project."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
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
    parser.add_argument(
        "--undo",
        action="store_true",
        help="remove what init added; what you wrote elsewhere in the files stays",
    )
    parser.add_argument(
        "--discard-edits",
        action="store_true",
        help="with --undo: also remove what you have changed in the lines that init added",
    )
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
    from rasa_autoplay.tools.project_setup.project import find_project

    project = find_project(Path(), arguments.domain, arguments.data, arguments.actions)
    if arguments.undo:
        return _undo(project, arguments)
    if arguments.discard_edits:
        raise AdoptionRefused("--discard-edits belongs to --undo.", remedy="Leave one out, or use both.")
    return _add(replace(project, engine_in_process=True) if arguments.in_process else project, arguments)


def _add(project: RasaProject, arguments: argparse.Namespace) -> int:
    from rasa_autoplay.tools.project_setup.plan import plan, plan_intent
    from rasa_autoplay.tools.project_setup.record import texts_with_record

    trained_parts = plan_intent(project) if arguments.with_intent else []
    edits = [*trained_parts, *plan(project, arguments.product_id)]
    if not edits:
        print("The project already has everything. Nothing to change.")
        return 0
    if not _shown_and_written(project, texts_with_record(project, edits), arguments, {}):
        return 1
    training = _training(project, is_needed=bool(trained_parts))
    print(_NEXT.format(training=training, servers=_ONE if project.engine_in_process else _TWO))
    _warn_about_other_channels(project)
    return 0


def _undo(project: RasaProject, arguments: argparse.Namespace) -> int:
    from rasa_autoplay.tools.project_setup.undo import plan_undo

    undo = plan_undo(project)
    if not arguments.discard_edits:
        undo.refuse_to_lose_edits()
    if not _shown_and_written(project, undo.texts, arguments, undo.ours):
        return 1
    print("Removed what init had added.")
    if undo.kept:
        names = " and ".join(path.as_posix() for path in undo.kept)
        print(f"Kept {names}: you have edited this since. Without the copilot it does nothing.")
    return 0


def _shown_and_written(
    project: RasaProject, texts: Texts, arguments: argparse.Namespace, ours: Mapping[Path, frozenset[str]]
) -> bool:
    """Show the diff, ask, and write; return False if the answer is no."""
    from rasa_autoplay.tools.project_setup.difference import difference
    from rasa_autoplay.tools.project_setup.writing import replace_files

    print("".join(difference(texts, ours)), end="")
    if not (arguments.yes or _agrees()):
        print("Nothing was changed.")
        return False
    replace_files(project.folder, texts)
    return True


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
