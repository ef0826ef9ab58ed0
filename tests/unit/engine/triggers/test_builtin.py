"""The built-in triggers, both as in the SDK and as the engine uses them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.engine.triggers.page_dwell import UserPageDwellTrigger
from rasa_autoplay.engine.triggers.ping_pong import (
    CanonicalPingPongTrigger,
    default_proactive_trigger_registry,
)
from rasa_autoplay.engine.triggers.section_playbook import SectionPlaybookTrigger
from rasa_autoplay.engine.triggers.sections import (
    build_product_section_playbook,
    resolve_section_id,
    resolve_section_id_for_playbook,
    top_playbook_section_id,
)
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext, TimeAware
from rasa_autoplay.events.models import SlimAction

T0 = 1_700_000_000.0


def urls(*pages: str | None, **extra: Any) -> ProactiveTriggerContext:
    return ProactiveTriggerContext(canonical_urls=pages, context_extra=extra)


def on(page: str, start: float, end: float | None = None) -> SlimAction:
    return SlimAction(
        "", "", page, timestamp_start=T0 + start, timestamp_end=T0 + (start if end is None else end)
    )


def actions(*recent: SlimAction, **extra: Any) -> ProactiveTriggerContext:
    return ProactiveTriggerContext(recent_actions=recent, context_extra=extra)


def matched(pages: Sequence[str | None], *, engine: bool = False, **options: Any) -> list[str]:
    extra = {"eval_now": T0} if engine else {}
    result = CanonicalPingPongTrigger(**options).evaluate(urls(*pages, **extra))
    return [] if result is None else list(result.metadata["matched"])


BOUNCE, HESITATION = "strict_ping_pong", "hesitation_distinct_with_revisit"


@pytest.mark.parametrize("engine", [False, True])
@pytest.mark.parametrize(
    ("pages", "signals"),
    [
        (["/a", "/b", "/a"], [BOUNCE]),
        (["/a", " /b ", None, "", "/a"], [BOUNCE]),
        (["/a", "/b", "/c", "/a"], [HESITATION]),
        (["/a", "/b", "/a", "/c"], [BOUNCE, HESITATION]),
        (["/a", "/b", "/c", "/d"], []),
        (["/a", "/b"], []),
        (["/a", "/a", "/a"], []),
        ([], []),
    ],
)
def test_ping_pong_fires_on_alternating_pages(
    pages: list[str | None], signals: list[str], engine: bool
) -> None:
    assert matched(pages, engine=engine) == signals


def test_engine_counts_several_actions_on_a_page_as_one_visit() -> None:
    assert matched(["/a", "/b", "/b", "/a"], engine=True) == [BOUNCE]
    assert matched(["/a", "/b", "/c", "/c"], engine=True) == []


def test_counts_each_action_without_the_engine_like_the_sdk() -> None:
    assert matched(["/a", "/b", "/b", "/a"]) == []
    assert matched(["/a", "/b", "/c", "/c"]) == [HESITATION]


def test_ping_pong_can_be_made_stricter() -> None:
    assert matched(["/a", "/b", "/a"], min_cycles=2) == []
    assert matched(["/a", "/b", "/a", "/b"], min_cycles=2) == [BOUNCE]
    assert matched(["/a", "/b", "/c", "/a"], broaden_with_hesitation=False) == []
    assert matched(["/a", "/b", "/c", "/a"], hesitation_min_distinct=4) == []


def test_result_names_its_trigger_and_can_have_another_text() -> None:
    result = CanonicalPingPongTrigger(body="Lost? " * 100).evaluate(urls("/a", "/b", "/a"))
    assert result is not None
    assert result.trigger_id == "canonical_url_ping_pong"
    assert result.body == "Lost? " * 24 + "Lost…"


def seconds(ctx: ProactiveTriggerContext, **options: Any) -> float | None:
    result = UserPageDwellTrigger(**options).evaluate(ctx)
    return None if result is None else float(result.metadata["user_page_dwell_seconds"])


def test_sixty_seconds_on_a_page_with_one_action_are_a_dwell() -> None:
    assert seconds(actions(on("/a", 0), eval_now=T0 + 60)) == 60.0
    assert seconds(actions(on("/a", 0), eval_now=T0 + 59.9)) is None


def test_engine_measures_a_dwell_until_now_for_any_number_of_actions() -> None:
    recent = (on("/a", 0), on("/a", 10), on("/a", 20))
    assert seconds(actions(*recent, eval_now=T0 + 60)) == 60.0
    assert seconds(actions(*recent, eval_now=T0 + 59)) is None


def test_measures_from_first_to_last_action_without_the_engine_like_the_sdk() -> None:
    assert seconds(actions(on("/a", 0), on("/a", 50, 61))) == 61.0
    assert seconds(actions(on("/a", 0), on("/a", 50, 59))) is None


def test_streak_begins_when_the_user_reaches_the_page() -> None:
    recent = (on("/a", 0), on("/b", 50), on("/a", 55))
    assert seconds(actions(*recent, eval_now=T0 + 114)) is None
    assert seconds(actions(*recent, eval_now=T0 + 115)) == 60.0


def test_many_actions_on_a_page_are_no_dwell() -> None:
    recent = [on("/a", at) for at in range(6)]
    assert seconds(actions(*recent, eval_now=T0 + 100)) is None
    assert seconds(actions(*recent[1:], eval_now=T0 + 100)) == 99.0
    assert seconds(actions(*recent, eval_now=T0 + 100), default_max_actions=6) == 100.0
    assert seconds(actions(*recent, eval_now=T0 + 100, user_page_dwell_max_actions="6")) == 100.0


@pytest.mark.parametrize("nonsense", [0, -1, "many", None])
def test_ignores_an_invalid_limit_in_the_context(nonsense: object) -> None:
    recent = [on("/a", at) for at in range(6)]
    assert seconds(actions(*recent, eval_now=T0 + 100, user_page_dwell_max_actions=nonsense)) is None


def test_finds_no_dwell_without_actions_or_page() -> None:
    assert seconds(actions(eval_now=T0)) is None
    assert seconds(actions(on("", 0), eval_now=T0 + 100)) is None


def test_context_can_change_or_disable_the_threshold() -> None:
    recent = on("/a", 0)
    assert seconds(actions(recent, eval_now=T0 + 5), default_threshold_s=5.0) == 5.0
    assert seconds(actions(recent, eval_now=T0 + 5, dwell_threshold_seconds=5)) == 5.0
    off = actions(recent, eval_now=T0 + 1000, dwell_threshold_seconds=0)
    assert seconds(off) is None
    assert UserPageDwellTrigger().wakes_at(off) is None


def test_unknown_start_time_is_no_dwell() -> None:
    unknown = actions(SlimAction("", "", "/a"), eval_now=T0)
    assert seconds(unknown) is None
    assert UserPageDwellTrigger().wakes_at(unknown) is None


def test_text_of_the_context_overrides_the_triggers() -> None:
    trigger = UserPageDwellTrigger(body="Own")
    assert trigger.evaluate(actions(on("/a", 0), eval_now=T0 + 60)).body == "Own"  # type: ignore[union-attr]
    other = actions(on("/a", 0), eval_now=T0 + 60, dwell_proactive_body=" Other ")
    assert trigger.evaluate(other).body == "Other"  # type: ignore[union-attr]


@given(
    start=st.floats(0, 1e6),
    threshold=st.floats(0.001, 3600),
    gaps=st.lists(st.floats(0, 10), max_size=4),
)
def test_dwell_fires_exactly_at_its_scheduled_time(start: float, threshold: float, gaps: list[float]) -> None:
    recent = [on("/a", start)]
    for gap in gaps:
        recent.append(on("/a", recent[-1].timestamp_start - T0 + gap))
    trigger = UserPageDwellTrigger(default_threshold_s=threshold)
    due = trigger.wakes_at(actions(*recent, eval_now=recent[-1].timestamp_start))
    assert due is not None
    assert trigger.evaluate(actions(*recent, eval_now=due)) is not None
    before = recent[-1].timestamp_end
    if before < due:
        assert trigger.evaluate(actions(*recent, eval_now=before)) is None


def test_busy_streak_schedules_no_time() -> None:
    assert UserPageDwellTrigger().wakes_at(actions(*[on("/a", at) for at in range(6)], eval_now=T0)) is None


@pytest.mark.parametrize("trigger", [CanonicalPingPongTrigger(), SectionPlaybookTrigger()])
def test_other_triggers_fire_only_on_events(trigger: TimeAware) -> None:
    assert isinstance(trigger, TimeAware)
    assert trigger.wakes_at(urls("/a", "/b", eval_now=T0)) is None


RULES = [
    {"prefix": "", "section_id": "never"},
    {"prefix": "https://app/pay/invoices", "section_id": "invoices"},
    {"prefix": " https://app/pay ", "section_id": "pay"},
]


@pytest.mark.parametrize(
    ("url", "section"),
    [
        ("https://app/pay/invoices/1", "invoices"),
        ("https://app/pay", "pay"),
        ("https://app/PAY", None),
        ("https://app/", None),
        ("", None),
    ],
)
def test_first_matching_prefix_names_the_section(url: str, section: str | None) -> None:
    assert resolve_section_id(url, RULES) == section


def test_counts_and_times_visits_to_sections() -> None:
    visited = build_product_section_playbook(
        [
            on("https://app/pay", 0, 10),
            on("https://app/pay", 10, 15),
            on("https://app/home", 20, 21),
            on("https://app/pay", 30, 28),
            on("https://app/pay/invoices", 40, 41.5),
        ],
        rules=RULES,
        fallback_id="elsewhere",
    )
    assert visited["runtime"] == {"current_section_id": "invoices"}
    assert visited["sections"]["pay"] == {
        "visit_count": 2,
        "dwell_seconds_per_visit": [15.0, 0.0],
        "first_visited_at": "2023-11-14T22:13:20Z",
        "last_visited_at": "2023-11-14T22:13:48Z",
    }
    assert visited["sections"]["elsewhere"]["visit_count"] == 1
    assert visited["sections"]["invoices"]["dwell_seconds_per_visit"] == [1.5]


def test_has_no_sections_without_rules_and_groups_the_rest_as_other() -> None:
    assert build_product_section_playbook([on("/a", 0)], rules=[]) == {
        "runtime": {"current_section_id": ""},
        "sections": {},
    }
    visited = build_product_section_playbook([on("/a", 0)], rules=RULES)
    assert list(visited["sections"]) == ["other"]


def stats(visits: int, *dwell: float) -> dict[str, Any]:
    return {"visit_count": visits, "dwell_seconds_per_visit": list(dwell)}


@pytest.mark.parametrize(
    ("sections", "top"),
    [
        ({"a": stats(1, 5), "b": stats(2, 3, 3)}, "b"),
        ({"a": stats(1, 5), "b": stats(2, 2, 3)}, "b"),
        ({"b": stats(1, 5), "a": stats(1, 5)}, "a"),
        ({"not in the playbook": stats(9, 99), "a": stats(1)}, "a"),
        ({"a": "junk"}, None),
        ({}, None),
    ],
)
def test_orders_sections_by_time_then_visits_then_name(sections: dict[str, Any], top: str | None) -> None:
    assert top_playbook_section_id({"sections": sections}, {"a": "", "b": ""}) == top


def test_selects_the_applicable_playbook_entry() -> None:
    book = {"a": "A", "b": "B", "c": "C"}
    visited = {"sections": {"b": stats(1, 5)}, "runtime": {"current_section_id": "c"}}
    extra = {"section_playbook": book, "product_section_playbook": visited}
    assert resolve_section_id_for_playbook({**extra, "current_section_id": " a "}) == "a"
    assert resolve_section_id_for_playbook({**extra, "current_section_id": "unknown"}) == "b"
    visited["sections"] = {}
    assert resolve_section_id_for_playbook(extra) == "c"
    visited["runtime"] = {"current_section_id": "d"}
    assert resolve_section_id_for_playbook(extra) is None
    assert resolve_section_id_for_playbook({"current_section_id": "a"}) is None


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (" Pay here ", ("Pay here", ())),
        ({"body": "Pay here", "reply_option_labels": ["Yes", " ", 1]}, ("Pay here", ("Yes", "1"))),
        ({"proactive_body": "Pay here", "quick_reply_labels": "Yes"}, ("Pay here", ())),
        ({"body": " "}, None),
        ("", None),
        (17, None),
    ],
)
def test_playbook_entry_sets_the_text(entry: object, said: tuple[str, tuple[str, ...]] | None) -> None:
    ctx = urls(section_playbook={"pay": entry}, current_section_id="pay")
    result = SectionPlaybookTrigger().evaluate(ctx)
    assert said == (None if result is None else (result.body, result.reply_option_labels))


def test_does_not_fire_without_a_playbook_in_the_context() -> None:
    assert SectionPlaybookTrigger().evaluate(urls()) is None
    assert SectionPlaybookTrigger().evaluate(urls(section_playbook={"a": "A"})) is None


def test_uses_its_own_playbook_for_the_newest_page() -> None:
    trigger = SectionPlaybookTrigger(section_playbook={"pay": "Pay here"}, rules=RULES)
    result = trigger.evaluate(actions(on("/x", 0), on("https://app/pay", 1), on("", 2)))
    assert result is not None
    assert (result.body, result.metadata) == ("Pay here", {"section_id": "pay"})
    assert trigger.evaluate(actions(on("https://app/pay", 0), on("/x", 1))) is None
    assert trigger.evaluate(actions(on("https://app/pay/invoices", 0))) is None


def test_default_registry_contains_only_ping_pong() -> None:
    registry = default_proactive_trigger_registry()
    assert [trigger.trigger_id for trigger in registry.triggers] == ["canonical_url_ping_pong"]
    result = registry.evaluate_first(urls("/a", "/b", "/a"))
    assert result is not None
    assert result.metadata["triggering_type"] == "llm_judge_validation"
    assert (result.interaction_timeout_s, result.cooldown_s) == (10.0, 30.0)
