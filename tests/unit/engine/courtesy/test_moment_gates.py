"""No offer interrupts typing, and offers that are not urgent wait for a natural boundary."""

from __future__ import annotations

from typing import Any

import pytest
from support.engine_parts import T0, action
from support.gate_contexts import NOW, asked, gate_context

from rasa_autoplay.engine.courtesy.gate_contract import GateResult

assert NOW == T0


def typing(kind: str, ago_s: float) -> GateResult:
    return asked("typing", gate_context(newest=action("Name", -ago_s, type=kind)))


@pytest.mark.parametrize("kind", ["type", "focus"])
def test_does_not_interrupt_for_a_few_seconds_after_typing(kind: str) -> None:
    assert typing(kind, 0).until == NOW + 5
    assert typing(kind, 4.75).stops
    assert not typing(kind, 5).stops
    assert not typing(kind, 500).stops


@pytest.mark.parametrize("kind", ["blur", "submit", "click", "pageview"])
def test_can_interrupt_after_other_actions(kind: str) -> None:
    assert not typing(kind, 0).stops


def test_fast_browser_clock_does_not_suppress_offers_for_long() -> None:
    assert typing("type", -1).until == NOW + 6
    assert not typing("type", -5.25).stops


def held(*boundaries: str, newest: Any, own: Any = None, **fields: Any) -> GateResult:
    limits = {"hold_until": list(boundaries), "max_wait": "30s"}
    return asked("hold_until", gate_context(limits=limits, own=own, newest=newest, **fields))


CLICK = action("Open menu", -1)


@pytest.mark.parametrize(
    "saving",
    [
        action("Click Save changes", 0),
        action("Click SAVE", 0),
        action("Submit the form", 0, type="submit"),
        action("Click Apply to 3", 0),
    ],
)
def test_save_is_a_boundary(saving: Any) -> None:
    assert not held("save", newest=saving).stops
    assert held("navigation", newest=saving).stops


@pytest.mark.parametrize("other", [CLICK, action("Click Savings", 0), action("Save", 0, type="type")])
def test_other_actions_are_not_saves(other: Any) -> None:
    assert held("save", newest=other).stops


def test_page_view_is_a_boundary() -> None:
    page = action("Page load: Projects", 0, type="pageview")
    assert not held("navigation", newest=page).stops
    assert held("save", newest=page).stops


def test_idle_period_is_a_boundary_once_it_is_complete() -> None:
    assert held("idle 3s", newest=action("Open", -2.75)).until == NOW + 0.25
    assert not held("idle 3s", newest=action("Open", -3)).stops


def test_earliest_of_several_boundaries_counts() -> None:
    assert not held("navigation", "save", newest=action("Save", 0)).stops
    verdict = held("save", "idle 10s", newest=CLICK, waiting_since=NOW - 5)
    assert verdict.until == NOW + 9
    assert "save or idle 10s" in verdict.detail
    assert held("save", "idle 10s", newest=CLICK, waiting_since=NOW - 25).until == NOW + 5


def test_ends_the_wait_after_its_maximum() -> None:
    assert held("save", newest=CLICK).until == NOW + 30
    assert held("save", newest=CLICK, waiting_since=NOW - 29.75).stops
    assert not held("save", newest=CLICK, waiting_since=NOW - 30).stops


def test_trigger_settings_override_the_general_boundaries_and_max_wait() -> None:
    assert not held("save", newest=CLICK, own={"hold_until": []}).stops
    assert held("save", newest=CLICK, own={"max_wait": "1m"}).until == NOW + 60
    assert held(newest=CLICK, own={"hold_until": ["save"]}).stops


def test_does_not_wait_without_boundaries_or_actions() -> None:
    assert not held(newest=CLICK).stops
    assert not held("save", newest=None).stops
