"""Questions in a chat that the copilot has opened: only those that a golden path clearly answers."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from support.run import asynchronous

from rasa_autoplay.engine.assistant.assistant import Assistant
from rasa_autoplay.engine.assistant.hybrid_search import HybridSearch
from rasa_autoplay.engine.assistant_calls import AssistantCalls
from rasa_autoplay.engine.knowledge.golden_path import load_golden_paths
from rasa_autoplay.engine.knowledge.search import KnowledgeBase
from rasa_autoplay.engine.tours.catalogue import TourCatalogue

PATHS = load_golden_paths(Path(__file__).parents[3] / "example_bot" / "golden_paths")
PAGE = "https://app.example.com/projects"


class _Lifecycle:
    def __init__(self, page: str) -> None:
        self._page = page

    async def latest_session(self, _user_id: str, _now: float) -> Any:
        actions: list[Any] = []
        context = SimpleNamespace(actions=actions, text="")
        window = SimpleNamespace(page=lambda: self._page)
        return SimpleNamespace(window=window, email=None, context=lambda _count: context)


def calls(page: str = PAGE) -> AssistantCalls:
    knowledge = HybridSearch(KnowledgeBase(PATHS))
    lifecycle = cast(Any, _Lifecycle(page))
    return AssistantCalls(
        "demo", Assistant(knowledge, None), knowledge, TourCatalogue(PATHS), lifecycle, lambda: 0.0
    )


@pytest.mark.parametrize(
    "query", ["How do I bulk edit projects?", "change the priority of many projects", "bulk edit"]
)
@asynchronous
async def test_answers_from_a_golden_path_and_offers_its_tour(query: str) -> None:
    answer = await calls().answer_question("u1", query)
    assert answer.text.startswith("Bulk edit projects:\n1. ")
    assert (answer.tour_id, answer.button) == ("projects-bulk-edit", "Show me on the page")


@asynchronous
async def test_offers_no_tour_on_another_page() -> None:
    answer = await calls("https://app.example.com/billing").answer_question("u1", "bulk edit projects")
    assert answer.text
    assert answer.tour_id == ""


@pytest.mark.parametrize(
    "query", ["", "hello", "I am sad", "what do you charge for a project of my size in Berlin?", "yes please"]
)
@asynchronous
async def test_leaves_everything_else_to_the_bot(query: str) -> None:
    assert (await calls().answer_question("u1", query)).text == ""
