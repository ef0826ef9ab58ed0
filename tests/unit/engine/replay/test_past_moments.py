"""What a replay says about a past moment agrees with what the engine said and decided then."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from support.engine_parts import action
from support.recorded_engine import RecordedEngine, recorded_engine

from rasa_autoplay.engine.changes.change import ChangeKind
from rasa_autoplay.engine.recording.row import RowKind
from rasa_autoplay.engine.replay.recorded_rows import decisions_among

AUTOPLAY = """\
product_id: demo
recording: {keep: 7d}
session: {interaction_timeout: 10s, cooldown: 15s, idle_timeout: 5m}
courtesy:
  min_interval: 20s
  per_user_per_day: 5
  snooze: 60s
  after_accepted: 2m
  max_wait: 15s
  explore: 40%
holdout: {share: 10%, salt: "a"}
golden_paths: paths
triggers:
  - id: saves
    when: {count: {title: save changes, at_least: 3, within: 60s}}
    body: "Several at once?"
    golden_path: export
    rollout: 70%
  - id: menus
    when: {all: [{count: {title: menu, at_least: 2}}, {never: {title: bulk edit}}]}
    body: "The menu?"
    courtesy: {hold_until: [save, navigation, idle 4s], per_user: 2}
    cooldown: 40s
  - id: stalled
    when: {path: {stalled: export, for: 12s}}
    body: "Next: {next_step}?"
    variants: [{id: a, body: "Next?"}, {id: b, body: "Stuck?"}]
  - id: back
    when: [{segment: {user: returning}}, {memory: {in_progress: export}}]
    body: "Carry on?"
    golden_path: export
  - {builtin: rage_click}
  - {builtin: user_page_dwell, dwell: 45s, offer_ttl: 20s}
"""
EXPORT = """\
id: export
title: Export a report
page: /reports
steps:
  - {id: menu, title: Menu, element: "#menu", text: Open it., done_when: {element_id: menu}}
  - {id: format, title: Format, element: "#format", text: Choose one., done_when: {element_id: format}}
  - {id: go, title: Go, element: "#go", text: Press it., done_when: {element_id: go}}
"""

_ACTIONS = {
    "save": {"title": "Click Save changes"},
    "menu": {"title": "Open menu", "element_id": "menu", "page": "https://app.example.com/reports"},
    "format": {"title": "Choose CSV", "element_id": "format", "page": "https://app.example.com/reports"},
    "go": {"title": "Press Go", "element_id": "go", "page": "https://app.example.com/reports"},
    "bulk": {"title": "Click Bulk edit"},
    "visit": {"title": "View dashboard", "type": "pageview", "page": "https://app.example.com/dashboard"},
    "rage": {"title": "Click Export", "signal": "rage_click"},
    "type": {"title": "Focus Name", "type": "focus"},
}
_SESSIONS = st.sampled_from(["s1", "s1", "s1", "s2"])
_WAITS = st.sampled_from([0.25, 1, 2, 3, 5, 9, 14, 25, 46, 70, 130, 320])
_STEPS = st.one_of(
    *[st.tuples(st.just("act"), st.sampled_from(sorted(_ACTIONS)), _SESSIONS)] * 4,
    *[st.tuples(st.just("wait"), _WAITS)] * 3,
    st.tuples(
        st.just("report"),
        st.sampled_from(["rendered", "seen", "timed_out", "dismissed", "snoozed", "never", "accepted"]),
    ),
    st.tuples(st.just("listen"), st.booleans()),
    st.tuples(st.sampled_from(["leave", "write", "start_tour", "step_tour"])),
    st.tuples(st.just("end_tour"), st.sampled_from(["finished", "left", "missing"])),
    st.tuples(st.just("pause"), st.sampled_from([ChangeKind.PAUSED, ChangeKind.RESUMED]), st.just("saves")),
    st.tuples(st.just("explain")),
)


async def _take(engine: RecordedEngine, step: tuple[Any, ...]) -> None:
    kind, *arguments = step
    if kind == "act":
        name, session = arguments
        fields = {"page": "https://app.example.com/projects", **_ACTIONS[name]}
        await engine.wait(0.5)  # two things never happen at one time
        await engine.act(action(at=0, **fields), session=session)
    elif kind == "listen":
        await engine.listen(receipts=arguments[0])
    else:
        await engine.wait(0.0 if kind in ("wait", "explain") else 0.5)
        await getattr(engine, kind)(*arguments)


def _comparable(explanation: dict[str, Any]) -> dict[str, Any]:
    """Leave out what a replay cannot know, and what only a replay says."""
    session = {**(explanation["session"] or {})}
    return {
        "session": session,
        "headline": explanation["headline"],
        "triggers": [{**each, "failures": {}} for each in explanation["triggers"]],
        # Offers of the same moment have no order.
        "offers": sorted(
            ({**each, "life": _rounded(each["life"])} for each in explanation["offers"]),
            key=lambda offer: str(offer["offer_id"]),
        ),
    }


def _rounded(life: dict[str, float]) -> dict[str, float]:
    return {name: round(at, 3) for name, at in life.items()}


async def _check(folder: Path, steps: list[tuple[Any, ...]]) -> None:
    (folder / "autoplay.yml").write_text(AUTOPLAY)
    (folder / "paths").mkdir()
    (folder / "paths" / "export.yml").write_text(EXPORT)
    said: list[tuple[float, dict[str, Any]]] = []
    async with recorded_engine(folder) as engine:
        await engine.act(action("View projects", 0, type="pageview"))
        for step in steps:
            if step[0] != "explain":
                await _take(engine, step)
            explanation = await engine.explain_now()
            if explanation["session"] is not None:
                said.append((engine.clock.now, explanation))
            await engine.wait(0.125)
        rows = await engine.rows()
        for at, then in said:
            again = await engine.explain_at(at, then["session"]["session_id"])
            note(f"at {at}: {again['replay']}")
            assert again["replay"]["agrees"], again["replay"]
            assert _comparable(again) == _comparable(then)
        for decision in decisions_among(rows):
            again = await engine.explain_at(decision.at, decision.session_id)
            assert again["replay"]["agrees"], again["replay"]
        assert {row.kind for row in rows} <= {RowKind.ACTIONS, RowKind.DECISION, RowKind.SESSION}


def _check_in_a_folder(steps: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_check(Path(folder), steps))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_STEPS, min_size=5, max_size=40))
def test_explains_every_moment_as_the_live_engine_did(steps: list[tuple[Any, ...]]) -> None:
    _check_in_a_folder(steps)


@pytest.mark.slow
@pytest.mark.timeout(3_600)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_STEPS, min_size=20, max_size=80))
def test_explains_every_moment_of_long_sessions(steps: list[tuple[Any, ...]]) -> None:
    _check_in_a_folder(steps)
