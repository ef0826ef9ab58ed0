"""What the readers of all formats yield."""

from __future__ import annotations

from typing import NamedTuple

from rasa_autoplay.errors import AutoplayError, MalformedEvent
from rasa_autoplay.gateway.sources.intake import Payload
from rasa_autoplay.gateway.sources.posthog.wire import CapturedRequest

__all__ = ["Entry", "LeftOut", "WrongKind"]


class LeftOut(NamedTuple):
    """Something in a recording that is no action, and is only counted.

    Args:
        reason: its name in the counts, such as ``other_requests``.
    """

    reason: str


class Entry(NamedTuple):
    """One entry of a recording.

    Args:
        line: the line of the file where it begins, from 1.
        content: a payload, a request of posthog-js, or why there is neither.
        source: the source that delivered a payload.
    """

    line: int
    content: Payload | CapturedRequest | LeftOut | MalformedEvent
    source: str = "stream"


class WrongKind(AutoplayError):
    """A file is no recording.

    Args:
        what: what it is instead, such as ``a picture``.
        remedy: what to do instead.
    """

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what, remedy=remedy)
        self.what = what
