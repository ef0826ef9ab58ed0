"""Which driver a ``postgresql://`` URL means: the one that is installed.

SQLAlchemy 1.4 and 2.0 take such a URL for psycopg2, and 2.1 takes it for psycopg 3, whatever is installed.
"""

from __future__ import annotations

import importlib
from typing import Any

from sqlalchemy.exc import NoSuchModuleError

from rasa_autoplay.errors import ConfigError

__all__ = ["with_installed_driver"]

#: In order of preference. SQLAlchemy 1.4 does not know the first.
_DRIVERS = ("psycopg", "psycopg2")


def with_installed_driver(url: Any) -> Any:
    """Return the URL with a driver, if it is PostgreSQL's and names none.

    Args:
        url: an SQLAlchemy URL object.

    Raises:
        ConfigError: no driver for PostgreSQL is installed.
    """
    if url.drivername != "postgresql":
        return url
    for driver in _DRIVERS:
        named = url.set(drivername=f"postgresql+{driver}")
        if _is_usable(named, driver):
            return named
    raise ConfigError(
        "autoplay.yml: database.url: no driver for PostgreSQL is installed here.",
        remedy='Run: pip install "rasa-autoplay[postgres]".',
    )


def _is_usable(url: Any, driver: str) -> bool:
    try:
        url.get_dialect()
        importlib.import_module(driver)  # psycopg is found but cannot be imported where libpq is missing
    except (NoSuchModuleError, ImportError):
        return False
    return True
