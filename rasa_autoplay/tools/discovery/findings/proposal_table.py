"""The table of proposals in the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rasa_autoplay.common.printable import printable
from rasa_autoplay.settings.durations import format_duration
from rasa_autoplay.tools.discovery.findings.finding import Finding

__all__ = ["as_table"]

_HEAD = ("proposal", "kind", "users", "sessions", "times", "cost", "back-test", "what users do")


def as_table(findings: Sequence[Finding], verdicts: Mapping[str, str]) -> str:
    """Return one line for each finding, under a line of titles.

    Args:
        findings: in the order in which they are shown.
        verdicts: what the back-test says of each, by id.
    """
    rows = [_HEAD, *(_cells(finding, verdicts.get(finding.id, "-")) for finding in findings)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(_HEAD))]
    return "\n".join(
        "  ".join(_fitted(row[at], width, at) for at, width in enumerate(widths)) for row in rows
    )


def _cells(finding: Finding, verdict: str) -> tuple[str, ...]:
    cost = format_duration(round(finding.total_cost_s)) if finding.total_cost_s >= 1 else "-"
    numbers = (f"{number:,}" for number in (finding.users, finding.sessions, finding.times))
    return finding.id, finding.kind.value.replace("_", " "), *numbers, cost, verdict, printable(finding.title)


def _fitted(text: str, width: int, at: int) -> str:
    if at == len(_HEAD) - 1:
        return text
    return text.rjust(width) if 2 <= at <= 5 else text.ljust(width)
