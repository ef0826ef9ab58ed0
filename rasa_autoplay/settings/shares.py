"""Shares of users in settings: ``10%``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

__all__ = ["SHARE_PATTERN", "Share", "format_share", "parse_share"]

#: The accepted strings, as a regular expression that works in every dialect.
SHARE_PATTERN = r"^\s*[0-9]{1,3}(\.[0-9]+)?\s*%\s*$"
_SHARE = re.compile(SHARE_PATTERN)
_EXPECTED = 'write a percentage from 0% to 100%, for example "10%"'


def parse_share(value: object) -> float:
    """Read a percentage as a share from 0 to 1.

    Raises:
        ValueError: it is not a percentage, or more than 100 %.
    """
    if not isinstance(value, str) or _SHARE.match(value) is None:
        raise ValueError(f"{value!r} is not a share of users: {_EXPECTED}")
    share = float(value.strip().rstrip("%")) / 100
    if share > 1:
        raise ValueError(f"{value!r} is more than all users: {_EXPECTED}")
    return share


def format_share(share: float) -> str:
    """Write a share as a percentage; the inverse of :func:`parse_share`."""
    return f"{round(share * 100, 6):g}%"


if TYPE_CHECKING:
    Share = float
else:

    class Share(float):
        """A pydantic field type: a share from 0 to 1, read from a percentage."""

        @classmethod
        def __get_validators__(cls) -> Iterator[Callable[[Any], float]]:
            yield parse_share

        @classmethod
        def __modify_schema__(cls, field_schema: dict[str, Any]) -> None:
            field_schema.clear()
            field_schema.update({"type": "string", "pattern": SHARE_PATTERN})
