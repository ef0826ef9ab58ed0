"""A database of each kind that the project supports, for tests of SQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.postgres import PostgresServer

__all__ = ["KINDS", "empty_database"]

KINDS = ("sqlite", "postgres")


def empty_database(request: pytest.FixtureRequest, folder: Path) -> str:
    """Return the URL of an empty database, for a fixture with ``params=KINDS``.

    Args:
        request: of the fixture; its parameter is the kind.
        folder: the folder of SQLite's file.
    """
    if request.param == "sqlite":
        return f"sqlite:///{folder / 'autoplay.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.url
