"""What a replay cannot know, it takes from the recording, or says so."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from support.engine_parts import T0, action, batch, save
from support.recorded_engine import RecordedEngine, recorded_engine
from support.run import asynchronous

from rasa_autoplay.engine.core.configuration import load_configuration
from rasa_autoplay.engine.decisions.decision_log import Decision
from rasa_autoplay.engine.recording.row import RecordingRow
from rasa_autoplay.engine.recording.row_encoder import Seen, encode_rows
from rasa_autoplay.engine.replay.past_explanation import explain_moment
from rasa_autoplay.engine.replay.quiet_log import run_quietly
from rasa_autoplay.engine.replay.recorded_replay import ReplayMaterial
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.studio_requests import ExplainMoment, FindNearness, FindRecordings, FindTimeline
from rasa_autoplay.settings.yaml_file import YamlFile

AUTOPLAY = """\
product_id: demo
recording: {keep: 7d}
session: {interaction_timeout: 10s, cooldown: 10s}
courtesy: {min_interval: 0, snooze: 24h}
triggers:
  - id: saves
    when: {count: {title: save changes, at_least: 2}}
    body: Several at once?
"""


def _write(folder: Path, content: str = AUTOPLAY) -> None:
    (folder / "autoplay.yml").write_text(content)


async def _dismisses(engine: RecordedEngine) -> None:
    """The user saves twice, dismisses the toast, and saves twice again, an hour later."""
    await engine.listen(receipts=True)
    for _ in range(2):
        await engine.act(save(0))
        await engine.wait(1)
    await engine.report("rendered")
    await engine.report("dismissed")
    await engine.wait(600)
    for _ in range(2):
        await engine.act(save(0))
        await engine.wait(1)


def _trigger(explanation: dict[str, Any], trigger_id: str) -> dict[str, Any]:
    found: dict[str, Any] = next(t for t in explanation["triggers"] if t["trigger_id"] == trigger_id)
    return found


@asynchronous
async def test_headline_names_the_gate_and_how_long_it_stays_closed(tmp_path: Path) -> None:
    _write(tmp_path)
    async with recorded_engine(tmp_path) as engine:
        await _dismisses(engine)
        await engine.rows()
        explanation = await engine.explain_at(engine.clock.now, "s1")
        assert explanation["headline"] == {
            "trigger_id": "saves",
            "outcome": "stopped",
            "gate": "answered",
            "text": "It fires, but answered stops it for another 23h50m.",
        }
        before = await engine.explain_at(T0 + 0.5, "s1")
        assert before["headline"]["text"] == "It does not fire: 1 of 2."


@asynchronous
async def test_any_engine_answers_from_the_database(tmp_path: Path) -> None:
    _write(tmp_path)
    async with recorded_engine(tmp_path) as one, recorded_engine(tmp_path, one.clock) as other:
        await _dismisses(one)
        await one.rows()
        for request in (
            FindRecordings("u1", "demo"),
            FindTimeline("u1", "demo", "s1"),
            FindNearness("u1", "demo", "s1", 7),
        ):
            assert await other.ask(request) == await one.ask(request)
        told = [await each.explain_at(one.clock.now, "s1") for each in (one, other)]
        for explanation in told:
            explanation["replay"].pop("took_ms")
        assert told[0] == told[1]


@asynchronous
async def test_heat_map_shows_the_rise_and_the_fire(tmp_path: Path) -> None:
    _write(tmp_path)
    async with recorded_engine(tmp_path) as engine:
        await engine.act(action("View home", 0))
        for _ in range(2):
            await engine.wait(10)
            await engine.act(save(0))
        await engine.wait(10)
        await engine.act(action("View home", 0))
        await engine.rows()
        found = (await engine.ask(FindNearness("u1", "demo", "s1", 6))).nearness
    (row,) = found["triggers"]
    assert row["nearness"] == [0.0, 0.5, 0.5, 1.0, 0.0, 0.0]
    assert row["peak"] == {"at": T0 + 20, "nearness": 1.0, "text": "it fires"}
    assert found["times"] == [T0 + 5 * (place + 1) for place in range(6)]
    assert found["replay"]["agrees"]


@asynchronous
async def test_says_that_the_files_have_changed_and_what_they_would_do(tmp_path: Path) -> None:
    _write(tmp_path)
    async with recorded_engine(tmp_path) as engine:
        await _dismisses(engine)
        await engine.rows()
    _write(tmp_path, AUTOPLAY.replace("at_least: 2", "at_least: 3"))
    async with recorded_engine(tmp_path, engine.clock) as later:
        explanation = await later.explain_at(engine.clock.now, "s1")
    replay = explanation["replay"]
    assert replay["files_changed"]
    assert "has changed since then" in replay["notes"][0]
    assert not replay["agrees"]
    assert replay["first_difference"]["recorded"] == "saves: fired"


@asynchronous
async def test_says_that_the_beginning_is_missing(tmp_path: Path) -> None:
    _write(tmp_path)
    async with recorded_engine(tmp_path) as engine:
        await _dismisses(engine)
        await engine.rows()
        await engine.engine.stores.recordings.forget_before(T0 + 1)
        replay = (await engine.explain_at(engine.clock.now, "s1"))["replay"]
        assert not replay["is_complete"]
        assert "beginning" in replay["notes"][0]
        timeline = (await engine.ask(FindTimeline("u1", "demo", "s1"))).timeline
        assert not timeline["is_complete"]


@asynchronous
async def test_restarted_engine_had_forgotten_its_sessions(tmp_path: Path) -> None:
    _write(tmp_path)
    async with recorded_engine(tmp_path) as engine:
        await engine.act(save(0))
        await engine.wait(1)
    async with recorded_engine(tmp_path, engine.clock) as again:
        await again.act(save(0))
        said = await again.explain_now()
        await again.rows()
        explanation = await again.explain_at(again.clock.now, "s1")
    assert explanation["replay"]["agrees"]
    assert explanation["triggers"] == said["triggers"]
    assert explanation["headline"]["text"] == "It does not fire: 1 of 2."


@asynchronous
async def test_asynchronous_trigger_is_not_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_triggers_of_a_test.py").write_text(
        "calls = []\n"
        "async def asks_a_service(ctx):\n"
        "    calls.append(ctx)\n"
        "    return len(ctx.recent_actions) >= 3\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    _write(
        tmp_path,
        AUTOPLAY + '  - {id: asked, predicate: "my_triggers_of_a_test:asks_a_service", body: Shall I?}\n',
    )
    async with recorded_engine(tmp_path) as engine:
        for _ in range(3):
            await engine.act(action("View home", 0))
            await engine.wait(1)
        rows = await engine.rows()
        decisions = [row.decoded()["outcome"] for row in rows if row.kind == "decision"]
        assert decisions == ["fired", "offered"]
        asked = len(sys.modules["my_triggers_of_a_test"].calls)
        explanation = await engine.explain_at(engine.clock.now, "s1")
        assert len(sys.modules["my_triggers_of_a_test"].calls) == asked
    replay = explanation["replay"]
    assert (replay["agrees"], replay["async_triggers"]) == (True, ["asked"])
    assert "asked" in replay["notes"][0]
    assert _trigger(explanation, "asked")["outcome"] == "fired"


def _vetoed() -> list[RecordingRow]:
    seen = [Seen("u1", "s1", T0, {"event": "began"})]
    for at in (0, 1):
        seen.append(Seen("u1", "s1", T0 + at, (batch(save(at)), "capture")))
    for outcome, gate in (("fired", ""), ("stopped", "judge")):
        decision = Decision(T0 + 1.5, outcome, "saves", "u1", "s1", gate=gate, detail="they are busy")  # type: ignore[arg-type]
        seen.append(Seen("u1", "s1", T0 + 1.5, decision))
    return [row for _, row in encode_rows(seen)]


@asynchronous
async def test_judge_is_not_asked_again(tmp_path: Path) -> None:
    _write(tmp_path, AUTOPLAY + "llm: {model: none, base_url: 'http://127.0.0.1:9', judge: true}\n")
    configuration = load_configuration(YamlFile(tmp_path / "autoplay.yml"))
    explanation = await explain_moment(ReplayMaterial(_vetoed()), configuration, "u1", "s1", T0 + 3)
    assert explanation["replay"]["agrees"]
    assert any("recorded vetoes" in note for note in explanation["replay"]["notes"])
    assert explanation["offers"] == []


def test_replayed_tours_and_withdrawals_are_not_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _write(tmp_path)
    configuration = load_configuration(YamlFile(tmp_path / "autoplay.yml"))
    seen = [Seen("u1", "s1", T0 + at, (batch(save(at)), "capture")) for at in (0, 1)]
    seen.append(Seen("u1", "s1", T0 + 2, {"event": "tour_started", "tour_id": "bulk"}))
    material = ReplayMaterial([row for _, row in encode_rows(seen)])
    with caplog.at_level("INFO"):
        explanation = run_quietly(lambda: explain_moment(material, configuration, "u1", "s1", T0 + 3))
    assert not explanation["replay"]["agrees"], "the offer was not made then, so the replay withdraws it"
    assert caplog.messages == []


@asynchronous
async def test_refuses_moments_that_are_not_recorded(tmp_path: Path) -> None:
    _write(tmp_path)
    async with recorded_engine(tmp_path) as engine:
        await engine.wait(100)
        await engine.act(save(0))
        await engine.rows()
        for request in (
            ExplainMoment("u1", "s1", T0 + 50),
            ExplainMoment("u1", "", T0 + 50),
            ExplainMoment("u1", "other", T0 + 150),
            ExplainMoment("nobody", "s1", T0 + 150),
            FindRecordings("u1", "other product"),
            FindNearness("u2", "demo", "s1", 7),
        ):
            with pytest.raises(EngineRefused) as refusal:
                await engine.ask(request)
            assert refusal.value.kind == "not_found"
        assert (await engine.ask(ExplainMoment("u1"))).explanation["session"]["session_id"] == "s1"
