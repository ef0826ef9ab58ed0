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
from rasa_autoplay.engine.freshness.step_digest import digests_of
from rasa_autoplay.engine.freshness.suspect_steps import NO_SUSPECTS, SuspectSteps
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


def calls(page: str = PAGE, suspects: SuspectSteps = NO_SUSPECTS) -> AssistantCalls:
    knowledge = HybridSearch(KnowledgeBase(PATHS))
    lifecycle = cast(Any, _Lifecycle(page))
    assistant = Assistant(knowledge, None, suspects=suspects)
    return AssistantCalls(
        "demo", assistant, knowledge, TourCatalogue(PATHS), lifecycle, lambda: 0.0, suspects
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


@asynchronous
async def test_answer_of_the_bots_own_action_offers_the_tour_too() -> None:
    answer = await calls().ask("u1", "How do I bulk edit projects?")
    assert (answer.tour_id, answer.button) == ("projects-bulk-edit", "Show me on the page")
    told = await calls().help_current_page("u1")
    assert (told.tour_id, told.button) == ("projects-bulk-edit", "Show me on the page")


@asynchronous
async def test_other_answers_offer_no_tour() -> None:
    elsewhere = calls("https://app.example.com/billing")
    assert (await elsewhere.ask("u1", "How do I bulk edit projects?")).tour_id == ""
    assert (await calls().ask("u1", "What is love?")).tour_id == ""
    assert (await calls().ask("", "How do I bulk edit projects?")).tour_id == "", "no page is known"


@asynchronous
async def test_suspect_step_withholds_the_tour() -> None:
    suspects = SuspectSteps()
    (path,) = PATHS
    step = path.steps[1]
    key = (path.id, step.id, digests_of(path)[step.id])
    suspects.know(
        {key: cast(Any, SimpleNamespace(step_id=step.id, describe=lambda: "", is_label_doubtful=True))}
    )
    answer = await calls(suspects=suspects).ask("u1", "How do I bulk edit projects?")
    assert answer.tour_id == ""
    assert '"Bulk edit"' not in answer.text
