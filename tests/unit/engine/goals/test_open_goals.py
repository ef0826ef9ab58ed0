"""What users reach after a decision, in any session, is recorded once, with its own time."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from support.engine_parts import T0, EngineParts, action, batch
from support.rules import triggers
from support.run import asynchronous
from support.visits import APP, DAY, EXPORT, comes, did, leaves, parts

from rasa_autoplay.engine.memory.sql.store import SqlMemoryStore
from rasa_autoplay.engine.offers.base import Receipt
from rasa_autoplay.events.models import SlimAction

ASKS = """
  - id: help
    when: {count: {title: Click help, at_least: 1}}
    body: Want me to show you?
    golden_path: export
    courtesy: {hold_until: []}
"""
COUNTS = ASKS + "    goal: {count: {title: Click apply, at_least: 2}, within: 1d}\n"
OF_PAGE = ASKS + "    goal: {on_page: /done, within: 1d}\n"


def helps(at: float) -> SlimAction:
    return did("help", at)


def shows_done(at: float) -> SlimAction:
    return action("View done", at, f"{APP}/done", type="pageview")


async def does(made: EngineParts, *actions: SlimAction, session: str = "s1", user: str = "u1") -> None:
    """Let actions arrive at the time of the newest."""
    made.clock.now = max(made.clock.now, *(each.timestamp_start for each in actions))
    await made.take(batch(*actions, session=session, user=user))


async def receipts(made: EngineParts, event: str, user: str = "u1") -> list[tuple[int, float, str]]:
    """For each such receipt of the user's decisions: which decision, when after T0, and the detail."""
    offers = [offer.offer_id for offer in await made.offers(user)]
    found: list[Receipt] = await made.ledger.receipts(offers)
    return [(offers.index(r.offer_id), r.at - T0, r.detail) for r in found if r.event == event]


async def reached(made: EngineParts, user: str = "u1") -> list[tuple[int, float]]:
    return [(place, at) for place, at, _ in await receipts(made, "goal_reached", user)]


# --- the golden path completed -----------------------------------------------------------------------------


@asynchronous
async def test_path_begun_before_and_finished_after_the_decision_counts(tmp_path: Path) -> None:
    async with parts(tmp_path, entries=ASKS) as made:
        await does(made, did("menu", 1), did("format", 2))
        await does(made, helps(3))
        assert await reached(made) == []
        await does(made, did("download", 40, "/files"))
        assert await reached(made) == [(0, 40)]
        await does(made, did("menu", 50), did("download", 51, "/files"))
        assert await reached(made) == [(0, 40)], "once"


@asynchronous
async def test_path_that_was_complete_before_the_decision_does_not_count(tmp_path: Path) -> None:
    async with parts(tmp_path, entries=ASKS) as made:
        await does(made, did("menu", 1), did("download", 2, "/files"), helps(3))
        await does(made, did("download", 4, "/files"))
        assert await reached(made) == [], "the last step again completes nothing new"
        await does(made, did("menu", 5), did("download", 6, "/files"))
        assert await reached(made) == [(0, 6)]


@pytest.mark.parametrize(("at", "counts"), [(3 + 7 * DAY, True), (4 + 7 * DAY, False)])
@asynchronous
async def test_window_ends_seven_days_after_the_decision(tmp_path: Path, at: float, counts: bool) -> None:
    async with parts(tmp_path, entries=ASKS) as made:
        await does(made, helps(3))
        await does(made, did("menu", at - 10), session="s2")
        await does(made, did("download", at, "/files"), session="s2")
        assert bool(await reached(made)) is counts


@asynchronous
async def test_goal_reached_in_another_session_counts(tmp_path: Path) -> None:
    async with parts(tmp_path, entries=ASKS) as made:
        await does(made, helps(3))
        await does(made, did("menu", DAY), did("download", DAY + 5, "/files"), session="s2")
        await does(made, did("menu", DAY), did("download", DAY + 6, "/files"), session="s9", user="u2")
        assert await reached(made) == [(0, DAY + 5)]


@asynchronous
async def test_late_actions_count_by_their_own_time(tmp_path: Path) -> None:
    async with parts(tmp_path, entries=ASKS) as made:
        await does(made, did("menu", 1))
        await does(made, helps(10))
        # The completing action happened before the decision and arrives after it.
        await does(made, did("other", 20))
        await made.take(batch(did("download", 5, "/files")))
        assert await reached(made) == []
    (tmp_path / "second").mkdir()
    async with parts(tmp_path / "second", entries=ASKS) as made:
        await does(made, helps(10))
        await does(made, did("other", 40))
        await made.take(batch(did("download", 30, "/files")))
        await made.take(batch(did("menu", 20)))
        assert await reached(made) == [(0, 30)]


