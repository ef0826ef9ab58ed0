"""Counts events that were left out, and logs the first failure of each kind without the event's content."""

from __future__ import annotations

import logging
import traceback
from collections import Counter
from pathlib import Path

from rasa_autoplay.errors import MalformedEvent

__all__ = ["FailedEvents"]

logger = logging.getLogger(__name__)


class FailedEvents:
    """The events of one source that could not be read.

    Malformed events are the sender's fault and are only counted. Any other failure is our bug, and is logged
    as an error. Its kind is the type of the exception and the line of code that raised it. Neither the
    exception's text nor a traceback is logged: both may quote the event.

    Args:
        source: the source's name, for the log.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._logged: set[str] = set()
        #: ``malformed_events`` and ``failed_events``, if there were any.
        self.counts: Counter[str] = Counter()

    def record(self, problem: Exception) -> None:
        """Count a failure, and log the first of its kind."""
        if isinstance(problem, MalformedEvent):
            self.counts["malformed_events"] += 1
            return
        self.counts["failed_events"] += 1
        kind = f"{type(problem).__name__} at {_place_of(problem)}"
        if kind not in self._logged:
            self._logged.add(kind)
            logger.error(
                "An event of the source %s could not be read and was left out: %s. The other events "
                "were accepted. Please report this line; it contains no data of the event.",
                self._source,
                kind,
            )


def _place_of(problem: Exception) -> str:
    frames = traceback.extract_tb(problem.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown place"
