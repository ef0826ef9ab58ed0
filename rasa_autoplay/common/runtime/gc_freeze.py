"""Keeps the garbage collector away from objects that live as long as the process."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["freeze_gc", "gc_disabled"]


def freeze_gc() -> None:
    """Exclude all current objects from garbage collection.

    Rasa with TensorFlow creates so many objects that a full collection stops the event loop for 300 ms (150
    ms in the action server) and delays every toast by that time. These objects live until the process ends
    anyway.
    """
    gc.collect()
    gc.freeze()


@contextmanager
def gc_disabled() -> Iterator[None]:
    """Disable collections for work whose many objects live until its end and form no cycles."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
