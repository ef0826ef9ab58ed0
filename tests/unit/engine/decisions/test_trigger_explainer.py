"""Why (not)? Every trigger's state for one user in numbers; explaining changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.engine_parts import PROJECTS, T0, EngineParts, action, batch, predicate_trigger, save, settings
from support.run import asynchronous

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.triggers.configured.loader import load_triggers
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.engine.triggers.decorators import only_events
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.limits import TriggerLimitSettings
from rasa_autoplay.settings.yaml_file import YamlFile

RULE = """\
product_id: demo
triggers:
  - id: bulk
    body: "Shall I?"
    when:
      all:
        - on_page: /projects
        - count: {title: save changes, page: /projects, at_least: 3, within: 120s}
"""


@only_events
def asks(ctx: ProactiveTriggerContext) -> bool:
    return any(each.title == "help" for each in ctx.recent_actions)


def helper(**own: Any) -> ConfiguredTrigger:
    return predicate_trigger(asks, "helper", courtesy=TriggerLimitSettings.parse_obj(own))


MakeEngine = Callable[..., EngineParts]


@pytest.fixture
def engine(tmp_path: Path) -> MakeEngine:
    def build(*triggers: ConfiguredTrigger, **limits: Any) -> EngineParts:
        return EngineParts(tmp_path, triggers or [helper()], configuration=settings(courtesy=limits))

    return build


@pytest.fixture
def bulk(tmp_path: Path) -> ConfiguredTrigger:
    path = tmp_path / "autoplay.yml"
    path.write_text(RULE, encoding="utf-8")
    file = YamlFile(path)
    (trigger,) = load_triggers(file.read(EngineSettings), [], file)
    return trigger


async def explained(made: EngineParts, user: str = "u1") -> dict[str, Any]:
    """Return the first trigger's explanation, after checking that it encodes as JSON."""
    answer = await made.explainer.explain(user)
    first: dict[str, Any] = json.loads(json.dumps(answer, allow_nan=False))["triggers"][0]
    return first


def stopping(explanation: dict[str, Any]) -> list[dict[str, Any]]:
    return [gate for gate in explanation["gates"] if gate["stops"]]


@asynchronous
async def test_explains_a_near_miss_in_numbers(engine: MakeEngine, bulk: ConfiguredTrigger) -> None:
    async with engine(bulk) as made:
        made.clock.now = T0 + 134
        page = "https://app.example.com/dashboard"
        await made.take(batch(save(0), save(60), save(90), action("View dashboard", 100, page)))
        told = await explained(made)
        assert (told["trigger_id"], told["outcome"]) == ("bulk", "near_miss")
        on_page, count = told["conditions"]
        assert not on_page["holds"]
        assert not count["holds"]
        assert (count["have"], count["need"]) == (2, 3)
        for said in ("2 of 3", "14 s", "dashboard", "/projects"):
            assert said in told["text"]
        await made.at(220)
        assert (await explained(made))["outcome"] == "not_near", "no save is left"


@asynchronous
async def test_stopped_trigger_names_its_gate_and_the_remaining_time(engine: MakeEngine) -> None:
    async with engine(min_interval="5m") as made:
        await made.take(batch(action("help", 0)))
        await made.reported(made.open_offer(), "rendered")
        await made.reported(made.open_offer(), "timed_out")
        await made.at(130)
        await made.take(batch(action("help", 130)))
        told = await explained(made)
        assert told["outcome"] == "stopped"
        (gate,) = stopping(told)
        assert (gate["gate"], gate["until"], gate["remaining_s"]) == ("min_interval", T0 + 300, 170)
        assert told["text"] == (
            "It fires, but min_interval stops it for another 2m50s: the last toast was shown 2m10s ago; the "
            "interval is 5m."
        )


@asynchronous
async def test_describes_permanent_reasons_in_words(engine: MakeEngine) -> None:
    async with engine() as made:
        await made.take(batch(action("help", 0)))
        await made.reported(made.open_offer(), "never")
        await made.at(60)
        await made.take(batch(action("help", 60)))
        told = await explained(made)
        assert told["outcome"] == "stopped"
        assert "for ever" in told["text"]
        (gate,) = stopping(told)
        assert gate == {
            "gate": "answered",
            "stops": True,
            "detail": f"'never' about {PROJECTS}, which counts for ever",
            "for_ever": True,
        }


@asynchronous
async def test_lists_the_state_machine_among_the_gates(engine: MakeEngine) -> None:
    async with engine() as made:
        await made.take(batch(action("View", 0)))
        await made.lifecycle.chat_message("u1", made.clock())
        await made.at(4)
        await made.take(batch(action("help", 4)))
        (gate,) = stopping(await explained(made))
        assert (gate["gate"], gate["remaining_s"]) == ("attention", 6)
        assert "chatting" in gate["detail"]
        await made.at(12)
        (gate,) = stopping(await explained(made))
        assert (gate["detail"], gate["remaining_s"]) == ("the cooldown is running in session s1", 18)


