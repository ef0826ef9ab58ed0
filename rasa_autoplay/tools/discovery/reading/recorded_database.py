"""Reads the sessions that the engine has recorded into columns, for ``--recorded``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import itemgetter
from pathlib import Path

from rasa_autoplay.engine.replay.moment import Moment
from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.tools.discovery.columns.columns import Columns
from rasa_autoplay.tools.discovery.reading.part_collector import Part, PartCollector
from rasa_autoplay.tools.discovery.reading.part_joiner import PartJoiner
from rasa_autoplay.tools.simulation.recorded_database import read_recorded
from rasa_autoplay.tools.simulation.recordings import Recordings, store_payload

__all__ = ["read_recorded_columns", "read_recorded_sessions"]

#: So many actions are collected before they are joined to the others.
_PART_ACTIONS = 100_000


def read_recorded_columns(
    folder: Path, settings: EngineSettings, since: str | None, read: Callable[[int], object] = int
) -> Columns:
    """Read the recorded sessions of a product.

    Args:
        folder: the folder of ``autoplay.yml``.
        settings: ``autoplay.yml``.
        since: a duration before now, such as ``2d``; None for everything.
        read: called with the number of additional batches read.

    Raises:
        AutoplayError: the duration or the database cannot be used.
        UnusableRecording: nothing is recorded.
    """
    parts = _Parts()
    read_recorded(folder, settings, since, read, parts.store)
    return parts.joined()


def read_recorded_sessions(
    folder: Path, settings: EngineSettings, since: str | None, sessions: Iterable[str]
) -> list[Moment]:
    """Read some recorded sessions again, in order of time.

    Args:
        folder: the folder of ``autoplay.yml``.
        settings: ``autoplay.yml``.
        since: as for :func:`read_recorded_columns`.
        sessions: ids of the sessions.

    Raises:
        AutoplayError: the duration or the database cannot be used.
        UnusableRecording: nothing is recorded.
    """
    wanted, recordings = frozenset(sessions), Recordings([])

    def store(payload: ActionsPayload, source: str) -> None:
        if payload.session_id in wanted:
            store_payload(recordings, payload, source)

    read_recorded(folder, settings, since, store=store)
    return sorted(recordings.moments, key=itemgetter(0))


class _Parts:
    """Collects batches in parts of limited size."""

    def __init__(self) -> None:
        self._joiner = PartJoiner()
        self._begin()

    def _begin(self) -> None:
        self._part = Part()
        self._collector = PartCollector(self._part)

    def store(self, payload: ActionsPayload, source: str) -> None:
        """Add a batch."""
        self._collector.prepare(payload)
        self._collector.store(payload, source)
        if len(self._part.columns["time"]) >= _PART_ACTIONS:
            self._joiner.add(self._part)
            self._begin()

    def joined(self) -> Columns:
        """Return all actions."""
        self._joiner.add(self._part)
        return self._joiner.joined()
