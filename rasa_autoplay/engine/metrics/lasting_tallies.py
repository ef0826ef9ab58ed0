"""Sums of counts whose owners end with a version of the files, so that no counter falls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from rasa_autoplay.common.metrics.histogram import Histogram

__all__ = ["LastingTallies", "Tallies"]

#: What the parts of one version count, by a name.
Tallies = Mapping[str, "Counter[str] | Histogram"]


class LastingTallies:
    """Adds what former versions have counted to what the current one counts."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = {}
        self._histograms: dict[str, Histogram] = {}
        #: The tallies of versions that still finish their work.
        self._leaving: list[tuple[str, Counter[str] | Histogram]] = []

    def leave(self, former: Tallies, current: Tallies) -> None:
        """Keep the tallies of a version that another one has replaced.

        Args:
            former: its tallies.
            current: the tallies of the version in force; those that are the same object continue.
        """
        self._leaving += [each for each in former.items() if current.get(each[0]) is not each[1]]

    def settle(self) -> None:
        """Sum up the tallies of all former versions, because these have finished their work."""
        for name, tally in self._leaving:
            if isinstance(tally, Histogram):
                self._histograms[name] = _added(self._histograms.get(name), tally)
            else:
                self._counts.setdefault(name, Counter()).update(tally)
        self._leaving.clear()

    def counts(self, name: str, current: Tallies) -> Counter[str]:
        """Return the counts under a name, of all versions so far."""
        parts = [self._counts.get(name), *(tally for own, tally in self._leaving if own == name)]
        total: Counter[str] = Counter()
        for part in (*parts, current.get(name)):
            if isinstance(part, Counter):
                total.update(part)
        return total

    def histogram(self, name: str, current: Tallies) -> Histogram | None:
        """Return the observations under a name, of all versions so far; None if there was no such part."""
        total: Histogram | None = None
        parts = [self._histograms.get(name), *(tally for own, tally in self._leaving if own == name)]
        for part in (*parts, current.get(name)):
            if isinstance(part, Histogram):
                total = _added(total, part)
        return total


def _added(total: Histogram | None, more: Histogram) -> Histogram:
    both = more.empty()
    if total is not None:
        both.add(total)
    both.add(more)
    return both