@asynchronous
async def test_fired_trigger_reports_its_offers_outcome(engine: MakeEngine) -> None:
    async with engine() as made:
        await made.take(batch(action("help", 0)))
        await made.at(3)
        assert (await explained(made))["text"] == "It fired 3s ago; its offer is queued."
        await made.reported(made.open_offer(), "rendered")
        told = await explained(made)
        assert (told["outcome"], told["text"]) == ("fired", "It fired 3s ago; its offer is rendered.")
        await made.reported(made.open_offer(), "dismissed")
        told = await explained(made)
        assert told["outcome"] == "not_near"
        assert told["text"] == "It does not fire: nothing has happened since its last offer."
        assert {gate["gate"] for gate in stopping(told)} == {"answered", "attention"}


@asynchronous
async def test_reports_caps_before_they_are_reached(engine: MakeEngine) -> None:
    async with engine(helper(per_day=2), per_user_per_day=5) as made:
        await made.take(batch(action("help", 0)))
        await made.reported(made.open_offer(), "rendered")
        details = {gate["gate"]: gate["detail"] for gate in (await explained(made))["gates"]}
        assert details["trigger_per_day"] == "1 of 2 today"
        assert details["per_user_per_day"] == "1 of 5 today"
        assert details["trigger_per_user"] == "1 ever, no cap"


@asynchronous
async def test_explains_users_without_a_session(engine: MakeEngine) -> None:
    async with engine() as made:
        answer = await made.explainer.explain("nobody")
        assert answer["session"] is None
        (told,) = answer["triggers"]
        assert (told["outcome"], told["text"]) == (
            "not_near",
            "It does not fire: the user has no live session.",
        )


def broken(_ctx: ProactiveTriggerContext) -> bool:
    raise RuntimeError("somebody's s3cret mistake")


@asynchronous
async def test_failing_trigger_does_not_hide_the_others(engine: MakeEngine) -> None:
    async with engine(predicate_trigger(broken, "broken"), helper()) as made:
        await made.take(batch(action("View", 0)))
        answer = await made.explainer.explain("u1")
        assert [told["trigger_id"] for told in answer["triggers"]] == ["broken", "helper"]
        assert "RuntimeError" in answer["triggers"][0]["text"]
        assert "s3cret" not in json.dumps(answer)


@asynchronous
async def test_knows_the_cooldown_right_after_a_restart(engine: MakeEngine) -> None:
    first = engine()
    await first.take(batch(action("help", 0)))
    await first.reported(first.open_offer(), "rendered")
    await first.at(15)
    again = await first.restarted()
    async with again:
        await again.take(batch(action("View", 14)))
        attention = next(g for g in (await explained(again))["gates"] if g["gate"] == "attention")
        assert attention["remaining_s"] == 15
        assert not (await again.session()).was_spoken_to, "asking has changed nothing"


def everything(made: EngineParts, session: Any) -> str:
    """Return everything that could change, as text."""
    slots = {name: getattr(session, name) for name in type(session).__slots__}
    slots["window"] = session.window.actions
    return repr((sorted(slots.items()), made.timers._due, made.core.counts, made.decisions))


@asynchronous
async def test_explaining_changes_nothing(engine: MakeEngine, bulk: ConfiguredTrigger) -> None:
    async with engine(bulk, helper(), hold_until=["save"]) as made:
        made.clock.now = T0 + 30
        await made.take(batch(save(10), save(20), action("help", 25)))
        session = await made.session()
        assert session.triggers.waits("helper")
        before, offers = everything(made, session), await made.offers()
        for later in (0, 1, 500):
            made.clock.now = T0 + 30 + later
            await made.explainer.explain("u1")
            assert everything(made, session) == before
        assert await made.offers() == offers


@asynchronous
async def test_describes_the_session(engine: MakeEngine) -> None:
    async with engine() as made:
        payload = batch(action("View", 0))
        payload.timezone, payload.language = "Europe/Berlin", "de"
        await made.take(payload)
        await made.at(7)
        answer = await made.explainer.explain("u1")
        assert answer["session"] == {
            "session_id": "s1",
            "source": "capture",
            "page": PROJECTS,
            "actions": 1,
            "timezone": "Europe/Berlin",
            "language": "de",
            "idle_s": 7,
            "goal": None,
        }
        assert (answer["user_id"], answer["product_id"], answer["at"]) == ("u1", "demo", T0 + 7)


@asynchronous
async def test_session_goal_is_the_workflow_in_progress(tmp_path: Path) -> None:
    step = {"text": "Do it.", "done_when": {"title": "save changes"}}
    after = {"text": "Then that.", "title": "That", "done_when": {"title": "archive"}}
    path = GoldenPath.parse_obj(
        {"id": "tidy", "title": "Tidy up", "steps": [{"id": "one", **step}, {"id": "two", **after}]}
    )
    async with EngineParts(tmp_path, [helper()], paths=[path]) as made:
        await made.take(batch(action("elsewhere", 0)))
        assert (await made.explainer.explain("u1"))["session"]["goal"] is None
        await made.take(batch(save(1)))
        assert (await made.explainer.explain("u1"))["session"]["goal"] == {
            "golden_path": "tidy",
            "title": "Tidy up",
            "next_step": "That",
            "steps_done": 1,
            "steps_total": 2,
        }
        await made.take(batch(action("Archive", 2)))
        assert (await made.explainer.explain("u1"))["session"]["goal"] is None, "nothing is left to do"
