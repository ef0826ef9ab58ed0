"""Messages that an engine has read and not applied yet, in fair turns of their senders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from rasa_autoplay.link.fair_queue import FairQueue
from rasa_autoplay.link.messages import UpMessage, sender_of, weight_of

__all__ = ["Backlog", "Report"]

#: As much as a gateway's own queue holds; the rest stays in Redis, in its order.
MAX_WEIGHT = 200_000


class _Entry:
    """An entry of a stream, and how many of its messages are not applied yet."""

    __slots__ = ("generation", "left", "on_applied", "partition")

    def __init__(self, partition: int, generation: int, left: int, on_applied: Callable[[], None]) -> None:
        self.partition, self.generation, self.left = partition, generation, left
        self.on_applied = on_applied


class Report(NamedTuple):
    """A message whose turn has come.

    Args:
        partition: of its stream.
        gateway_id: the sender.
        message: what it reports.
        entry: the entry that held it.
    """

    partition: int
    gateway_id: str
    message: UpMessage
    entry: _Entry


class Backlog:
    """Messages of one sender stay in order; senders take turns.

    An entry counts as applied with the last of its messages. An engine that dies before that leaves it to the
    next owner of the partition.
    """

    def __init__(self) -> None:
        self._queue: FairQueue[Report] = FairQueue(_UNBOUNDED, _never_displaced)
        #: How often each partition was forgotten.
        self._generations: Counter[int] = Counter()

    def __len__(self) -> int:
        return len(self._queue)

    @property
    def is_full(self) -> bool:
        """Whether nothing more should be read."""
        return self._queue.weight >= MAX_WEIGHT

    def add(
        self, partition: int, gateway_id: str, messages: Sequence[UpMessage], on_applied: Callable[[], None]
    ) -> None:
        """Add the messages of a stream entry.

        Args:
            partition: whose stream.
            gateway_id: the sender.
            messages: at least one.
            on_applied: is called when the last of them was applied.
        """
        entry = _Entry(partition, self._generations[partition], len(messages), on_applied)
        for message in messages:
            report = Report(partition, gateway_id, message, entry)
            self._queue.put(sender_of(message), report, weight_of(message))

    def pop(self) -> Report | None:
        """The next message; None when there is none."""
        while (report := self._queue.pop()) is not None:
            if report.entry.generation == self._generations[report.partition]:
                return report
        return None

    def mark_applied(self, report: Report) -> None:
        """Record that a message was applied."""
        entry = report.entry
        entry.left -= 1
        if not entry.left and entry.generation == self._generations[entry.partition]:
            entry.on_applied()

    def forget(self, partitions: Collection[int]) -> None:
        """Forget what was read of these partitions: another engine applies it."""
        self._generations.update(partitions)


#: What was read is never dropped; :attr:`Backlog.is_full` limits what is read.
_UNBOUNDED = 2**62


def _never_displaced(_report: Report) -> None:
    raise AssertionError("an unbounded queue displaces nothing")
