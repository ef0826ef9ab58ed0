"""A queue that serves its senders in turn, so that a flood delays only the sender who makes it.

Deficit round robin with a head start for senders that were idle, as in FQ-CoDel (RFC 8290, section 4.2). When
the queue is full, a sender that holds more than a hundredth of it is refused, and loses items to all others.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

__all__ = ["FairQueue"]

_ItemT = TypeVar("_ItemT")

#: Weight that a sender may send in one turn. The sender of a heavier item waits for more turns.
QUANTUM = 32
#: A sender that holds more than this part of a full queue floods it.
_FLOOD = 0.01


class _Flow(Generic[_ItemT]):
    """One sender's items in the queue."""

    __slots__ = ("deficit", "items", "sender", "weight")

    def __init__(self, sender: str) -> None:
        self.sender = sender
        self.items: deque[tuple[_ItemT, int]] = deque()
        self.weight = 0
        self.deficit = QUANTUM


class FairQueue(Generic[_ItemT]):
    """Keeps the items of each sender in order, and lets senders take turns.

    Args:
        max_weight: the total weight at which the queue is full; the last item may exceed it.
        on_evicted: called for each item that a flooding sender loses to another sender.
    """

    def __init__(self, max_weight: int, on_evicted: Callable[[_ItemT], None]) -> None:
        self._max_weight = max_weight
        self._on_evicted = on_evicted
        #: Senders that flood the queue and lose items to others.
        self._floods: dict[str, _Flow[_ItemT]] = {}
        self._flows: dict[str, _Flow[_ItemT]] = {}
        #: Senders in their first turn after they were idle; they go before the others.
        self._new: deque[_Flow[_ItemT]] = deque()
        self._old: deque[_Flow[_ItemT]] = deque()
        self._count = 0
        self.weight = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[_ItemT]:
        """Iterate over the items, in no particular order of their senders."""
        return (item for flow in self._flows.values() for item, _ in flow.items)

    def put(self, sender: str, item: _ItemT, weight: int) -> bool:
        """Add an item behind its sender's others; return False if there is no room."""
        while self.weight >= self._max_weight:
            if sender in self._floods or not self._floods:
                return False
            self._evict(max(self._floods.values(), key=lambda flow: flow.weight))
        flow = self._flows.get(sender)
        if flow is None:
            flow = self._flows[sender] = _Flow(sender)
            self._new.append(flow)
        flow.items.append((item, weight))
        self._weigh(flow, weight, 1)
        return True

    def _evict(self, flow: _Flow[_ItemT]) -> None:
        item, weight = flow.items.pop()
        self._weigh(flow, -weight, -1)
        self._on_evicted(item)

    def _weigh(self, flow: _Flow[_ItemT], weight: int, count: int) -> None:
        flow.weight += weight
        self.weight += weight
        self._count += count
        if flow.weight > self._max_weight * _FLOOD:
            self._floods[flow.sender] = flow
        else:
            self._floods.pop(flow.sender, None)

    def pop(self) -> _ItemT | None:
        """Remove and return the next item; None if the queue is empty."""
        while flows := self._new or self._old:
            flow = flows[0]
            if flow.deficit <= 0:
                flow.deficit += QUANTUM
                self._move_to_end(flows)
            elif flow.items:
                return self._pop_from(flow)
            elif flows is self._new and self._old:
                # Otherwise a sender that is briefly idle again and again would always go first.
                self._move_to_end(flows)
            else:
                del self._flows[flows.popleft().sender]
        return None

    def _move_to_end(self, flows: deque[_Flow[_ItemT]]) -> None:
        self._old.append(flows.popleft())

    def _pop_from(self, flow: _Flow[_ItemT]) -> _ItemT:
        item, weight = flow.items.popleft()
        flow.deficit -= weight
        self._weigh(flow, -weight, -1)
        return item
