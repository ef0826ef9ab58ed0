"""What a simulation learned about its users: their results on the golden paths, and their memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rasa_autoplay.engine.knowledge.path_results import PathResult
from rasa_autoplay.engine.memory.keeper import MemoryKeeper
from rasa_autoplay.engine.memory.local import LocalMemoryStore
from rasa_autoplay.engine.memory.profile import UserMemory

__all__ = ["RememberedUser", "remembered_users"]


@dataclass(slots=True)
class RememberedUser:
    """One user at the end of the recordings.

    Args:
        memory: what the engine would remember of the user.
        verdicts: session ids with path results, in order of the sessions' ends.
    """

    memory: UserMemory
    verdicts: list[tuple[str, PathResult]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return the user as JSON."""
        verdicts = [{"session_id": session_id, **verdict.as_dict()} for session_id, verdict in self.verdicts]
        return {"verdicts": verdicts, "memory": self.memory.as_dict()}


async def remembered_users(store: LocalMemoryStore, keeper: MemoryKeeper) -> dict[str, RememberedUser]:
    """Return all known users, by user id.

    Args:
        store: holds all ended sessions.
        keeper: analysed these sessions.
    """
    found = await store.recall(store.users)
    return {
        user_id: RememberedUser(
            keeper.reader.memory_of([record.analysis for record in records]),
            [(r.analysis.session_id, v) for r in reversed(records) for v in keeper.results_of(r)],
        )
        for (_, user_id), records in found.items()
    }
