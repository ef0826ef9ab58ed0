"""A host app's page, served for trying it out: ``demo_page`` in ``credentials.yml``."""

from __future__ import annotations

from pathlib import Path

from sanic import Blueprint

__all__ = ["add_demo_routes"]


def add_demo_routes(blueprint: Blueprint, folder: Path) -> None:
    """Serve a folder under ``/demo/``.

    Args:
        blueprint: the door's.
        folder: holds ``index.html`` and what it needs.
    """
