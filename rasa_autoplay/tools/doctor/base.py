"""What a check is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

__all__ = ["Check", "Problem", "error", "warning"]

_SubjectT = TypeVar("_SubjectT")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        found: what stands there, without secrets.
        remedy: what to do about it.
        severity: an error keeps something from working; a warning may be meant.
    """

    found: str
    remedy: str
    severity: Literal["error", "warning"]


def error(found: str, remedy: str) -> Problem:
    """Something does not work."""
    return Problem(found, remedy, "error")


def warning(found: str, remedy: str) -> Problem:
    """Something may not be as it was meant."""
    return Problem(found, remedy, "warning")


@dataclass(frozen=True)
class Check(Generic[_SubjectT]):
    """One question to a project, or to a running server.

    Attributes:
        name: short, unique; docs/troubleshooting.md explains it under this name.
        about: what is in order when nothing is found.
        run: looks, and tells what it finds.
    """

    name: str
    about: str
    run: Callable[[_SubjectT], Iterator[Problem]]
