"""``rasa-autoplay verify``: walks the golden paths in a browser and reports what the app no longer has."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rasa_autoplay.errors import AutoplayError

if TYPE_CHECKING:
    from rasa_autoplay.tools.verification.options import VerifyOptions
    from rasa_autoplay.tools.verification.report import PathReport, Report

__all__ = ["add_arguments", "run"]

_CANNOT_RUN = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommand's arguments."""
    parser.add_argument("url", metavar="URL", help="the app, such as http://localhost:3000")
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: the engine's autoplay.yml")
    parser.add_argument(
        "--path", action="append", default=[], metavar="ID", help="only this golden path; may be repeated"
    )
    parser.add_argument(
        "--start",
        action="append",
        default=[],
        metavar="ID=PAGE",
        help="where a golden path begins, such as edit-project=/projects/42, instead of its page",
    )
    signs_in = parser.add_mutually_exclusive_group()
    signs_in.add_argument(
        "--storage-state",
        type=Path,
        metavar="FILE",
        help="a signed-in browser's state, written by Playwright",
    )
    signs_in.add_argument(
        "--sign-in", metavar="SCRIPT.py:FUNCTION", help="your function that signs in on Playwright's page"
    )
    parser.add_argument(
        "--finish", action="store_true", help="also perform the last step of each path, which may change data"
    )
    parser.add_argument(
        "--timeout",
        type=float,
        default=5.0,
        metavar="SECONDS",
        help="how long to wait for an element; a page may take six times as long (default: %(default)s)",
    )
    parser.add_argument("--ignore-https-errors", action="store_true", help="accept a self-signed certificate")
    parser.add_argument(
        "--browser", type=Path, metavar="FILE", help="default: Playwright's Chromium, or an installed one"
    )
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="write one picture of each step")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="also write the result as JUnit XML")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the result as JSON")
    parser.epilog = "Exit status: 0 if nothing was found, 1 if something was, 2 if it cannot run."


def run(arguments: argparse.Namespace) -> int:
    """Verify, print each path when it is done, and write the files."""
    try:
        report = _verify(arguments)
    except AutoplayError as problem:
        # 1 would mean that a golden path is stale.
        print(problem, file=sys.stderr)
        return _CANNOT_RUN
    return 0 if report.is_ok else 1


def _verify(arguments: argparse.Namespace) -> Report:
    from rasa_autoplay.settings.engine import find_engine_file
    from rasa_autoplay.settings.yaml_file import YamlFile
    from rasa_autoplay.tools.verification.chromium import launched
    from rasa_autoplay.tools.verification.formats import as_json, as_junit
    from rasa_autoplay.tools.verification.project import check_ids, choose_paths, read_pages, read_paths
    from rasa_autoplay.tools.verification.session import context_options
    from rasa_autoplay.tools.verification.sign_in import SignedIn, load_script, read_state, sign_in
    from rasa_autoplay.tools.verification.table import summary
    from rasa_autoplay.tools.verification.verifier import Verifier

    options = _options(arguments)
    engine_file = YamlFile(arguments.config) if arguments.config else find_engine_file()
    all_paths = read_paths(engine_file)
    paths = choose_paths(all_paths, arguments.path)
    check_ids([path.id for _, path in all_paths], list(options.starts))
    pages = read_pages(engine_file.path.parent)
    signed_in = read_state(arguments.storage_state) if arguments.storage_state else SignedIn()
    script = load_script(arguments.sign_in) if arguments.sign_in else None
    with launched(arguments.browser) as browser:
        if script is not None:
            file = Path(arguments.sign_in.rpartition(":")[0])
            signed_in = sign_in(browser, script, file, context_options(options), options.url)
        verifier = Verifier(browser, options, signed_in, pages, [path for _, path in all_paths])
        report = verifier.verify(paths, _print)
    print(summary(report))
    if not options.finish:
        print("The last step of each path was checked, but not performed; --finish performs it.")
    if arguments.json:
        _write(arguments.json, json.dumps(as_json(report), indent=2, ensure_ascii=False) + "\n")
    if arguments.junit:
        _write(arguments.junit, as_junit(report))
    return report


def _options(arguments: argparse.Namespace) -> VerifyOptions:
    from rasa_autoplay.tools.verification.options import VerifyOptions, check_url

    if arguments.timeout <= 0:
        raise AutoplayError("--timeout: write a number of seconds above 0.")
    starts = {}
    for entry in arguments.start:
        path_id, mark, page = entry.partition("=")
        if not mark or not page.startswith(("/", "#", "?")):
            raise AutoplayError(
                f"--start: {entry!r} names no page.", remedy="Write it like edit-project=/projects/42"
            )
        starts[path_id] = page
    if arguments.pictures:
        try:
            arguments.pictures.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise AutoplayError(f"--pictures: {arguments.pictures}: {problem.strerror}.") from None
    return VerifyOptions(
        check_url(arguments.url),
        timeout_s=arguments.timeout,
        finish=arguments.finish,
        pictures=arguments.pictures,
        ignore_https_errors=arguments.ignore_https_errors,
        starts=starts,
    )


def _print(path: PathReport) -> None:
    import os

    from rasa_autoplay.tools.verification.table import path_as_text

    colours = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    print(path_as_text(path, colours=colours), end="\n\n", flush=True)


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise AutoplayError(f"{file}: cannot be written: {problem.strerror}.") from None
