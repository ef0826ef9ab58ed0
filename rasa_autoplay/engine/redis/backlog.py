"""Messages that an engine has read but not applied yet; their senders take turns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from rasa_autoplay.link.fair_queue import FairQueue
from rasa_autoplay.link.messages import UpMessage, sender_of, weight_of

__all__ = ["Backlog", "Report"]

#: The same limit as a gateway's own queue; further messages stay in Redis, in order.
MAX_WEIGHT = 200_000


class _Entry:
    """A stream entry, and the number of its messages that are not applied yet."""

    __slots__ = ("generation", "left", "on_applied", "partition")

    def __init__(self, partition: int, generation: int, left: int, on_applied: Callable[[], None]) -> None:
        self.partition, self.generation, self.left = partition, generation, left
        self.on_applied = on_applied


class Report(NamedTuple):
    """The next message to apply.

    Args:
        partition: its stream's partition.
        gateway_id: the gateway that sent it.
        message: the message.
        entry: the stream entry that has it.
    """

    partition: int
    gateway_id: str
    message: UpMessage
    entry: _Entry


class Backlog:
    """A queue in which senders take turns, and the messages of one sender stay in order.

    An entry counts as applied when all its messages are. If the engine dies before that, the next owner of
    the partition applies the entry again.
    """

    def __init__(self) -> None:
        self._queue: FairQueue[Report] = FairQueue(_UNBOUNDED, _never_displaced)
        #: How often each partition was forgotten.
        self._generations: Counter[int] = Counter()

    def __len__(self) -> int:
        return len(self._queue)

    @property
    def is_full(self) -> bool:
        """Whether the engine should stop reading."""
        return self._queue.weight >= MAX_WEIGHT

    def add(
        self, partition: int, gateway_id: str, messages: Sequence[UpMessage], on_applied: Callable[[], None]
    ) -> None:
        """Add the messages of a stream entry.

        Args:
            partition: the stream's partition.
            gateway_id: the gateway that sent them.
            messages: at least one.
            on_applied: called when all of them are applied.
        """
        entry = _Entry(partition, self._generations[partition], len(messages), on_applied)
        for message in messages:
            report = Report(partition, gateway_id, message, entry)
            self._queue.put(sender_of(message), report, weight_of(message))

    def pop(self) -> Report | None:
        """Return the next message; None if there is none."""
        while (report := self._queue.pop()) is not None:
            if report.entry.generation == self._generations[report.partition]:
                return report
        return None

    def mark_applied(self, report: Report) -> None:
        """Record that a message is applied."""
        entry = report.entry
        entry.left -= 1
        if not entry.left and entry.generation == self._generations[entry.partition]:
            entry.on_applied()

    def forget(self, partitions: Collection[int]) -> None:
        """Forget the messages of these partitions, because another engine applies them."""
        self._generations.update(partitions)


#: The queue never drops messages; :attr:`Backlog.is_full` limits reading instead.
_UNBOUNDED = 2**62


def _never_displaced(_report: Report) -> None:
    raise AssertionError("an unbounded queue never displaces a message")
