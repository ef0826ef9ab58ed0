"""The engine's answers about a user."""

from __future__ import annotations

from typing import Any

import pytest
from support.run import asynchronous
from support.visits import EXPORT

from rasa_autoplay.engine.memory.analysis import PathFinding, SessionAnalysis
from rasa_autoplay.engine.memory.base import SessionRecord
from rasa_autoplay.engine.memory.local import LocalMemoryStore
from rasa_autoplay.engine.memory.memory_queries import MemoryQueries
from rasa_autoplay.link.base import EngineRefused


@asynchronous
async def test_answers_in_the_vendors_format() -> None:
    store = LocalMemoryStore()
    finding = PathFinding("export", attempts=2, completed=0, completion_pct=66.7, missed=["format"])
    await store.save([SessionRecord(SessionAnalysis("demo", "u1", "s1", 1.0, 2.0, 3, [finding]))])
    answers = MemoryQueries("demo", [EXPORT], store)
    assert await answers.user_memory("demo", "u1") == {
        "knowledge_state": {
            "mastered": [],
            "in_progress": {
                "export": {"attempts": 2, "last_issue": "missed step: format", "best_completion_pct": 66.7}
            },
            "untouched": [],
        },
        "journey_completion": {
            "completed_workflows": [],
            "total_known_workflows": 1,
            "completion_rate": 0.0,
        },
        "struggle_patterns": [],
    }
    nobody = await answers.user_memory("demo", "nobody")
    assert nobody["knowledge_state"]["untouched"] == ["export"]


class AwayStore(LocalMemoryStore):
    async def recall(self, _users: Any) -> Any:
        return None


@pytest.mark.parametrize(
    ("store", "product", "kind"),
    [(LocalMemoryStore, "other", "not_found"), (AwayStore, "demo", "unavailable")],
)
@asynchronous
async def test_rejects_queries_that_cannot_be_answered(store: Any, product: str, kind: str) -> None:
    with pytest.raises(EngineRefused) as refusal:
        await MemoryQueries("demo", [EXPORT], store()).user_memory(product, "u1")
    assert refusal.value.kind == kind
