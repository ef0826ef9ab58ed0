"""The registry of tours, and its JSON form."""

from __future__ import annotations

import logging

import pytest

from rasa_autoplay.engine.tours.registry import TourDefinition, TourRegistry

REGISTRY = TourRegistry(
    "demo", [TourDefinition("a", "flow_a"), TourDefinition("flow_a", "flow_b"), TourDefinition("c")]
)


def test_finds_a_tour_by_each_kind_of_id() -> None:
    assert REGISTRY.get("a") is REGISTRY.tours[0]
    assert REGISTRY.get("flow_b") is None
    assert REGISTRY.get_by_user_tour_id("flow_b") is REGISTRY.tours[1]
    assert REGISTRY.get_by_user_tour_id("c") is None


def test_resolves_either_id_and_prefers_the_tours_own() -> None:
    assert REGISTRY.resolve("flow_b") is REGISTRY.tours[1]
    assert REGISTRY.resolve("flow_a") is REGISTRY.tours[1]
    assert REGISTRY.resolve("unknown") is None


def test_empty_flow_id_finds_no_tour_without_a_flow() -> None:
    assert TourRegistry("demo", [TourDefinition("c", "")]).get_by_user_tour_id("") is None


def test_round_trips_through_json() -> None:
    registry = TourRegistry("demo", [TourDefinition("a", "flow_a", "Name", 1.0, 2.0)], 3.0, 4.0)
    assert TourRegistry.from_dict(registry.to_dict()) == registry
    assert registry.tours[0].to_dict() == {
        "id": "a",
        "user_tour_id": "flow_a",
        "user_tour_name": "Name",
        "interaction_timeout_s": 1.0,
        "cooldown_period_s": 2.0,
    }


def test_omits_none_values() -> None:
    assert TourDefinition("a").to_dict() == {
        "id": "a",
        "interaction_timeout_s": 20.0,
        "cooldown_period_s": 120.0,
    }


def test_applies_registry_defaults_and_ignores_legacy_keys() -> None:
    registry = TourRegistry.from_dict(
        {
            "product_id": "demo",
            "default_interaction_timeout_s": 5,
            "default_cooldown_period_s": 6,
            "tours": [{"id": "a", "label": "old"}, {"id": "b", "interaction_timeout_s": 7}],
        }
    )
    assert registry.tours == [
        TourDefinition("a", None, None, 5.0, 6.0),
        TourDefinition("b", None, None, 7.0, 6.0),
    ]


@pytest.mark.parametrize(
    "entry", ["text", None, {"label": "no id"}, {"id": "x", "cooldown_period_s": "soon"}]
)
def test_skips_an_unreadable_entry_with_a_warning(entry: object, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        registry = TourRegistry.from_dict({"product_id": "demo", "tours": [entry, {"id": "a"}]})
    assert [tour.id for tour in registry.tours] == ["a"]
    assert "tours[0]" in caplog.text
