"""Keeps data from closing the markers that surround it in a prompt."""

from __future__ import annotations

__all__ = ["WITHOUT_MARKERS"]

#: For ``str.translate``: what looks like a marker (``<just_done>``) in users' texts becomes ordinary text.
WITHOUT_MARKERS = str.maketrans("<>", "‹›")
