"""Finds the subcommand and runs it.

A subcommand is a module with ``add_arguments(parser)`` and ``run(arguments) -> exit status``, and an entry in
:data:`SUBCOMMANDS`. Only the requested subcommand is imported, and it imports heavy packages (SQLAlchemy,
aiohttp) in ``run``, so that the command starts at once. It prints its result on stdout and everything else on
stderr. For problems that the user can fix it raises an :class:`AutoplayError`, whose text is all that is
shown.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, cast

from rasa_autoplay.errors import AutoplayError

__all__ = ["SUBCOMMANDS", "main"]

#: Each subcommand's module and its one-line help, by name.
SUBCOMMANDS: Mapping[str, tuple[str, str]] = {
    "init": ("rasa_autoplay.tools.cli.init", "add the copilot to an existing Rasa project, or remove it"),
    "doctor": (
        "rasa_autoplay.tools.cli.doctor",
        "find out why toasts or chats do not appear",
    ),
    "serve": ("rasa_autoplay.tools.cli.serve", "run the engine by itself, without an action server"),
    "tail": ("rasa_autoplay.tools.cli.tail", "show live what users do and what the engine decides"),
    "studio": ("rasa_autoplay.tools.cli.studio", "open the operators' page in the browser, signed in"),
    "simulate": (
        "rasa_autoplay.tools.cli.simulate",
        "replay recordings through the triggers and report which offers would be made",
    ),
    "discover": (
        "rasa_autoplay.tools.cli.discover",
        "propose triggers and golden paths from recordings, each with evidence",
    ),
    "propose": (
        "rasa_autoplay.tools.cli.propose",
        "show proposals of triggers, and take one from draft to live",
    ),
    "results": (
        "rasa_autoplay.tools.cli.results",
        "say whether help helps: funnels, harm, and users with and without the toast compared",
    ),
    "record": (
        "rasa_autoplay.tools.cli.record",
        "draft a golden path from a recorded session, or in the app's own page",
    ),
    "extension": (
        "rasa_autoplay.tools.cli.extension",
        "write a browser extension with the recorder, for apps without autoplay.js",
    ),
    "validate": (
        "rasa_autoplay.tools.cli.validate",
        "check autoplay.yml, credentials.yml and the files that they refer to",
    ),
    "verify": (
        "rasa_autoplay.tools.cli.verify",
        "walk the golden paths in a browser, and report what the app no longer has",
    ),
    "outcomes": (
        "rasa_autoplay.tools.cli.outcomes",
        "list outcomes that other systems did not get, and send outcomes again",
    ),
    "user": ("rasa_autoplay.tools.cli.user", "show, export or delete the stored data of a user"),
    "pause": ("rasa_autoplay.tools.cli.pause", "stop a trigger, or all of them, on every running engine"),
    "resume": ("rasa_autoplay.tools.cli.resume", "let a paused trigger make offers again"),
    "confirm": ("rasa_autoplay.tools.cli.confirm", "say that a suspect step of a golden path is right"),
    "changes": ("rasa_autoplay.tools.cli.changes", "list what was loaded when, and who paused what and why"),
    "posthog-destination": (
        "rasa_autoplay.tools.cli.posthog_destination",
        "print or create a PostHog destination that sends events to the bot",
    ),
    "migrate-sdk": (
        "rasa_autoplay.tools.cli.migrate_sdk",
        "rewrite imports of the vendor's SDK to this package",
    ),
    "schema": (
        "rasa_autoplay.tools.cli.schema",
        "print the JSON Schema of autoplay.yml, of a golden path, or of an outcome",
    ),
}

_FAILED = 1
_WRONG_COMMAND_LINE = 2
_INTERRUPTED = 130
_READER_GONE = 141


class _Subcommand(Protocol):
    """The contract of a subcommand's module."""

    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


class _Version(argparse.Action):
    """Looks up the version only when ``--version`` is given."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any, **__: Any) -> None:
        from importlib.metadata import version

        print(f"rasa-autoplay {version('rasa-autoplay')}")
        parser.exit()


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line.

    Args:
        argv: the arguments without the program's name; None for this process's own.

    Returns:
        The exit status: 0 for success, 1 for a failure or for problems found.

    Raises:
        SystemExit: with status 2 if the command line is wrong, 0 after ``--help`` and ``--version``.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    name = next((word for word in arguments if not word.startswith("-")), "")
    subcommand = _load(name) if name in SUBCOMMANDS else None
    if name and subcommand is None:
        raise SystemExit(_say_unknown(name))
    parsed = _parser(name, subcommand).parse_args(arguments)
    if subcommand is None:
        _parser("", None).print_help(sys.stderr)
        return _WRONG_COMMAND_LINE
    return _run(subcommand, parsed)


def _say_unknown(name: str) -> int:
    import difflib

    from rasa_autoplay.common.printable import printable

    nearest = difflib.get_close_matches(name, SUBCOMMANDS, n=1)
    hint = f"; did you mean {nearest[0]!r}?" if nearest else "."
    _parser("", None).print_usage(sys.stderr)
    print(f"There is no command {printable(name[:64])!r}{hint}", file=sys.stderr)
    print("`rasa-autoplay --help` lists all commands.", file=sys.stderr)
    return _WRONG_COMMAND_LINE


def _run(subcommand: _Subcommand, parsed: argparse.Namespace) -> int:
    try:
        status = subcommand.run(parsed)
        sys.stdout.flush()
    except AutoplayError as problem:
        print(problem, file=sys.stderr)
        return _FAILED
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader has gone, as with `… | head`. Without this, Python would complain again when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _READER_GONE
    return status


def _load(name: str) -> _Subcommand:
    return cast(_Subcommand, importlib.import_module(SUBCOMMANDS[name][0]))


def _parser(chosen: str, subcommand: _Subcommand | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rasa-autoplay",
        description="Tools for a proactive Rasa bot. Run them in the project's folder.",
        epilog="`rasa-autoplay COMMAND --help` explains a command.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    for name, (_, help_text) in SUBCOMMANDS.items():
        own = commands.add_parser(name, help=help_text, description=f"{help_text[0].upper()}{help_text[1:]}.")
        if subcommand is not None and name == chosen:
            subcommand.add_arguments(own)
    return parser
