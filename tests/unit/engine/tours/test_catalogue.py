"""The tours of golden paths, and the pages where they fit."""

from __future__ import annotations

from typing import Any

import pytest

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.tours.catalogue import TourCatalogue
from rasa_autoplay.settings.engine import SessionSettings

PROJECTS = "https://app.example.com/projects"
POINTING = {"id": "a", "title": "A", "element": "#a", "text": "Press A."}
TALKING = {"id": "b", "text": "Think."}


def path(path_id: str = "bulk", *steps: dict[str, Any], **fields: Any) -> GoldenPath:
    return GoldenPath.parse_obj(
        {
            "id": path_id,
            "title": "Bulk edit",
            "page": "/projects",
            "steps": list(steps or (POINTING,)),
            **fields,
        }
    )


def test_built_in_tour_has_the_paths_id_and_steps() -> None:
    tour = TourCatalogue([path("bulk", POINTING, TALKING)]).resolve("bulk")
    assert tour is not None
    assert (tour.id, tour.flow_id, tour.label, tour.provider) == ("bulk", "bulk", "Show me", "driverjs")
    assert tour.title == "Bulk edit"
    assert [step.element for step in tour.steps] == ["#a"]


@pytest.mark.parametrize(("provider", "expected"), [("userpilot", "userpilot"), (None, "usertour")])
def test_providers_flow_replaces_our_steps(provider: str | None, expected: str) -> None:
    tours = TourCatalogue([path("bulk", POINTING, flow_id="f_1", provider=provider)])
    tour = tours.resolve("bulk")
    assert tour is not None
    assert (tour.flow_id, tour.provider) == ("f_1", expected)
    assert [step.id for step in tour.steps] == ["a"], "where the chat begins, should the flow not"
    assert tours.resolve("f_1") is tour, "either id resolves"
    assert tours.resolve("f_2") is None


def test_path_without_elements_makes_no_tour() -> None:
    tours = TourCatalogue([path("talk", TALKING)])
    assert tours.resolve("talk") is None
    assert tours.for_page({"talk": ""}, PROJECTS) == []
    assert tours.path("talk") is not None


def test_offers_a_tour_only_on_its_pages() -> None:
    tours = TourCatalogue([path(), path("other", page="/settings")])
    assert [tour.id for tour in tours.for_page({"bulk": ""}, f"{PROJECTS}/:id")] == ["bulk"]
    for path_id, url in [
        ("bulk", ""),
        ("bulk", "/settings"),
        ("other", PROJECTS),
        ("", PROJECTS),
        ("x", PROJECTS),
    ]:
        assert tours.for_page({path_id: ""}, url) == []


@pytest.mark.parametrize("flow", [{}, {"flow_id": "f_1"}])
def test_button_shows_the_configured_label(flow: dict[str, str]) -> None:
    tours = TourCatalogue([path("one", **flow), path("two", tour_label="Take me there", **flow)])
    offered = tours.for_page({"one": "", "two": ""}, PROJECTS)
    assert [tour.label for tour in offered] == ["Show me", "Take me there"]
    offered = tours.for_page({"two": "Go", "one": "This way"}, PROJECTS)
    assert [(tour.id, tour.label) for tour in offered] == [("two", "Go"), ("one", "This way")]


SESSION = SessionSettings.parse_obj({"interaction_timeout": "10s", "cooldown": "20s"})


@pytest.mark.parametrize(
    ("own", "times"),
    [
        ({"interaction_timeout": "30s"}, (30.0, 20.0)),
        ({"cooldown": "1m"}, (10.0, 60.0)),
        ({"interaction_timeout": 0, "cooldown": 0}, (0.0, 0.0)),
    ],
)
def test_tour_with_its_own_times_is_found_by_both_ids(
    own: dict[str, Any], times: tuple[float, float]
) -> None:
    registry = TourCatalogue([path(flow_id="f_1", **own)]).registry("demo", SESSION)
    assert registry.product_id == "demo"
    for tour_id in ("bulk", "f_1"):
        tour = registry.resolve(tour_id)
        assert tour is not None
        assert (tour.interaction_timeout_s, tour.cooldown_period_s) == times


def test_tour_without_times_uses_the_sessions() -> None:
    assert TourCatalogue([path()]).registry("demo", SESSION).resolve("bulk") is None
