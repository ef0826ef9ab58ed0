"""Bounds the values of a label whose names people choose, such as the ids of triggers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

__all__ = ["OTHER", "KnownNames"]

#: Stands for every name that is not known.
OTHER = "other"
#: Names beyond this number count as :data:`OTHER`.
_MAX_NAMES = 200


class KnownNames:
    """The names that may be values of a label.

    A name stays known while the process lives. So a counter never falls, also if a trigger is removed from
    the files and comes back.

    Args:
        names: names that are always known.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = dict.fromkeys(names)

    def learn(self, names: Iterable[str]) -> None:
        """Know these names from now on, as far as there is room."""
        for name in names:
            if len(self._names) < _MAX_NAMES:
                self._names.setdefault(name)

    def label(self, name: str) -> str:
        """Return the name if it is known, else :data:`OTHER`."""
        return name if name in self._names else OTHER

    def __iter__(self) -> Iterator[str]:
        """Iterate over all possible values of the label."""
        yield from self._names
        yield OTHER
