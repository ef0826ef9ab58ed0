"""Live sessions for the studio: rows of all, and details that agree with `explain`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.engine_parts import T0, EngineParts, action, batch, predicate_trigger, save, settings
from support.run import asynchronous

from rasa_autoplay.engine.studio.latest_decisions import LatestDecisions
from rasa_autoplay.engine.studio.live_sessions import LiveSessions
from rasa_autoplay.engine.studio.nearest_trigger import NearestTrigger
from rasa_autoplay.engine.triggers.configured.loader import load_triggers
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.yaml_file import YamlFile

RULES = """\
product_id: demo
triggers:
  - id: bulk
    body: "Shall I show you bulk edit?"
    when:
      all:
        - on_page: /projects
        - count: {title: save changes, page: /projects, at_least: 3, within: 120s}
  - id: export
    body: "Export?"
    when: {count: {title: export, at_least: 2, within: 120s}}
  - id: asleep
    body: "Never."
    rollout: off
    when: {on_page: /projects}
"""

Make = Callable[..., "tuple[EngineParts, LiveSessions]"]


def _called(_ctx: Any) -> bool:
    raise AssertionError("a predicate must not be called for a picture")


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def build(*more: ConfiguredTrigger, **limits: Any) -> tuple[EngineParts, LiveSessions]:
        path = tmp_path / "autoplay.yml"
        path.write_text(RULES, encoding="utf-8")
        file = YamlFile(path)
        triggers = [*load_triggers(file.read(EngineSettings), [], file), *more]
        latest = LatestDecisions()
        made = EngineParts(
            tmp_path,
            triggers[:3],
            configuration=settings(courtesy=limits),
            observe_decision=latest.decision,
            observe_offer=latest.offer,
        )
        nearest = NearestTrigger(triggers, made.core.asker, made.follower)
        tours = made.tours.registry("demo", made.settings.session)
        live = LiveSessions("demo", made.core.sessions, nearest, latest, tours, 300.0, made.clock)
        return made, live

    return build


@asynchronous
async def test_lists_the_sessions_active_last_first(make: Make) -> None:
    made, live = make()
    async with made:
        for number in range(5):
            made.clock.now = T0 + number
            await made.take(batch(save(number), user=f"u{number}" if number else None, session=f"s{number}"))
        found = await live.find(limit=3, details=1)
        assert (found.at, found.total) == (T0 + 4, 5)
        assert [each["session_id"] for each in found.sessions] == ["s4", "s3", "s2"]
        assert found.sessions[0]["user_id"] == "u4"
        assert ["nearest" in each for each in found.sessions] == [True, False, False]
        (anonymous,) = (await live.describe(["s0"])).sessions
        assert (anonymous["user_id"], anonymous["state"], anonymous["last"]) == (None, "thinking", None)


@asynchronous
async def test_names_the_nearest_trigger_in_numbers(make: Make) -> None:
    made, live = make(predicate_trigger(_called, "python"))
    async with made:
        made.clock.now = T0 + 60
        await made.take(batch(save(0), save(20), action("Export", 30)))
        (session,) = (await live.describe(["s1"])).sessions
        nearest = session["nearest"]
        assert (nearest["trigger_id"], nearest["has"], nearest["needs"]) == ("bulk", 2, 3)
        assert nearest["text"].startswith("2 of 3")
        assert not nearest["fires"]
        explained = (await made.explainer.explain("u1"))["triggers"][0]
        assert nearest["text"] in explained["text"], "both say the same"


@asynchronous
async def test_counts_the_actions_of_each_stretch_of_the_window(make: Make) -> None:
    made, live = make()
    async with made:
        made.clock.now = T0 + 300
        actions = (action("A", 0.5), action("B", 1), action("C", 200), action("D", 300))
        await made.take(batch(*actions))
        (session,) = (await live.describe(["s1"])).sessions
        counts = session["activity"]["counts"]
        assert session["activity"]["bucket_s"] == 15
        assert (counts[0], counts[13], counts[19], sum(counts)) == (2, 1, 1, 4)


@asynchronous
async def test_says_what_was_last_said_and_what_became_of_it(make: Make) -> None:
    made, live = make()
    async with made:
        await made.listen()
        made.clock.now = T0 + 40
        await made.take(batch(save(0), save(20), save(40)))
        (session,) = (await live.describe(["s1"])).sessions
        last = session["last"]
        assert (last["outcome"], last["trigger_id"]) == ("offered", "bulk")
        assert "body" not in last, "nothing was said yet"
        offer = made.open_offer()
        await made.delivered(offer)
        await made.reported(offer, "rendered")
        (session,) = (await live.describe(["s1"])).sessions
        assert session["state"] == "proactive_assistance"
        assert session["last"]["body"] == "Shall I show you bulk edit?"
        assert session["last"]["status"] == "rendered"
        # The FSM goes on by itself, though nothing happens in the session.
        made.clock.now += 11
        (session,) = (await live.describe(["s1"])).sessions
        assert session["state"] == "thinking"


@asynchronous
async def test_says_which_gate_was_closed(make: Make) -> None:
    made, live = make(min_interval="10m")
    async with made:
        await made.listen()
        made.clock.now = T0 + 40
        await made.take(batch(save(0), save(20), save(40)))
        offer = made.open_offer()
        await made.delivered(offer)
        await made.reported(offer, "rendered")
        await made.reported(offer, "dismissed")
        (session,) = (await live.describe(["s1"])).sessions
        assert session["quiet_until"] > T0 + 40, "the cooldown is running"
        await made.at(200)
        await made.take(batch(action("Export", 190), action("Export", 200)))
        (session,) = (await live.describe(["s1"])).sessions
        last = session["last"]
        assert (last["outcome"], last["trigger_id"]) == ("stopped", "export")
        assert (last["gate"], last["until"]) == ("min_interval", T0 + 640)
        assert session["quiet_until"] is None


@asynchronous
async def test_tells_the_next_user_of_a_session_nothing_about_the_former(make: Make) -> None:
    made, live = make()
    async with made:
        await made.listen()
        made.clock.now = T0 + 40
        await made.take(batch(save(0), save(20), save(40)))
        made.clock.now = T0 + 50
        await made.take(batch(action("View", 50), user="u2"))
        (session,) = (await live.describe(["s1"])).sessions
        assert (session["user_id"], session["last"]) == ("u2", None)


@asynchronous
async def test_leaves_out_sessions_that_have_ended(make: Make) -> None:
    made, live = make()
    async with made:
        await made.take(batch(save(0)))
        assert [each["session_id"] for each in (await live.describe(["gone", "s1"])).sessions] == ["s1"]
