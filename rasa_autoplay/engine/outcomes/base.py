"""The contracts of the delivery: targets get outcomes, and say what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

__all__ = ["Claimed", "Settlement", "Target", "TargetState"]


class Claimed(NamedTuple):
    """An outcome that is this engine's to deliver, until its claim expires.

    Args:
        number: identifies the outcome for one target.
        outcome_id: the outcome's id.
        body: the outcome as JSON.
    """

    number: int
    outcome_id: str
    body: str


class Settlement(NamedTuple):
    """What became of an attempt to deliver an outcome.

    Args:
        number: identifies the outcome for one target.
        problem: why it was not delivered, without secrets; empty if it was.
        not_before: the earliest time of the next attempt that the receiver wants, epoch seconds.
        is_gone: whether the receiver wants no outcomes any more.
    """

    number: int
    problem: str = ""
    not_before: float = 0.0
    is_gone: bool = False

    @property
    def is_delivered(self) -> bool:
        """Whether the receiver has the outcome."""
        return not self.problem


class TargetState(NamedTuple):
    """What the database knows about a target.

    Args:
        target: its name.
        waiting: number of outcomes that are not delivered yet.
        delivered: number of outcomes delivered so far.
        failed: number of outcomes that were given up, and are kept for resending.
        dropped: number of outcomes that were deleted undelivered, because there were too many.
        oldest_at: when the oldest waiting outcome was recorded, epoch seconds; 0 for none.
        succeeded_at: the last success, epoch seconds; 0 for none.
        problem: the last problem; empty if the last attempt was a success.
        problem_at: when it occurred, epoch seconds.
        gone: digest of the address that has answered 410 Gone; empty for none.
    """

    target: str
    waiting: int = 0
    delivered: int = 0
    failed: int = 0
    dropped: int = 0
    oldest_at: float = 0.0
    succeeded_at: float = 0.0
    problem: str = ""
    problem_at: float = 0.0
    gone: str = ""


class Target(Protocol):
    """Somebody that outcomes are sent to.

    Args:
        name: as in autoplay.yml, such as ``webhook``.
        address: digest of the address, which says whether a later one is another.
        batch_size: how many outcomes one request holds at most.
        requests: how many requests may be open at once.
    """

    name: str
    address: str
    batch_size: int
    requests: int

    async def send(self, outcomes: Sequence[Claimed]) -> Sequence[Settlement]:
        """Send one request, and return what became of each outcome. Never raises for a faulty receiver."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...
