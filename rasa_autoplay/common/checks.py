"""The contract of checks: a check yields problems. The doctor runs them, and so does the studio."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

__all__ = ["Check", "Problem", "error", "warning"]

_SubjectT = TypeVar("_SubjectT", contravariant=True)


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
class Check(Generic[_SubjectT]):
    """One check of a project, or of a running server.

    Attributes:
        name: short and unique; docs/troubleshooting.md explains the check under this name.
        about: what is true if the check finds no problem.
        run: yields the problems that it finds.
    """

    name: str
    about: str
    run: Callable[[_SubjectT], Iterator[Problem]]
