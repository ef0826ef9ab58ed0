"""What a verification found, for all forms of output."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Finding", "FindingKind", "Opener", "PathReport", "Replacement", "Report", "Status", "StepReport"]

FindingKind = Literal[
    "missing",
    "hidden",
    "ambiguous",
    "renamed",
    "disabled",
    "covered",
    "unproven",
    "unreachable",
    "sign-in",
]
Status = Literal["ok", "finding", "skipped", "not checked"]


@dataclass(frozen=True)
class Opener:
    """A control that must be used before an element appears, such as a menu's button.

    Args:
        selector: CSS selector.
        label: its accessible name.
    """

    selector: str
    label: str


@dataclass(frozen=True)
class Replacement:
    """The element that a step should probably point at.

    Args:
        selector: CSS selector.
        label: its accessible name; empty if it has none.
        page: path of its page, if that is not the page of the step.
        opener: what must be used first.
    """

    selector: str
    label: str = ""
    page: str = ""
    opener: Opener | None = None


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Args:
        kind: what is wrong.
        message: a sentence.
        line: of what is wrong, in the golden path's file.
        replacement: the best replacement, if there is one.
        remedies: what to do, such as YAML lines to write.
    """

    kind: FindingKind
    message: str
    line: int
    replacement: Replacement | None = None
    remedies: tuple[str, ...] = ()


@dataclass
class StepReport:
    """What became of one step.

    Args:
        step_id: its id.
        title: its title, or its text if it has none.
        line: its line in the file.
    """

    step_id: str
    title: str
    line: int
    status: Status = "not checked"
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    picture: str = ""

    def add(self, finding: Finding) -> None:
        """Add a finding."""
        self.findings.append(finding)
        self.status = "finding"


@dataclass
class PathReport:
    """What became of one golden path.

    Args:
        path_id: its id.
        title: its title.
        file: name of its file.
        steps: in order.
        skipped: why it was not walked; empty if it was.
    """

    path_id: str
    title: str
    file: str
    steps: list[StepReport]
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    skipped: str = ""

    @property
    def all_findings(self) -> Iterator[tuple[StepReport | None, Finding]]:
        """Each finding with its step; None for findings about the whole path."""
        yield from ((None, finding) for finding in self.findings)
        yield from ((step, finding) for step in self.steps for finding in step.findings)

    @property
    def is_ok(self) -> bool:
        """Whether nothing was found."""
        return next(self.all_findings, None) is None


@dataclass
class Report:
    """What a verification found.

    Args:
        url: the app's address, without query and credentials.
        paths: in order.
    """

    url: str
    paths: list[PathReport]

    @property
    def is_ok(self) -> bool:
        """Whether nothing was found."""
        return all(path.is_ok for path in self.paths)

    def count(self, status: Status) -> int:
        """How many steps have a status."""
        return sum(step.status == status for path in self.paths for step in path.steps)

    @property
    def findings(self) -> int:
        """How many findings there are."""
        return sum(1 for path in self.paths for _ in path.all_findings)
