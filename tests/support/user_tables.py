"""All SQL tables of the package, found in its modules."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import sqlalchemy as sa

import rasa_autoplay.engine

__all__ = ["every_table"]


def every_table() -> list[Any]:
    """Return each table that a module of the engine declares, by name."""
    found: dict[str, Any] = {}
    prefix = "rasa_autoplay.engine."
    for module in pkgutil.walk_packages(rasa_autoplay.engine.__path__, prefix):
        # Only modules with tables import SQLAlchemy; importing the others would take long.
        if ".sql" not in module.name and "session_owners" not in module.name:
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, sa.Table):
                found[value.name] = value
    return [found[name] for name in sorted(found)]
