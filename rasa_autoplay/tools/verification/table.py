"""Formats a verification for the terminal, in 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from rasa_autoplay.common.printable import printable
from rasa_autoplay.tools.verification.report import Finding, PathReport, Report, StepReport

__all__ = ["path_as_text", "summary"]

_WIDTH = 80
_INDENT = " " * 14
_RESET = "\x1b[0m"
_COLOURS = {
    "ok": "\x1b[32m",
    "finding": "\x1b[1;31m",
    "skipped": "\x1b[33m",
    "not checked": "\x1b[33m",
}


def path_as_text(path: PathReport, *, colours: bool = False) -> str:
    """Format one golden path: a line for each step, and what is wrong with it.

    Texts come from the page, so characters that could command a terminal are replaced.
    """
    lines = [f"{path.path_id}: {path.title} ({path.file})"]
    if path.skipped:
        lines += _wrapped("  skipped     ", path.skipped)
    for finding in path.findings:
        lines += _finding(path, None, finding, colours)
    if not path.skipped and not path.findings:
        for step in path.steps:
            lines += _step(path, step, colours)
    for note in path.notes:
        lines += _wrapped("  note        ", note)
    return "\n".join(lines)


def summary(report: Report) -> str:
    """Format the counts."""
    ok, skipped, unchecked = report.count("ok"), report.count("skipped"), report.count("not checked")
    parts = [_counted(len(report.paths), "path"), f"{_counted(ok, 'step')} ok"]
    parts += [f"{skipped} skipped"] if skipped else []
    parts += [f"{unchecked} not checked"] if unchecked else []
    parts.append(_counted(report.findings, "finding"))
    return ", ".join(parts) + "."


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _step(path: PathReport, step: StepReport, colours: bool) -> Iterator[str]:
    if not step.findings:
        yield from _wrapped(_head(step.status, colours), f"{step.step_id}: {step.title}", colours)
    for finding in step.findings:
        yield from _finding(path, step, finding, colours)
    for note in step.notes:
        yield from _wrapped(_INDENT, f"({note})")


def _finding(path: PathReport, step: StepReport | None, finding: Finding, colours: bool) -> Iterator[str]:
    place = f"{path.path_id}:{step.step_id}:{finding.line}" if step else f"{path.path_id}:{finding.line}"
    yield from _wrapped(_head(finding.kind, colours, "finding"), place, colours)
    yield from _wrapped(_INDENT, finding.message)
    for remedy in finding.remedies:
        yield from _wrapped(f"{_INDENT}→ ", remedy, hanging=f"{_INDENT}  ")


def _head(name: str, colours: bool, colour: str = "") -> str:
    padded = f"  {name:<12}"
    return f"{_COLOURS[colour or name]}{padded}{_RESET}" if colours else padded


def _wrapped(head: str, text: str, colours: bool = False, hanging: str = _INDENT) -> list[str]:
    # The head's colours take no room.
    plain_head = " " * len(_INDENT) if colours else head
    lines = textwrap.wrap(
        printable(text),
        _WIDTH,
        initial_indent=plain_head,
        subsequent_indent=hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
    if colours and lines:
        lines[0] = head + lines[0][len(plain_head) :]
    return lines
