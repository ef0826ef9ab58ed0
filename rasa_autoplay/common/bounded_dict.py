"""A dict with a maximum size, for data under keys that clients choose."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

__all__ = ["BoundedDict"]

_KeyT = TypeVar("_KeyT")
_ValueT = TypeVar("_ValueT")


class BoundedDict(OrderedDict[_KeyT, _ValueT]):
    """When it grows beyond its bound, the entry that was written longest ago is removed.

    Args:
        max_entries: the bound; None for no bound.
        on_evicted: is called with the key and the value of an entry that the bound has removed.
    """

    def __init__(
        self, max_entries: int | None, on_evicted: Callable[[_KeyT, _ValueT], object] | None = None
    ) -> None:
        super().__init__()
        self._max_entries = max_entries
        self._on_evicted = on_evicted

    def __setitem__(self, key: _KeyT, value: _ValueT) -> None:
        super().__setitem__(key, value)
        self.move_to_end(key)
        if self._max_entries is not None and len(self) > self._max_entries:
            evicted = self.popitem(last=False)
            if self._on_evicted is not None:
                self._on_evicted(*evicted)
