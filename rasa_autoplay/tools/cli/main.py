"""Finds the subcommand and runs it.

A subcommand is a module with ``add_arguments(parser)`` and ``run(arguments) -> exit status``, and a line in
:data:`SUBCOMMANDS`. Only the one that is asked for is imported, so that the command starts at once; what is
heavy (SQLAlchemy, aiohttp) it imports in ``run``. It prints its result on stdout and everything else on
stderr, and raises an :class:`AutoplayError` for what the user can mend: its text is all that is shown.
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

#: By name: the module, and what it does in one line.
SUBCOMMANDS: Mapping[str, tuple[str, str]] = {
    "init": ("rasa_autoplay.tools.cli.init", "add the copilot to an existing Rasa project, or take it out"),
    "doctor": (
        "rasa_autoplay.tools.cli.doctor",
        "look for everything that is known to keep toasts and chats from coming",
    ),
    "tail": ("rasa_autoplay.tools.cli.tail", "show what users do and what is decided, live"),
    "simulate": (
        "rasa_autoplay.tools.cli.simulate",
        "replay recordings through the rules, and report what would be said",
    ),
    "record": ("rasa_autoplay.tools.cli.record", "draft a golden path from a recorded session"),
    "validate": ("rasa_autoplay.tools.cli.validate", "check autoplay.yml and everything that it refers to"),
    "user": ("rasa_autoplay.tools.cli.user", "show, export or delete what is stored of a user"),
    "posthog-destination": (
        "rasa_autoplay.tools.cli.posthog_destination",
        "print the source of a PostHog destination that sends to the bot",
    ),
    "migrate-sdk": (
        "rasa_autoplay.tools.cli.migrate_sdk",
        "make code written for the vendor's SDK import this package",
    ),
    "schema": ("rasa_autoplay.tools.cli.schema", "print the JSON Schema of autoplay.yml or of a golden path"),
}

_FAILED = 1
_INTERRUPTED = 130
_READER_GONE = 141


class _Subcommand(Protocol):
    """What the module of a subcommand holds."""

    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


class _Version(argparse.Action):
    """Looks the version up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any, **__: Any) -> None:
        from importlib.metadata import version

        print(f"rasa-autoplay {version('rasa-autoplay')}")
        parser.exit()


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line.

    Args:
        argv: without the program's name; by default this process's own.

    Returns:
        The exit status: 0 done, 1 failed or found wanting.

    Raises:
        SystemExit: with status 2 when the command line is wrong, 0 after ``--help`` and ``--version``.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    name = next((word for word in arguments if not word.startswith("-")), "")
    subcommand = _load(name) if name in SUBCOMMANDS else None
    parsed = _parser(name, subcommand).parse_args(arguments)
    if subcommand is None:
        _parser("", None).print_help(sys.stderr)
        return 2
    return _run(subcommand, parsed)


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
        # As with `… | head`: nobody reads any more. Python would complain once again at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _READER_GONE
    return status


def _load(name: str) -> _Subcommand:
    return cast(_Subcommand, importlib.import_module(SUBCOMMANDS[name][0]))


def _parser(chosen: str, subcommand: _Subcommand | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rasa-autoplay",
        description="Tools for a bot that speaks first. Run them in the project's folder.",
        epilog="`rasa-autoplay COMMAND --help` tells more about one of them.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    for name, (_, help_text) in SUBCOMMANDS.items():
        own = commands.add_parser(name, help=help_text, description=f"{help_text[0].upper()}{help_text[1:]}.")
        if subcommand is not None and name == chosen:
            subcommand.add_arguments(own)
    return parser
