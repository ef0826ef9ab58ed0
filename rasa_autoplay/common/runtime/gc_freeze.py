"""Keeps the garbage collector off what will never be garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["freeze_gc", "without_collections"]


def freeze_gc() -> None:
    """Take everything that is loaded by now out of the collector's sight.

    Rasa with TensorFlow leaves so many objects that a full collection stops the event loop for 300 ms, in the
    action server for 150 ms: every toast that is on its way then comes that much later. They stay until the
    process ends anyway.
    """
    gc.collect()
    gc.freeze()


@contextmanager
def without_collections() -> Iterator[None]:
    """Let no collection run: for work whose millions of objects all live to its end, and make no cycles."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
