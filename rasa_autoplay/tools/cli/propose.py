"""``rasa-autoplay propose``: shows proposals, and takes one from stage to stage."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rasa_autoplay.errors import AutoplayError

if TYPE_CHECKING:
    from rasa_autoplay.engine.proposals.promotion import Move, Promotion, ProposalStatus

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommand's arguments."""
    parser.add_argument("id", nargs="?", default="", metavar="ID", help="a proposal (default: list all)")
    step = parser.add_mutually_exclusive_group()
    step.add_argument("--to", metavar="STAGE", help="take it to this stage: ghost, 5%% or live")
    step.add_argument("--back", action="store_true", help="take it one stage back, or end its rejection")
    step.add_argument("--reject", metavar="WHY", help="drop it for this reason; it is not proposed again")
    step.add_argument(
        "--check", type=Path, metavar="LOG", help="decide again from a log.jsonl, and report differences"
    )
    parser.add_argument("--force", default="", metavar="WHY", help="the reason for a step against the rule")
    parser.add_argument("--why", default="", metavar="TEXT", help="a note on the step, for your colleagues")
    parser.add_argument(
        "--by", "--who", dest="by", metavar="NAME", help="who does it (default: the name of your account)"
    )
    parser.add_argument("--yes", action="store_true", help="change the files without asking")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: the engine's autoplay.yml")
    parser.epilog = (
        "A step changes the trigger's rollout in autoplay.yml; running engines apply it within a second. "
        "Every step is in `rasa-autoplay changes` and, with all figures, in the proposal's log.jsonl. "
        "docs/discover.md states the rule. Exit status of --check: 1 if a decision differs."
    )


def run(arguments: argparse.Namespace) -> int:
    """List the proposals, show one, or take a step."""
    from rasa_autoplay.tools.cli.propose_check import check_log

    if arguments.check is not None:
        return check_log(arguments.check)
    is_step = arguments.to is not None or arguments.back or arguments.reject is not None
    if not arguments.id and is_step:
        raise AutoplayError("Name the proposal.", remedy="`rasa-autoplay propose` lists all proposals.")
    return asyncio.run(_run(arguments, is_step=is_step))


async def _run(arguments: argparse.Namespace, *, is_step: bool) -> int:
    from rasa_autoplay.tools.cli.project_proposals import open_promotion

    async with open_promotion(arguments.config) as promotion:
        if is_step:
            return await _take(promotion, arguments)
        return await _show(promotion, arguments)


async def _show(promotion: Promotion, arguments: argparse.Namespace) -> int:
    from rasa_autoplay.tools.cli.propose_report import as_json, as_page, as_table

    board = await promotion.board()
    statuses = await promotion.statuses(board, arguments.id)
    problems = {} if arguments.id else board.problems
    if arguments.json:
        print(json.dumps(as_json(statuses, problems), indent=2, ensure_ascii=False))
    else:
        _say(as_page(statuses[0]) if arguments.id else as_table(statuses, problems))
    return 0


async def _take(promotion: Promotion, arguments: argparse.Namespace) -> int:
    status = await promotion.status(arguments.id)
    who, why = _texts(arguments)
    move = await _prepare(promotion, status, arguments)
    if move.needs_reason and not why:
        raise _against(move)
    _say(_announced(move))
    if not (arguments.yes or _agrees()):
        print("Nothing was changed.")
        return 1
    taken = await promotion.take(move, who, why)
    _say(_told(move, is_logged=taken.is_logged))
    return 0


async def _prepare(promotion: Promotion, status: ProposalStatus, arguments: argparse.Namespace) -> Move:
    if arguments.back:
        return await promotion.prepare_back(status)
    if arguments.reject is not None:
        return await promotion.prepare_rejection(status)
    from rasa_autoplay.engine.proposals.stage import Stage

    name = "".join(arguments.to.split()).lower()
    try:
        stage = Stage(f"{name}%" if name == "5" else name)
    except ValueError:
        raise AutoplayError(
            f"--to: {arguments.to!r} is no stage.", remedy="Stages: ghost, 5%, live."
        ) from None
    if stage is Stage.DRAFT:
        raise AutoplayError("--to: a proposal goes back to draft with --back or --reject.")
    return await promotion.prepare(status, stage)


def _texts(arguments: argparse.Namespace) -> tuple[str, str]:
    """Return who takes the step, and why.

    Raises:
        AutoplayError: a text is empty or too long.
    """
    from rasa_autoplay.engine.changes.pause_control import LONGEST_TEXT
    from rasa_autoplay.tools.cli.project_changes import account_name

    who = (arguments.by or account_name()).strip()
    why = (arguments.force or arguments.why) if arguments.reject is None else arguments.reject
    if arguments.reject is not None and not why.strip():
        raise AutoplayError("The reason is empty.", remedy='Say why, for your colleagues: --reject "…"')
    if max(len(who), len(why)) > LONGEST_TEXT:
        raise AutoplayError(f"A name or a reason has at most {LONGEST_TEXT} characters.")
    return who, why.strip()


def _against(move: Move) -> AutoplayError:
    from rasa_autoplay.engine.proposals.wording import verdict_in_words

    return AutoplayError(
        "\n".join(
            [
                f"The rule does not say to take {move.status.id} to {move.to.in_words} now.",
                *verdict_in_words(move.status),
            ]
        ),
        remedy='\nTo do it nevertheless: --force "the reason". The log says that it was against the rule.',
    )


def _announced(move: Move) -> list[str]:
    from rasa_autoplay.engine.proposals.wording import verdict_in_words

    lines = [
        f"{move.status.id}: from {move.status.placed.stage.in_words} to {move.to.in_words}",
        *verdict_in_words(move.status),
    ]
    return [*lines, "", *(move.file_step.diff.splitlines() if move.file_step is not None else [])]


def _told(move: Move, *, is_logged: bool) -> list[str]:
    lines = [f"{move.status.id} is at {move.to.in_words} now. Running engines apply it within 1 s."]
    if not is_logged:
        lines.append(
            "The log of changes could not be written. The proposal's log.jsonl has the step, and the next "
            "`rasa-autoplay propose` adds it to the log of changes."
        )
    return (
        [*lines, f"To undo it: rasa-autoplay propose {move.status.id} --back"]
        if not _is_draft(move)
        else lines
    )


def _is_draft(move: Move) -> bool:
    return move.to is move.to.DRAFT


def _agrees() -> bool:
    if not sys.stdin.isatty():
        raise AutoplayError(
            "There is no terminal to ask for confirmation.",
            remedy="Use --yes to change the files without asking.",
        )
    print("\nTake this step? [y/N] ", end="", flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _say(lines: Sequence[str]) -> None:
    from rasa_autoplay.common.printable import printable

    for line in lines:
        print(printable(line))
