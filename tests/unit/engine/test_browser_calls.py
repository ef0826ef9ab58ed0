"""When a tour cannot continue, the chat explains the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from support.run import asynchronous

from rasa_autoplay.engine.browser_calls import BrowserCalls
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath, load_golden_paths
from rasa_autoplay.engine.knowledge.spoken_path import SpokenPath
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.sessions.session_follower import NO_FOLLOWER
from rasa_autoplay.engine.tours.catalogue import TourCatalogue, first_of_tour
from rasa_autoplay.engine.tours.problems import TourProblems

ROOT = Path(__file__).parents[3]
OFFER = Offer(
    "o1", "t1", "Shall I show you how?", "demo", "s1", "u1", 0.0, 9.0, 0.0, golden_path="projects-bulk-edit"
)


class Stub:
    """Stands in for the parts that only pass the offer on."""

    def get(self, _offer_id: str) -> Offer:
        return OFFER

    async def accepted(self, *_arguments: Any) -> None: ...

    async def latest_session(self, *_arguments: Any) -> None: ...


def calls(tours: TourCatalogue | None = None) -> BrowserCalls:
    stub = cast(Any, Stub())
    tours = tours or TourCatalogue(load_golden_paths(ROOT / "example_bot" / "golden_paths"))
    return BrowserCalls(stub, [], stub, stub, stub, tours, None, NO_FOLLOWER, lambda: 0.0, TourProblems())


@asynchronous
async def test_explains_the_steps_from_the_failed_one_on() -> None:
    asked: dict[str, Any] = {"user_id": "u1", "trigger_id": "t1", "offer_id": "o1", "step": "select"}
    prepared = await calls().prepare_inject(**asked)
    assert "the rest" in prepared.body
    told = await calls().follow_up(**asked)
    lines = told.text.splitlines()
    assert lines[0] == "Bulk edit projects:"
    assert [line.split(".")[0] for line in lines[1:]] == ["3", "4", "5"]
    assert told.source == "steps"


@asynchronous
async def test_explains_all_steps_when_the_tour_cannot_start() -> None:
    asked: dict[str, Any] = {"user_id": "u1", "trigger_id": "t1", "offer_id": "o1", "step": "options"}
    prepared = await calls().prepare_inject(**asked)
    assert "can't show you that" in prepared.body
    assert "goes on" not in prepared.body, "nothing has begun that could go on"
    told = await calls().follow_up(**asked)
    assert [line.split(".")[0] for line in told.text.splitlines()[1:]] == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize(
    ("steps", "first"),
    [
        (
            [
                {"id": "a", "text": "Sign in."},
                {"id": "b", "title": "It", "text": "Press it.", "element": "#b"},
            ],
            "b",
        ),
        ([{"id": "a", "text": "Sign in."}, {"id": "b", "text": "Press it."}], "a"),
    ],
)
@asynchronous
async def test_flow_that_cannot_start_names_a_step_even_without_elements(
    steps: list[dict[str, str]], first: str
) -> None:
    path = GoldenPath.parse_obj(
        {"id": "projects-bulk-edit", "title": "Bulk", "flow_id": "f1", "steps": steps}
    )
    tours = TourCatalogue([path])
    tour = tours.resolve("f1")
    assert tour is not None
    assert tour.steps[0].id == first == first_of_tour(path)
    asked: dict[str, Any] = {"user_id": "u1", "trigger_id": "t1", "offer_id": "o1", "step": first}
    assert "can't show you that" in (await calls(tours).prepare_inject(**asked)).body
    assert (await calls(tours).follow_up(**asked)).text.splitlines()[1] == "1. Sign in."


@pytest.mark.parametrize(("step", "first"), [("", "1"), ("options", "1"), ("select", "3"), ("none", "1")])
@asynchronous
async def test_the_toast_gets_the_steps_where_the_chat_cannot_be_opened(step: str, first: str) -> None:
    explained = await calls().explain_steps("u1", "t1", "o1", step)
    assert explained.source == "steps"
    assert explained.text.splitlines()[1].startswith(f"{first}. ")


@pytest.mark.parametrize("step", ["", "no-such-step"])
@asynchronous
async def test_explains_all_steps_without_a_step_of_the_path(step: str) -> None:
    asked: dict[str, Any] = {"user_id": "u1", "trigger_id": "t1", "offer_id": "o1", "step": step}
    assert (await calls().prepare_inject(**asked)).body == "Shall I show you how?"
    told = await calls().follow_up(**asked)
    assert told.text.splitlines()[1].startswith("1. ")


@asynchronous
async def test_explains_one_step_after_another() -> None:
    path = next(
        p for p in load_golden_paths(ROOT / "example_bot" / "golden_paths") if p.id == OFFER.golden_path
    )
    engine, step, said = calls(), "", []
    for _ in range(len(path.steps) + 1):
        found = await engine.explain_next_step("u1", "t1", "o1", step)
        step = found.step
        said.append(found.text)
    assert [text.splitlines()[1].removeprefix(f"{n}. ") for n, text in enumerate(said[:-1], 1)] == [
        each.text for each in path.steps
    ]
    assert ["“yes”" in text for text in said] == [True] * 4 + [False] * 2
    assert said[-1] == ""
    assert not any("\n\n" in text for text in said), "a blank line would make two bubbles"


@asynchronous
async def test_explains_no_step_without_a_golden_path() -> None:
    assert (await calls(TourCatalogue([])).explain_next_step("u1", "t1", "o1")).text == ""


def test_a_workflow_of_one_step_promises_no_further_one() -> None:
    path = GoldenPath.parse_obj({"id": "a", "title": "Export", "steps": [{"id": "x", "text": "Press it."}]})
    assert SpokenPath(path, ()).one_step(0) == "Export:\n1. Press it."
