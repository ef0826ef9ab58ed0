"""The catalogue of built-in triggers, and registries made of JSON rows."""

from __future__ import annotations

from typing import Any

import pytest

from rasa_autoplay import (
    ProactiveTriggerContext,
    SdkConfigError,
    get_proactive_trigger_ids,
    list_builtin_trigger_catalog,
    registry_from_builtin_specs,
    resolve_builtin_specs,
)

IDS = ("canonical_url_ping_pong", "section_playbook_match", "user_page_dwell")
PING_PONG: dict[str, Any] = {"id": IDS[0], "name": "Ping-pong", "description": "To and fro."}
BOUNCE = ProactiveTriggerContext(canonical_urls=("/a", "/b", "/a"), session_id="s", product_id="p")


def test_lists_every_built_in_trigger_by_id() -> None:
    rows = list_builtin_trigger_catalog()
    assert tuple(row["id"] for row in rows) == IDS
    for row in rows:
        assert set(row) == {
            "id",
            "name",
            "description",
            "interaction_timeout_s",
            "cooldown_s",
            "default_triggering_type",
        }
    ids = get_proactive_trigger_ids()
    assert {ids.canonical_ping_pong, ids.section_playbook_match, ids.user_page_dwell} == set(IDS)


def test_listed_rows_make_a_registry() -> None:
    registry = registry_from_builtin_specs(list_builtin_trigger_catalog())
    assert tuple(trigger.trigger_id for trigger in registry.triggers) == IDS


def test_row_sets_its_times_and_type() -> None:
    row = {
        **PING_PONG,
        "interaction_timeout_s": "5",
        "cooldown_s": 7,
        "triggering_type": " instant_trigger ",
    }
    fired = registry_from_builtin_specs([row]).evaluate_first(BOUNCE)
    assert fired is not None
    assert (fired.interaction_timeout_s, fired.cooldown_s) == (5.0, 7.0)
    assert fired.metadata["triggering_type"] == "instant_trigger"


def test_row_without_times_and_type_gets_the_defaults() -> None:
    (spec,) = resolve_builtin_specs([{**PING_PONG, "name": " Ping-pong "}])
    assert spec.name == "Ping-pong"
    assert (spec.interaction_timeout_s, spec.cooldown_s) == (10.0, 30.0)
    assert spec.triggering_type == "llm_judge_validation"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"id": "pingpong"}, "canonical_url_ping_pong"),
        ({"id": None}, "'id'"),
        ({"name": " "}, "'name'"),
        ({"description": 7}, "'description'"),
        ({"cooldown_s": 0}, "'cooldown_s'"),
        ({"cooldown_s": float("nan")}, "'cooldown_s'"),
        ({"interaction_timeout_s": "soon"}, "'interaction_timeout_s'"),
        ({"triggering_type": "later"}, "'triggering_type'"),
        ({"triggering_type": 1}, "'triggering_type'"),
    ],
)
def test_rejects_a_wrong_row_by_number(change: dict[str, Any], named: str) -> None:
    with pytest.raises(SdkConfigError, match=f"Row 1.*{named}"):
        resolve_builtin_specs([PING_PONG, {**PING_PONG, **change}])


def test_rejects_an_empty_list() -> None:
    with pytest.raises(SdkConfigError, match="empty"):
        registry_from_builtin_specs([])
