"""Gives freed memory back to the operating system.

The C library keeps the pages of freed objects for later ones. Processes that are forked count them, too.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import sys

__all__ = ["give_back_freed_memory"]


def give_back_freed_memory() -> None:
    """Give back what was freed; where the C library is not glibc, only collect garbage."""
    gc.collect()
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL("libc.so.6").malloc_trim(0)
