"""Keeps browsers from filling the log: python-engineio logs a traceback for each payload it cannot read."""

from __future__ import annotations

import logging

__all__ = ["TracesOncePerKind"]


class TracesOncePerKind(logging.Filter):
    """Passes one record with a traceback for each message and type of exception."""

    def __init__(self) -> None:
        super().__init__()
        self._kinds: set[tuple[str, str]] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is logged."""
        if not record.exc_info or record.exc_info[0] is None:
            return True
        kind = (str(record.msg), record.exc_info[0].__name__)
        is_new = kind not in self._kinds
        self._kinds.add(kind)
        return is_new
