"""The table of spans in ``docs/tracing.md``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from support.processes import ROOT
from support.span_collector import CollectedSpan

__all__ = ["DescribedSpan", "described_spans", "undescribed"]

_CODE = re.compile(r"`([^`]+)`")


class DescribedSpan(NamedTuple):
    """A row.

    Args:
        name: the span's name; ``…`` stands for any text.
        service: ``gateway`` or ``engine``.
        kind: its kind.
        attributes: the names of its attributes.
    """

    name: str
    service: str
    kind: str
    attributes: frozenset[str]

    def is_of(self, span: CollectedSpan) -> bool:
        """Whether a span is one that this row describes."""
        pattern = re.escape(self.name).replace("…", ".+")
        is_same = (span.service, span.kind) == (f"autoplay-{self.service}", self.kind)
        return is_same and re.fullmatch(pattern, span.name) is not None


def described_spans() -> list[DescribedSpan]:
    """Return the rows."""
    page = (ROOT / "docs" / "tracing.md").read_text("utf-8")
    rows = [line for line in page.split("## Spans")[1].splitlines() if line.startswith("| `")]
    return [_row(*(cell.strip() for cell in line.strip("|").split("|"))) for line in rows]


def undescribed(spans: Sequence[CollectedSpan]) -> list[str]:
    """Return the spans, and their attributes, that no row describes."""
    rows = described_spans()
    problems = []
    for span in spans:
        row = next((row for row in rows if row.is_of(span)), None)
        known = row.attributes | {"error.type"} if row else frozenset[str]()
        if row is None or not set(span.attributes) <= known:
            problems.append(f"{span.service}: {span.kind} {span.name} {sorted(span.attributes)}")
    return problems


def _row(name: str, service: str, kind: str, attributes: str) -> DescribedSpan:
    (first, *_rest) = _CODE.findall(name)
    return DescribedSpan(first, service, kind, frozenset(_CODE.findall(attributes)))
