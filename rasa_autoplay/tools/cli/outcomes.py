"""``rasa-autoplay outcomes``: what other systems were told about offers, and what they did not get."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.tools.cli.operator_access import add_credentials_argument, admin_key

__all__ = ["add_arguments", "run"]

_COLUMNS = ("receiver", "state", "waiting", "delivered", "failed", "last success", "last problem")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommand's arguments."""
    parser.add_argument(
        "--live",
        metavar="URL",
        default="http://localhost:5005",
        help="the Rasa server (default: %(default)s)",
    )
    again = parser.add_mutually_exclusive_group()
    again.add_argument("--resend", nargs="+", metavar="ID", help="send these again, by their ids")
    again.add_argument(
        "--resend-since", metavar="DURATION", help="send all again that are not older, such as 2h"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_credentials_argument(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the receivers and what they did not get, or let outcomes be sent again."""
    from rasa_autoplay.common.printable import printable
    from rasa_autoplay.tools.operator_request import ask_as_operator, post_as_operator

    missing = AutoplayError(
        f"{arguments.live} has no route for outcomes.",
        remedy="Give the address of a Rasa server with this version of rasa-autoplay.",
    )
    key = admin_key(arguments)
    if arguments.resend or arguments.resend_since:
        answer = post_as_operator(arguments.live, "/outcomes/resend", _again(arguments), key, missing)
        count = int(answer.get("count") or 0)
        print(json.dumps(answer) if arguments.json else f"{count} outcomes are sent again.")
        return 0
    found = ask_as_operator(arguments.live, "/outcomes", key, missing)
    if arguments.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return 0
    for line in [*_table(found.get("targets") or {}), *_undelivered(found.get("undelivered") or ())]:
        print(printable(line))
    return 0


def _again(arguments: argparse.Namespace) -> dict[str, Any]:
    from rasa_autoplay.settings.durations import parse_duration_s

    if arguments.resend:
        return {"ids": arguments.resend}
    try:
        return {"since_s": parse_duration_s(arguments.resend_since)}
    except ValueError as problem:
        raise AutoplayError(f"--resend-since: {problem}.") from None


def _table(targets: Mapping[str, Mapping[str, Any]]) -> list[str]:
    rows = [_COLUMNS, *(_row(name, target) for name, target in targets.items())]
    widths = [max(len(row[place]) for row in rows) for place in range(len(_COLUMNS))]
    cells = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows]
    return ["  ".join(each).rstrip() for each in cells]


def _row(name: str, target: Mapping[str, Any]) -> tuple[str, ...]:
    counts = (str(target.get(each, 0)) for each in ("waiting", "delivered", "failed"))
    succeeded = _time(target["succeeded_at"]) if target.get("succeeded_at") else "never"
    problem = f"{target['problem']} ({_time(target['problem_at'])})" if target.get("problem") else ""
    return (name, str(target.get("state", "")), *counts, succeeded, problem)


def _undelivered(outcomes: Sequence[Mapping[str, Any]]) -> list[str]:
    if not outcomes:
        return ["Nothing waits, and nothing has failed."]
    return ["", "Not delivered, newest first. Times are in UTC:", *map(_line, outcomes)]


def _line(outcome: Mapping[str, Any]) -> str:
    what = f"{outcome['outcome_id']}  {outcome['type']:<17}  {outcome['target']}"
    head = f"{what}  {_time(outcome['recorded_at'])}"
    if outcome["state"] == "failed":
        return f"{head}  failed: {outcome['problem']}"
    if not outcome["attempts"]:
        return f"{head}  waits"
    return f"{head}  attempt {outcome['attempts'] + 1} at {_time(outcome['due_at'])}: {outcome['problem']}"


def _time(at: float) -> str:
    return f"{datetime.fromtimestamp(at, timezone.utc):%Y-%m-%d %H:%M:%S}"
