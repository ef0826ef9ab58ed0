"""New versions of the files while the engine runs: what takes effect, what stays, and what is refused."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from support.background import eventually
from support.engine_parts import action, batch, save
from support.reloading import RULE, engine_file, golden_path, rewritten
from support.run import asynchronous

from rasa_autoplay.engine.sessions.base import SessionTimer
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.link.messages import Event

#: Set by the test with a predicate that takes its time.
BEGAN: asyncio.Event
GO: asyncio.Event

OLD, NEW = engine_file(RULE % "Old text"), engine_file(RULE % "New text")


@asynchronous
async def test_a_new_text_counts_from_the_next_offer_on(tmp_path: Path) -> None:
    async with rewritten(tmp_path, OLD) as made:
        before = made.configuration["fingerprint"]
        await made.listen()
        await made.act(save(1))
        await made.rewrite(NEW)
        await made.act(save(2))
        assert made.bodies() == ["New text"]
        assert made.configuration["fingerprint"] != before
        assert "problem" not in made.configuration


@asynchronous
async def test_used_evidence_stays_used(tmp_path: Path) -> None:
    async with rewritten(tmp_path, OLD) as made:
        await made.listen()
        await made.act(save(1), save(2))
        offer = made.offer()
        assert offer is not None
        await made.engine._core.lifecycle.receipt(offer.offer_id, "rendered", made.clock())
        await made.engine._core.lifecycle.receipt(offer.offer_id, "dismissed", made.clock())
        await made.at(100)
        await made.rewrite(NEW)
        await made.act(action("Look", 101), action("Look again", 102))
        assert made.bodies() == ["Old text"]


@asynchronous
async def test_a_removed_trigger_makes_no_offer_and_a_new_one_does(tmp_path: Path) -> None:
    other = "  - {id: looks, when: {count: {title: Look, at_least: 2}}, body: Looking?}\n"
    async with rewritten(tmp_path, OLD) as made:
        await made.listen()
        await made.act(save(1), action("Look", 2))
        await made.rewrite(engine_file(other))
        await made.act(save(3), action("Look", 4))
        assert made.bodies() == ["Looking?"], "the action before the change counts for the new trigger"


@asynchronous
async def test_a_new_rule_about_the_whole_session_sees_the_window(tmp_path: Path) -> None:
    never = (
        "  - {id: n, when: {all: [{count: {title: Look, at_least: 1}}, {never: {title: Help}}]}, body: B}\n"
    )
    async with rewritten(tmp_path, OLD) as made:
        await made.listen()
        await made.act(action("Open Help", 1))
        await made.rewrite(engine_file(never))
        await made.act(action("Look", 2))
        assert made.bodies() == []


@asynchronous
async def test_a_wrong_version_changes_nothing_and_is_reported_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with rewritten(tmp_path, OLD) as made:
        await made.listen()
        before = made.configuration
        wrong = OLD.replace("at_least: 2", "at_leest: 2")
        for _ in range(3):
            await made.rewrite(wrong)
        assert made.configuration["fingerprint"] == before["fingerprint"]
        assert made.configuration["loaded_at"] == before["loaded_at"]
        assert "autoplay.yml:7: " in made.configuration["problem"]
        assert "at_leest" in made.configuration["problem"]
        assert [r.levelno for r in caplog.records if "stays in force" in r.message] == [logging.ERROR]
        await made.act(save(1), save(2))
        assert made.bodies() == ["Old text"]


@pytest.mark.parametrize("mended", [OLD, NEW])
@asynchronous
async def test_a_problem_is_over_when_the_file_is_mended_or_put_back(tmp_path: Path, mended: str) -> None:
    async with rewritten(tmp_path, OLD) as made:
        await made.rewrite("product_id: [")
        assert "problem" in made.configuration
        await made.rewrite(mended)
        assert "problem" not in made.configuration


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("product_id: demo", "product_id: other", "product_id"),
        ("cooldown: 20s", "cooldown: 20s, idle_timeout: 5m", "session.idle_timeout"),
        ("cooldown: 20s", "cooldown: 20s, max_sessions: 5", "session.max_sessions"),
        ("cooldown: 20s", "cooldown: 20s, window: {lookback: 1m}", "session.window"),
        ("triggers:", "database: {url: 'sqlite:///other.db'}\ntriggers:", "database.url"),
        ("triggers:", "shared: {redis: 'redis://localhost'}\ntriggers:", "shared"),
    ],
)
@asynchronous
async def test_refuses_what_is_read_only_at_the_start(tmp_path: Path, old: str, new: str, place: str) -> None:
    async with rewritten(tmp_path, OLD) as made:
        await made.rewrite(NEW.replace(old, new))
        problem = made.configuration["problem"]
        assert f"restart the action server: {place} has changed." in problem
        assert problem.startswith("autoplay.yml:")
        await made.listen()
        await made.act(save(1), save(2))
        assert made.bodies() == ["Old text"]


@asynchronous
async def test_an_unchanged_redis_address_is_no_change(tmp_path: Path) -> None:
    shared = "shared: {redis: 'redis://:password@localhost'}\ntriggers:"
    old, new = (each.replace("triggers:", shared, 1) for each in (OLD, NEW))
    async with rewritten(tmp_path, old) as made:
        before = made.engine._version
        await made.rewrite(f"{old}# the same\n")
        assert made.engine._version is before
        await made.rewrite(new)
        assert "problem" not in made.configuration
        assert made.engine._version is not before


@asynchronous
async def test_new_times_apply_to_live_sessions(tmp_path: Path) -> None:
    async with rewritten(tmp_path, OLD) as made:
        await made.listen()
        await made.act(save(1))
        await made.rewrite(OLD.replace("cooldown: 20s", "cooldown: 500s"))
        await made.act(save(2))
        offer = made.offer()
        assert offer is not None
        await made.engine._core.lifecycle.receipt(offer.offer_id, "rendered", made.clock())
        assert (await made.session()).state.cooldown_period_s == 500


@asynchronous
async def test_a_hold_by_an_old_limit_ends(tmp_path: Path) -> None:
    strict = OLD.replace("min_interval: 0", "min_interval: 1h, per_user_per_day: 1")
    async with rewritten(tmp_path, strict) as made:
        await made.listen()
        await made.act(save(1), save(2))
        offer = made.offer()
        assert offer is not None
        await made.engine._core.lifecycle.receipt(offer.offer_id, "rendered", made.clock())
        await made.at(13)
        await made.at(40)
        await made.act(save(41), save(42))
        assert made.bodies() == ["Old text"]
        await made.rewrite(NEW)
        await made.act(save(43))
        assert made.bodies() == ["Old text", "New text"]


@asynchronous
async def test_a_waiting_offer_without_its_trigger_is_withdrawn(tmp_path: Path) -> None:
    async with rewritten(tmp_path, OLD) as made:
        await made.act(save(1), save(2))
        offer = made.offer()
        assert offer is not None
        await made.rewrite(engine_file("  - {id: t, when: {count: {title: Look, at_least: 1}}, body: Hi}\n"))
        await made.engine.finish_pending()
        assert made.offer() is None
        await made.listen()
        assert made.bodies() == []
        assert made.engine.health()["offers_withdrawn"] == 1
        await made.act(action("Look", 3))
        assert made.bodies() == ["Hi"], "the old offer is in nobody's way"


@asynchronous
async def test_a_waiting_offer_keeps_its_text_if_its_trigger_only_changes(tmp_path: Path) -> None:
    async with rewritten(tmp_path, OLD) as made:
        await made.act(save(1), save(2))
        await made.rewrite(NEW)
        await made.listen()
        assert made.bodies() == ["Old text"]


def press(element: str, at: float) -> SlimAction:
    return action(f"Click {element}", at, element_id=element)


@asynchronous
async def test_progress_survives_a_path_with_other_steps(tmp_path: Path) -> None:
    async with rewritten(tmp_path, OLD) as made:
        await made.write_path(golden_path("open", "select", "apply"))
        for at, element in enumerate(("open", "select")):
            await made.act(press(element, at))
        await made.write_path(golden_path("open", "choose", "select", "apply", "confirm"))
        progress = made.engine._memory.workflow_progress(await made.session())
        (position,) = progress.positions.values()
        assert (position.steps_done, position.steps_total) == (2, 5)
        for at, element in enumerate(("choose", "apply", "confirm"), 3):
            await made.act(press(element, at))
        progress = made.engine._memory.workflow_progress(await made.session())
        assert progress.positions["bulk"].steps_done == 5


@asynchronous
async def test_the_window_counts_for_a_new_path_and_for_new_steps(tmp_path: Path) -> None:
    async with rewritten(tmp_path, OLD) as made:
        for at, element in enumerate(("open", "select")):
            await made.act(press(element, at))
        assert (await made.session()).step_evidence is None
        await made.write_path(golden_path("open", "select", "apply"))
        progress = made.engine._memory.workflow_progress(await made.session())
        assert progress.positions["bulk"].steps_done == 2


@asynchronous
async def test_a_removed_path_takes_its_progress_with_it(tmp_path: Path) -> None:
    async with rewritten(tmp_path, OLD) as made:
        await made.write_path(golden_path("open", "select"))
        await made.act(press("open", 0))
        await made.write_path(None)
        session = await made.session()
        assert session.step_evidence is None
        assert session.user_history is not None
        assert not session.user_history.workflows


@asynchronous
async def test_memory_of_the_user_follows_the_new_paths(tmp_path: Path) -> None:
    async with rewritten(tmp_path, OLD) as made:
        await made.write_path(golden_path("open", "apply"))
        await made.act(press("open", 0), press("apply", 1), session="first")
        await made.engine.sessions.clear()
        await made.act(action("Look", 10))
        history = (await made.session()).user_history
        assert history is not None
        assert history.workflows["bulk"].state == "mastered"
        await made.write_path(golden_path("open", "apply", path_id="other"), "other")
        history = (await made.session()).user_history
        assert history is not None
        assert {path_id: known.state for path_id, known in history.workflows.items()} == {
            "bulk": "mastered",
            "other": "untouched",
        }


@asynchronous
async def test_a_session_that_ends_after_the_change_is_stored_by_the_new_paths(tmp_path: Path) -> None:
    async with rewritten(tmp_path, OLD) as made:
        await made.write_path(golden_path("open", "select", "apply"))
        await made.act(press("open", 0), press("apply", 1))
        await made.write_path(golden_path("open", "apply"))
        await made.engine.sessions.clear()
        await made.act(action("Look", 10), session="next")
        history = (await made.session("next")).user_history
        assert history is not None
        assert history.workflows["bulk"].state == "mastered"


@asynchronous
async def test_a_running_tour_continues_along_the_new_path(tmp_path: Path) -> None:
    async with rewritten(tmp_path, OLD) as made:
        await made.write_path(golden_path("open", "select", "apply"))
        await made.act(press("open", 0))
        await made.listen()
        tour = made.engine._version.configuration.tours.resolve("bulk")
        assert tour is not None
        assert await made.engine._core.lifecycle.tour_started("u1", tour, made.clock()) == ["open"]
        await made.write_path(golden_path("first", "open", "select", "apply"))
        await made.act(press("select", 2), press("first", 3), press("apply", 4))
        news = [toast for toast in made.publisher.toasts if "done" in toast]
        assert [each["done"] for each in news] == [["select"], ["first"], ["apply"]]
        assert news[-1]["complete"]


@asynchronous
async def test_the_end_of_a_tour_counts_when_its_path_is_gone(tmp_path: Path) -> None:
    async with rewritten(tmp_path, OLD) as made:
        await made.write_path(golden_path("open", "apply"))
        await made.act(press("open", 0))
        tour = made.engine._version.configuration.tours.resolve("bulk")
        assert tour is not None
        await made.engine._core.lifecycle.tour_started("u1", tour, made.clock())
        await made.write_path(None)
        await made.act(press("apply", 1))
        await made.engine._core.lifecycle.tour_ended("u1", made.clock(), "finished", "apply")
        assert made.engine.health()["tours_finished"] == 1


@asynchronous
async def test_a_switched_off_trigger_withdraws_its_waiting_offer(tmp_path: Path) -> None:
    async with rewritten(tmp_path, OLD) as made:
        await made.act(save(1), save(2))
        assert made.offer() is not None
        await made.rewrite(OLD.replace("body:", "rollout: 'off'\n    body:"))
        await made.engine.finish_pending()
        assert made.offer() is None


@asynchronous
async def test_a_trigger_that_waits_for_a_pause_goes_on_waiting_with_its_new_text(tmp_path: Path) -> None:
    waits = OLD.replace("min_interval: 0", "min_interval: 0, hold_until: [navigation], max_wait: 60s")
    async with rewritten(tmp_path, waits) as made:
        await made.listen()
        await made.act(save(1), save(2))
        since = (await made.session()).triggers.waiting_since
        assert since is not None
        await made.rewrite(waits.replace("Old text", "New text"))
        assert (await made.session()).triggers.waiting_since == since
        await made.act(action("View", 3, "https://app.example.com/reports", type="pageview"))
        assert made.bodies() == ["New text"]


@asynchronous
async def test_a_removed_trigger_waits_no_longer(tmp_path: Path) -> None:
    waits = OLD.replace("min_interval: 0", "min_interval: 0, hold_until: [navigation], max_wait: 60s")
    other = "  - {id: other, when: {count: {title: Look, at_least: 1}}, body: Looking?}\n"
    async with rewritten(tmp_path, waits) as made:
        await made.listen()
        await made.act(save(1), save(2))
        await made.rewrite(engine_file(other))
        assert (await made.session()).triggers.waiting_since is None
        await made.act(action("Look", 3))
        assert made.bodies() == ["Looking?"], "it no longer stands before the other triggers"


async def slow(_ctx: object) -> bool:
    """A predicate of a team that takes its time."""
    BEGAN.set()
    await GO.wait()
    return True


@asynchronous
async def test_a_pending_decision_ends_by_the_version_by_which_it_began(tmp_path: Path) -> None:
    global BEGAN, GO
    BEGAN, GO = asyncio.Event(), asyncio.Event()
    predicate = f"  - {{id: slow, predicate: '{__name__}:slow', body: Slow}}\n"
    async with rewritten(tmp_path, engine_file(predicate)) as made:
        await made.listen()
        acting = asyncio.create_task(made.act(action("Look", 1)))
        await BEGAN.wait()
        changing = asyncio.create_task(made.rewrite(engine_file(RULE % "New text")))
        await eventually(made.engine._applier.applying.locked, what="the swap has begun")
        later = asyncio.create_task(made.engine.apply_messages("d2", [Event(batch(save(2)), "capture")]))
        await asyncio.sleep(0.05)
        assert not later.done(), "messages wait for the swap"
        GO.set()
        await asyncio.gather(acting, changing, later)
        assert made.bodies() == ["Slow"]
        assert (await made.session()).action_count == 2


@asynchronous
async def test_a_part_of_the_old_version_cannot_bring_a_session_back(tmp_path: Path) -> None:
    async with rewritten(tmp_path, OLD) as made:
        await made.write_path(golden_path("open", "apply"))
        old = made.engine._core
        await made.act(press("open", 0), press("new", 1))
        await made.write_path(golden_path("open", "new", "apply"))
        session = await made.session()
        evidence = session.step_evidence
        assert await old.sessions.find(session.key) is session
        assert session.step_evidence is evidence
        await old.driver.evaluate(session, made.clock())
        assert (SessionTimer.EVALUATE, session.key) in made.engine._timers._due


@asynchronous
async def test_the_language_model_stays_unless_its_section_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    model = "llm: {model: %s, base_url: 'http://127.0.0.1:9', summary_every: 5, session_notes: true}\n"
    async with rewritten(tmp_path, engine_file(RULE % "Old text", more=model % "one")) as made:
        models = made.engine._version.models
        await made.rewrite(engine_file(RULE % "New text", more=model % "one"))
        assert made.engine._version.models is models
        await made.write_path(golden_path("open"))
        assert made.engine._version.models is not models
        assert made.engine._version.models.model is models.model, "with its breaker and quotas"
        await made.rewrite(engine_file(RULE % "New text", more=model % "two"))
        assert made.engine._version.models.model is not models.model
        await made.rewrite(engine_file(RULE % "New text"))
        assert made.engine._version.models.model is None


@asynchronous
async def test_actions_that_keep_the_assistant_get_the_new_answers(tmp_path: Path) -> None:
    async with rewritten(tmp_path, OLD) as made:
        await made.write_path(golden_path("open"))
        kept = made.engine.answers
        assert "Press open." in (await kept.ask("", "how does bulk edit work?")).text
        await made.write_path(golden_path("choose"))
        assert "Press choose." in (await kept.ask("", "how does bulk edit work?")).text


@asynchronous
async def test_a_version_that_cannot_be_put_in_force_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise RuntimeError("a fault of this package")

    async with rewritten(tmp_path, OLD) as made:
        await made.listen()
        monkeypatch.setattr("rasa_autoplay.engine.versions.EngineVersion", fail)
        await made.rewrite(NEW)
        assert "RuntimeError" in made.configuration["problem"]
        await made.act(save(1), save(2))
        assert made.bodies() == ["Old text"]


@asynchronous
async def test_each_version_is_recorded_in_the_log_of_changes(tmp_path: Path) -> None:
    async with rewritten(tmp_path, OLD) as made:
        made.engine._reloader.start()
        await made.rewrite(OLD.replace("at_least", "at_leest"))
        await made.rewrite(NEW)
        writing = made.engine._change_writer._writing
        assert writing is not None
        await writing
        found = await made.engine.stores.change_log.since("demo", 0)
        assert found is not None
        assert [change.kind.value for change in found] == ["loaded", "refused", "loaded"]
        assert "at_leest" in found[1].detail
        assert found[2].fingerprint == made.configuration["fingerprint"]


# --- rollout -----------------------------------------------------------------------------------------------


def rolled_out(share: str, *, more: str = "") -> str:
    return engine_file(f"{RULE % 'Text'}    rollout: {share}\n", more=more)


@pytest.mark.parametrize("earlier", ["off", "ghost", "0%"])
@asynchronous
async def test_a_raised_rollout_counts_from_the_next_decision_on(tmp_path: Path, earlier: str) -> None:
    async with rewritten(tmp_path, rolled_out(earlier)) as made:
        await made.listen()
        await made.act(save(1), save(2))
        for seconds in (3, 15, 50, 200):  # it counts as shown, times out, and its cooldown ends
            await made.at(seconds)
        assert made.bodies() == []
        await made.rewrite(rolled_out("live"))
        await made.act(save(201), save(202))
        assert made.bodies() == ["Text"]


@pytest.mark.parametrize(
    ("later", "reason"),
    [
        (rolled_out("off"), "autoplay.yml has switched its trigger off"),
        (rolled_out("ghost"), "autoplay.yml no longer gives it to the user"),
        (rolled_out("live", more="holdout: {share: 100%}\n"), "autoplay.yml no longer gives it to the user"),
    ],
)
@asynchronous
async def test_a_lowered_rollout_withdraws_what_still_waits(tmp_path: Path, later: str, reason: str) -> None:
    async with rewritten(tmp_path, rolled_out("live")) as made:
        await made.act(save(1), save(2))
        offer = made.offer()
        assert offer is not None
        await made.rewrite(later)
        await made.engine.finish_pending()
        assert made.offer() is None
        receipts = await made.engine.stores.ledger.receipts([offer.offer_id])
        assert [(each.event, each.detail) for each in receipts] == [("withdrawn", reason)]
        await made.listen()
        assert made.bodies() == []
