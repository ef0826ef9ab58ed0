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
    if not sys.stderr.isatty():
        yield int
        return
    from tqdm import tqdm

    # It would start a thread that watches the bar, and a process with threads cannot be forked.
    tqdm.monitor_interval = 0
    with tqdm(total=total, desc=what, unit=unit, unit_scale=True, leave=False, file=sys.stderr) as bar:
        yield bar.update
