"""``rasa-autoplay doctor``: checks one by one for the known causes of missing toasts and chats."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rasa_autoplay.errors import AutoplayError

if TYPE_CHECKING:
    from rasa_autoplay.common.checks import Check, Finding
    from rasa_autoplay.tools.doctor.health_request import Running
    from rasa_autoplay.tools.doctor.project import Project
    from rasa_autoplay.tools.doctor.report import Note

__all__ = ["add_arguments", "run"]

_PACKAGES = (
    "rasa",
    "rasa-pro",
    "python-socketio",
    "openai",
    "packaging",
    "pydantic",
    "autoplay-sdk",
    "redis",
)
_SubjectT = TypeVar("_SubjectT")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommand's arguments."""
    parser.add_argument(
        "--live", metavar="URL", help="also check this running Rasa server, such as http://localhost:5005"
    )
    parser.add_argument(
        "--production", action="store_true", help="also run the production checklist of docs/security.md"
    )
    parser.add_argument(
        "--page", type=Path, metavar="PATH", help="a page of the host app, or a folder of pages"
    )
    parser.add_argument("--domain", type=Path, metavar="PATH", help="default: domain.yml or domain/")
    parser.add_argument("--data", type=Path, default=Path("data"), metavar="PATH", help="default: data")
    parser.add_argument(
        "--actions", metavar="MODULE", help="default: actions, or the only such module one folder deeper"
    )
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.epilog = "Exit status: 0 if there is no error, else 1. What was not seen yet is no error."


def run(arguments: argparse.Namespace) -> int:
    """Print one line for whatever was seen, was not seen yet, or is wrong."""
    import os
    import sys

    from rasa_autoplay.common.checks import Finding
    from rasa_autoplay.gateway.access.connections import max_descriptors
    from rasa_autoplay.tools.doctor.check_list import CHECKS, PAGE_CHECKS
    from rasa_autoplay.tools.doctor.project import read_project
    from rasa_autoplay.tools.doctor.report import as_json, as_lines

    if arguments.page is not None and not arguments.page.exists():
        raise AutoplayError(f"--page: {arguments.page}: there is no such file or folder.")
    project = read_project(
        Path(),
        python=sys.version_info[:2],
        packages=_installed(),
        environment=os.environ,
        domain=arguments.domain,
        data=arguments.data,
        actions=arguments.actions,
        page=arguments.page,
        max_descriptors=max_descriptors(),
    )
    lines: list[Finding | Note] = [("found", _description(project)), *_examine(CHECKS, project)]
    if project.pages:
        lines += _examine(PAGE_CHECKS, project)
    else:
        lines.append(("skipped", "the app's pages: name them with --page PATH"))
    running = None
    if arguments.live:
        from rasa_autoplay.tools.doctor.health_request import ask
        from rasa_autoplay.tools.doctor.live import HEALTH_CHECKS, SERVER_CHECKS

        running = ask(arguments.live, project)
        lines += _examine(SERVER_CHECKS, running)
        if running.health:
            lines += _examine(HEALTH_CHECKS, running)
    if arguments.production:
        lines += _production(project, running)
    if arguments.json:
        print(as_json(lines))
    else:
        is_coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        print("\n".join(as_lines(lines, is_coloured=is_coloured)))
    return 1 if any(isinstance(each, Finding) and each.state == "error" for each in lines) else 0


def _description(project: Project) -> str:
    """What the checks are about: the distribution of Rasa, and the kind of assistant."""
    from rasa_autoplay.settings.channels_file import channels_path

    names = [name for name in ("rasa", "rasa-pro") if name in project.packages]
    found = " and ".join(f"{name} {project.packages[name]}" for name in names) or "no Rasa"
    python, file = ".".join(map(str, project.python)), channels_path(project.folder).name
    return f"{found}, Python {python}, an assistant with {project.kind.value}, channels in {file}"


def _production(project: Project, running: Running | None) -> Iterator[Finding | Note]:
    from rasa_autoplay.tools.doctor.production import BY_HAND, PRODUCTION_CHECKS, PRODUCTION_SERVER_CHECKS

    yield from _examine(PRODUCTION_CHECKS, project)
    if running is None:
        yield "skipped", "the running server: name it with --live URL"
    else:
        yield from _examine(PRODUCTION_SERVER_CHECKS, running)
    for line in BY_HAND:
        yield "by hand", line


def _examine(checks: Sequence[Check[_SubjectT]], subject: _SubjectT) -> Iterator[Finding]:
    for check in checks:
        yield from check.examine(subject)


def _installed() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    versions = {}
    for name in _PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return versions
