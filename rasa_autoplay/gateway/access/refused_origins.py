"""Which websites were refused because ``allowed_origins`` does not name them."""

from __future__ import annotations

from typing import Any

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.settings.origins import canonical_origin

__all__ = ["RefusedOrigins"]

_MAX_ORIGINS = 20
#: The longest host name has 253 characters; with a scheme and a port:
_MAX_LENGTH = 280


class RefusedOrigins:
    """Counts refused requests by origin: the origins that came last by name, the others together."""

    def __init__(self) -> None:
        self._counts: BoundedDict[str, int] = BoundedDict(_MAX_ORIGINS, self._evicted)
        self._others = 0

    def add(self, origin: str) -> None:
        """Count a request from an origin, as its header says."""
        name = _listable(origin)
        if name:
            self._counts[name] = self._counts.get(name, 0) + 1
        else:
            self._others += 1

    def health(self) -> dict[str, Any]:
        """The counts by origin, the most refused first, and how many requests came from others."""
        ordered = sorted(self._counts.items(), key=lambda entry: -entry[1])
        return {"refused": dict(ordered), "refused_others": self._others}

    def _evicted(self, _origin: str, count: int) -> None:
        self._others += count


def _listable(origin: str) -> str:
    """The origin if ``allowed_origins`` could name it, else an empty text: anyone can send anything."""
    if len(origin) > _MAX_LENGTH or "*" in origin:
        return ""
    try:
        return canonical_origin(origin)
    except ValueError:
        return ""
