"""Rasa's own function for ``rasa run --cors``, which newer versions of Rasa Pro have moved."""

from __future__ import annotations

try:
    from rasa.utils.cors import configure_cors
except ImportError:
    from rasa.server import configure_cors

__all__ = ["configure_cors"]
