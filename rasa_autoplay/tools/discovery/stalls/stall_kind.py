"""How users stall."""

from __future__ import annotations

from enum import Enum

__all__ = ["StallKind"]


class StallKind(str, Enum):
    """What users do at a step."""

    GIVE_UP = "give_up"
    FAIL = "fail"
    REPEAT = "repeat"
