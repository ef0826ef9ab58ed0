"""Databases that are waited for longer than users would wait, because tests run on busy machines."""

from __future__ import annotations

from rasa_autoplay.storage.database import Database

__all__ = ["be_patient"]

_WAIT_S = 60.0


def be_patient(*databases: Database) -> None:
    """Wait for these databases until they answer, so that a busy machine changes no result."""
    for database in databases:
        database._thread._wait_s = _WAIT_S
