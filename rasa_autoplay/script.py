"""``autoplay.js``: the browser's part, joined from the modules under ``static/`` at start."""

from __future__ import annotations

from sanic import Blueprint

__all__ = ["add_script_routes"]


def add_script_routes(blueprint: Blueprint) -> None:
    """Serve ``/autoplay.js`` (one tag installs it) and ``/autoplay.mjs`` (the same as an ES module)."""
