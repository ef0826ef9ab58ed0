"""The contract of checks: what is wrong, what was seen, and what was not seen yet.

The doctor runs the checks, and so does the studio. A check is called ``ok`` only for what it has seen: a file
that it has read, or something that a running server has observed. What depends on users, browsers or other
servers is *not seen yet* until one of them has done it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

__all__ = ["Check", "Finding", "Observation", "Problem", "State", "error", "not_seen", "seen", "warning"]

_SubjectT = TypeVar("_SubjectT", contravariant=True)

State = Literal["ok", "not_seen", "warning", "error"]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        found: what the check found, without secrets.
        remedy: what to do about it.
        severity: an error stops something from working; a warning may be intended.
    """

    found: str
    remedy: str
    severity: Literal["error", "warning"]


def error(found: str, remedy: str) -> Problem:
    """Build a problem that stops something from working."""
    return Problem(found, remedy, "error")


def warning(found: str, remedy: str) -> Problem:
    """Build a problem that may be intended."""
    return Problem(found, remedy, "warning")


@dataclass(frozen=True)
class Observation:
    """Something that a check has seen, or has not seen yet.

    Attributes:
        found: what was seen, or what was not, without secrets.
        remedy: what to do so that it is seen; empty if it was.
    """

    found: str
    remedy: str = ""


def seen(found: str) -> Observation:
    """Build an observation of something that was seen."""
    return Observation(found)


def not_seen(found: str, remedy: str) -> Observation:
    """Build an observation of something that was not seen yet, with what to do so that it is."""
    return Observation(found, remedy)


@dataclass(frozen=True)
class Finding:
    """What a check says about its subject; the doctor prints one line for it.

    Attributes:
        check: the check's name.
        state: ``ok``, ``not_seen``, ``warning`` or ``error``.
        found: what the check found, without secrets.
        remedy: what to do about it; empty if it is ok.
    """

    check: str
    state: State
    found: str
    remedy: str = ""


@dataclass(frozen=True)
class Check(Generic[_SubjectT]):
    """One check of a project, or of a running server.

    Attributes:
        name: short and unique; docs/troubleshooting.md explains the check under this name.
        about: what is true if the check finds no problem.
        run: yields the problems that it finds.
        observe: yields what the check has seen and what it has not seen yet, if "no problem" does not mean
            that all is well; nothing if the check does not apply. None if the check reads all that it needs.
    """

    name: str
    about: str
    run: Callable[[_SubjectT], Iterator[Problem]]
    observe: Callable[[_SubjectT], Iterator[Observation]] | None = None

    def examine(self, subject: _SubjectT) -> Iterator[Finding]:
        """Yield the problems; without any, what was seen and what was not."""
        problems = list(self.run(subject))
        for problem in problems:
            yield Finding(self.name, problem.severity, problem.found, problem.remedy)
        if problems:
            return
        if self.observe is None:
            yield Finding(self.name, "ok", self.about)
            return
        for each in self.observe(subject):
            yield Finding(self.name, "not_seen" if each.remedy else "ok", each.found, each.remedy)
