"""The suspect steps in force, and what follows from them. Everything that withholds something asks here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rasa_autoplay.engine.freshness.plain_steps import without_doubtful_labels
from rasa_autoplay.engine.freshness.step_digest import digests_of
from rasa_autoplay.engine.freshness.suspect import Suspect
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath

__all__ = ["NO_SUSPECTS", "SuspectSteps", "withheld_tours"]


class SuspectSteps:
    """The suspect steps that are known now, in whatever version of the golden paths."""

    def __init__(self) -> None:
        self._in_force: Mapping[tuple[str, str, str], Suspect] = {}
        #: The ids of the paths with a suspect step, of some version.
        self._path_ids: frozenset[str] = frozenset()
        self._plain: dict[str, tuple[GoldenPath, GoldenPath]] = {}

    def know(self, in_force: Mapping[tuple[str, str, str], Suspect]) -> None:
        """Replace the suspect steps, which are given by path id, step id and digest."""
        self._in_force = in_force
        self._path_ids = frozenset(path_id for path_id, _, _ in in_force)
        self._plain.clear()

    def of_path(self, path: GoldenPath) -> Sequence[Suspect]:
        """Return the suspect steps of this version of a path, in the path's order."""
        if path.id not in self._path_ids:
            return ()
        keys = ((path.id, step_id, digest) for step_id, digest in digests_of(path).items())
        return [found for key in keys if (found := self._in_force.get(key)) is not None]

    def why_withheld(self, path: GoldenPath | None) -> str:
        """Return why a path's tour is withheld, for people; empty if it is not."""
        suspects = self.of_path(path) if path is not None else ()
        if path is None or not suspects:
            return ""
        first = suspects[0]
        return f"tour withheld: step {first.step_id} of path {path.id} is suspect: {first.describe()}"

    def as_written(self, path: GoldenPath) -> GoldenPath:
        """Return a path as the chat writes it: without the labels that may be wrong."""
        if path.id not in self._path_ids:
            return path
        known = self._plain.get(path.id)
        if known is None or known[0] is not path:
            known = self._plain[path.id] = (path, without_doubtful_labels(path, self.of_path(path)))
        return known[1]


def withheld_tours(paths: Iterable[GoldenPath], suspects: SuspectSteps) -> list[dict[str, Any]]:
    """Return the suspect steps that withhold a tour, for JSON."""
    return [
        found.as_json()
        for path in paths
        if path.tour_steps() or path.flow_id
        for found in suspects.of_path(path)
    ]


#: Knows no suspect step, for replays and other parts without freshness.
NO_SUSPECTS = SuspectSteps()
