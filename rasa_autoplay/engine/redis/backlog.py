"""What an engine has read from its streams and not worked off yet: there, senders take turns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from rasa_autoplay.link.fair_queue import FairQueue
from rasa_autoplay.link.messages import UpMessage, sender_of, weight_of

__all__ = ["Backlog", "Report"]

#: As much as a gateway's own queue holds. The rest stays in Redis meanwhile, in the order in which it came.
MAX_WEIGHT = 200_000


class _Entry:
    """An entry of a stream, and how many of its messages are still to be worked off."""

    __slots__ = ("generation", "left", "partition", "worked_off")

    def __init__(self, partition: int, generation: int, left: int, worked_off: Callable[[], None]) -> None:
        self.partition, self.generation, self.left = partition, generation, left
        self.worked_off = worked_off


class Report(NamedTuple):
    """A message whose turn has come.

    Args:
        partition: of the stream in which it came.
        gateway_id: who reports.
        message: what.
        entry: in which it came.
    """

    partition: int
    gateway_id: str
    message: UpMessage
    entry: _Entry


class Backlog:
    """Messages of one sender stay in order; senders take turns.

    An entry is worked off with the last of its messages. An engine that dies before leaves it to the next
    owner of the partition.
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
        self, partition: int, gateway_id: str, messages: Sequence[UpMessage], worked_off: Callable[[], None]
    ) -> None:
        """Take up what an entry of a stream holds.

        Args:
            partition: whose stream.
            gateway_id: who reports.
            messages: at least one.
            worked_off: is called when the last of them was worked off.
        """
        entry = _Entry(partition, self._generations[partition], len(messages), worked_off)
        for message in messages:
            report = Report(partition, gateway_id, message, entry)
            self._queue.put(sender_of(message), report, weight_of(message))

    def pop(self) -> Report | None:
        """The message whose turn it is; None when there is none."""
        while (report := self._queue.pop()) is not None:
            if report.entry.generation == self._generations[report.partition]:
                return report
        return None

    def settle(self, report: Report) -> None:
        """A message was worked off."""
        entry = report.entry
        entry.left -= 1
        if not entry.left and entry.generation == self._generations[entry.partition]:
            entry.worked_off()

    def forget(self, partitions: Collection[int]) -> None:
        """Another engine works off what was read of these partitions."""
        self._generations.update(partitions)


#: What was read is never given up; :attr:`Backlog.is_full` bounds what is read.
_UNBOUNDED = 2**62


def _never_displaced(_report: Report) -> None:
    raise AssertionError("nothing gives way in a queue without a bound")
