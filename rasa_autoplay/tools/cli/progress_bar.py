"""A progress bar on stderr, if that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["progress"]


@contextmanager
def progress(what: str, total: int | None, unit: str) -> Iterator[Callable[[int], object]]:
    """Show a progress bar; yields a function that is called with each step.

    Args:
        what: what is being done, in one word.
        total: how many steps there are; None if unknown.
        unit: of the steps.
    """
    from tqdm import tqdm

    # A bar has a thread that watches it, and a process with threads is not forked.
    tqdm.monitor_interval = 0
    # It would start a thread, and a process with threads cannot be forked.
    tqdm.monitor_interval = 0
    bar = tqdm(total=total, desc=what, unit=unit, unit_scale=True, leave=False, file=sys.stderr, disable=None)
    with bar:
        yield bar.update