@asynchronous
async def test_every_open_decision_of_a_user_reaches_the_goal(tmp_path: Path) -> None:
    async with parts(tmp_path, entries=ASKS) as made:
        await does(made, helps(3))
        await made.reported(made.open_offer(), "rendered")
        await made.at(40)
        await does(made, helps(45), session="s2")
        assert len(await made.offers()) == 2
        await does(made, did("menu", 60), did("download", 61, "/files"), session="s2")
        assert sorted(await reached(made)) == [(0, 61), (1, 61)]


@pytest.mark.parametrize("seed", range(6))
@asynchronous
async def test_order_of_arrival_does_not_matter(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    async with parts(tmp_path, entries=ASKS) as made:
        await does(made, did("menu", 1), did("format", 2))
        await does(made, helps(5))
        made.clock.now = T0 + 100
        later = [did("other", 50), did("format", 55), did("download", 60, "/files"), did("menu", 70)]
        chance.shuffle(later)
        for each in later:
            await made.take(batch(each))
        assert await reached(made) == [(0, 60)]


# --- restarts and engines ----------------------------------------------------------------------------------


@asynchronous
async def test_restarted_engine_follows_the_decisions_of_earlier_runs(tmp_path: Path) -> None:
    store = SqlMemoryStore(f"sqlite:///{tmp_path / 'memory.db'}")
    made = parts(tmp_path, store, ASKS)
    await does(made, did("menu", 1), did("format", 2))
    await does(made, helps(3))
    made.clock.now = T0 + 20
    again = await made.restarted()
    async with again:
        await does(again, did("download", 30, "/files"), session="s2")
        assert await reached(again) == [], "the matcher needs two steps of a session"
        await does(again, did("menu", 31), did("download", 32, "/files"), session="s2")
        assert await reached(again) == [(0, 32)]
        third = await again.restarted()
    async with third:
        await does(third, did("menu", 40), did("download", 41, "/files"), session="s3")
        assert await reached(third) == [(0, 32)], "it was reached before the restart"
    await store.close()


@asynchronous
async def test_actions_that_come_while_the_decisions_are_read_count(tmp_path: Path) -> None:
    async with parts(tmp_path, entries=ASKS) as made:
        await does(made, helps(3))
        again = await made.restarted()
    async with again:
        again.clock.now = T0 + 31
        everything = batch(did("menu", 30), did("download", 31, "/files"))
        await again.core.updater.apply(everything, "capture", again.clock())
        await again.finish_pending()
        assert await reached(again) == [(0, 31)]


@asynchronous
async def test_released_users_are_read_again(tmp_path: Path) -> None:
    async with parts(tmp_path, entries=ASKS) as made:
        await does(made, did("other", 1))
        other = EngineParts(tmp_path, triggers(tmp_path, ASKS), made.clock, made.settings, [EXPORT])
        made.core.live.goals.release(lambda user_id: user_id == "u1")
        async with other:
            await does(other, helps(3), session="s2")
        await does(made, did("menu", 10), did("download", 11, "/files"))
        assert await reached(made) == [(0, 11)]


@asynchronous
async def test_user_whose_session_ended_is_read_again_with_the_next_one(tmp_path: Path) -> None:
    async with parts(tmp_path, entries=ASKS) as made:
        await does(made, helps(3))
        goals = made.core.live.goals
        assert len(goals.of_user("u1")) == 1
        goals.on_session_ended(await made.session())
        assert goals.of_user("u1") == ()
        await does(made, did("menu", 40), did("download", 41, "/files"), session="s2")
        assert await reached(made) == [(0, 41)]


@asynchronous
async def test_evidence_that_memory_restores_counts(tmp_path: Path) -> None:
    """A session's earlier steps are read in the background, after its first action in a restarted engine."""
    store = SqlMemoryStore(f"sqlite:///{tmp_path / 'memory.db'}")
    async with parts(tmp_path, store, ASKS) as made:
        await comes(made, 0, "menu", "format", session="s1")
        await does(made, helps(3))
        await leaves(made)
    entries = triggers(tmp_path, ASKS)
    again = EngineParts(tmp_path, entries, made.clock, made.settings, [EXPORT], memory=store)
    async with again:
        at = made.clock.now + 1 - T0
        # The decisions are read before memory is.
        download = batch(did("download", at, "/files"))
        await again.core.updater.apply(download, "capture", again.clock())
        await again.core.live.goals.finish_pending()
        assert await reached(again) == []
        assert again.keeper is not None
        await again.keeper.finish_pending()
        for key in again.timers.pop_due(again.clock()):
            await again.core.handle_timer(key)
        await again.finish_pending()
        assert await reached(again) == [(0, at)]
    await store.close()


# --- conditions --------------------------------------------------------------------------------------------


def apply(at: float) -> SlimAction:
    return action("Click apply to all", at)


@asynchronous
async def test_condition_counts_only_what_comes_after_the_decision(tmp_path: Path) -> None:
    async with parts(tmp_path, entries=COUNTS) as made:
        await does(made, apply(1), helps(2))
        await does(made, apply(3))
        assert await reached(made) == []
        await does(made, apply(4))
        assert await reached(made) == [(0, 4)]


@pytest.mark.parametrize(("at", "counts"), [(2 + DAY, True), (3 + DAY, False)])
@asynchronous
async def test_goals_own_window_ends(tmp_path: Path, at: float, counts: bool) -> None:
    async with parts(tmp_path, entries=COUNTS) as made:
        await does(made, helps(2))
        await does(made, apply(at - 1), apply(at), session="s2")
        assert bool(await reached(made)) is counts


@asynchronous
async def test_condition_is_judged_after_each_action_in_order_of_time(tmp_path: Path) -> None:
    """The batch's last action is on another page, and the completing one came between."""
    async with parts(tmp_path, entries=OF_PAGE) as made:
        await does(made, shows_done(1), helps(2))
        await does(made, did("other", 3))
        assert await reached(made) == [], "the page was seen before the decision only"
        await does(made, did("other", 5), shows_done(6), did("other", 7))
        assert await reached(made) == [(0, 6)]


@asynchronous
async def test_late_action_fulfils_a_condition_in_the_past(tmp_path: Path) -> None:
    async with parts(tmp_path, entries=OF_PAGE) as made:
        await does(made, helps(2))
        await does(made, did("other", 9))
        await made.take(batch(shows_done(4)))
        assert await reached(made) == [(0, 4)]


@asynchronous
async def test_state_that_held_before_the_decision_is_no_success(tmp_path: Path) -> None:
    of_plan = ASKS + "    goal: {segment: {properties: {plan: pro}}}\n"
    store = SqlMemoryStore(f"sqlite:///{tmp_path / 'memory.db'}")

    async def says(made: EngineParts, plan: str, user: str) -> None:
        payload = batch(did("other", made.clock.now - T0), user=user, session=user)
        payload.properties = {"plan": plan}
        await made.take(payload)

    async with parts(tmp_path, store, of_plan) as made:
        await says(made, "pro", "u1")
        await says(made, "free", "u2")
        await does(made, helps(2), session="u1", user="u1")
        await does(made, helps(2), session="u2", user="u2")
        made.clock.now = T0 + 60
        await says(made, "pro", "u1")
        await says(made, "pro", "u2")
        assert await reached(made, "u1") == []
        assert [at for _, at in await reached(made, "u2")] == [60]
        again = await made.restarted()
    async with again:
        await says(again, "pro", "u1")
        assert await reached(again, "u1") == [], "also after a restart"
    await store.close()


# --- harm --------------------------------------------------------------------------------------------------


def fails(at: float) -> SlimAction:
    return action("Rage click on Save", at, signal="rage_click")


async def failures(made: EngineParts) -> Sequence[tuple[float, str]]:
    return [(at, detail) for _, at, detail in await receipts(made, "failed_after")]


@asynchronous
async def test_failures_within_ten_minutes_after_the_decision_are_recorded(tmp_path: Path) -> None:
    async with parts(tmp_path, entries=ASKS) as made:
        await does(made, fails(1), helps(2))
        await does(made, fails(3), did("other", 4))
        await does(made, fails(602), session="s2")
        await does(made, fails(603), session="s2")
        assert await failures(made) == [(3, "Rage click on Save"), (602, "Rage click on Save")]


@asynchronous
async def test_at_most_twenty_failures_are_recorded_for_a_decision(tmp_path: Path) -> None:
    async with parts(tmp_path, entries=ASKS) as made:
        await does(made, helps(2))
        for at in range(3, 18):
            await does(made, fails(at))
        again = await made.restarted()
    async with again:
        # The gateway sends the recent window again.
        await does(again, *(fails(at) for at in range(3, 18)))
        for at in range(18, 40):
            await does(again, fails(at))
        assert [at for at, _ in await failures(again)] == list(range(3, 23))


@asynchronous
async def test_user_without_a_decision_leaves_nothing(tmp_path: Path) -> None:
    async with parts(tmp_path, entries=ASKS) as made:
        await does(made, fails(1), did("menu", 2), did("download", 3, "/files"))
        assert await made.offers() == []
        assert made.core.live.goals.of_user("u1") == ()
