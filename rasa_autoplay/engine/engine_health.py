"""The engine's state and counts: no secrets, no users."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rasa_autoplay.engine.changes.pauses import Pauses
from rasa_autoplay.engine.core.live_state import LiveState
from rasa_autoplay.engine.stores import Stores

__all__ = ["EngineHealth"]


@dataclass(frozen=True)
class EngineHealth:
    """Reads the state of an engine's parts.

    Args:
        runs_in: the server that the engine runs in.
        live: sessions, feeds and offers.
        stores: the database.
        pauses: the pauses in force.
        configuration: describes the version of the files in force.
        parts: more of health, each by its own keys.
    """

    runs_in: str
    live: LiveState
    stores: Stores
    pauses: Pauses
    configuration: Callable[[], Mapping[str, Any]]
    parts: Sequence[Callable[[], Mapping[str, Any]]]

    def read(self, product_id: str) -> dict[str, Any]:
        """Return everything as one dictionary."""
        health: dict[str, Any] = {
            "state": "running",
            "runs_in": self.runs_in,
            "product_id": product_id,
            "configuration": self.configuration(),
            "sessions": len(self.live.sessions),
            "sessions_evicted": self.live.sessions.evicted,
            "open_offers": len(self.live.open_offers),
            "feeds": len(self.live.presence),
            "memory": self._database(),
            # Health is public, so it does not name who paused, and why.
            "pauses": [{"trigger_id": pause.trigger_id, "at": pause.at} for pause in self.pauses.in_force],
        }
        for part in self.parts:
            health.update(part())
        return health

    def _database(self) -> dict[str, Any]:
        problem, waiting = self.stores.problem, self.stores.ledger.waiting
        return {
            "state": "failed" if problem else "connected",
            **({"waiting": waiting} if waiting else {}),
            **({"remedy": f"{problem}: check database.url in autoplay.yml"} if problem else {}),
        }
