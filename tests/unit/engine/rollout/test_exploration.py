"""For a share of users, chance opens a closed gate or keeps it closed, and records which."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from support.engine_parts import T0, EngineParts, action, batch, predicate_trigger, settings
from support.gate_contexts import NOW, gate_context, past
from support.run import asynchronous

from rasa_autoplay.engine.courtesy.gate_contract import FirstVisit, GateContext, GateResult
from rasa_autoplay.engine.courtesy.gates import check_all, first_stop
from rasa_autoplay.engine.courtesy.judge_contract import JudgeResult
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import Arm, OfferStatus
from rasa_autoplay.engine.rollout.exploration import Exploration, kept_closed_until
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.shares import parse_share
from rasa_autoplay.settings.yaml_file import YamlFile

S = OfferStatus
EXPLORE_ALL = {"explore": "100%"}
OTHER = past(S.TIMED_OUT, 600, "t2")


# --- which gates -------------------------------------------------------------------------------------------


def explored(context: GateContext) -> str:
    """Return the gate about which chance decides; empty for none."""
    stop = first_stop(context)
    assert stop is not None
    _, gate = Exploration("salt").stop_or_explored("u1", context, stop)
    return gate.gate if gate else ""


def of_path(earlier: Offer, **limits: object) -> GateContext:
    """Return the context of an offer about a workflow, after an earlier one about it."""
    earlier.golden_path = "export"
    return gate_context([earlier], {**EXPLORE_ALL, "per_golden_path": limits}, topic="export")


@pytest.mark.parametrize(
    ("gate", "context"),
    [
        ("answered", gate_context([past(S.DISMISSED, 600)], EXPLORE_ALL)),
        ("mastered", gate_context([], EXPLORE_ALL, mastered="Export")),
        (
            "newcomers",
            gate_context([], {**EXPLORE_ALL, "newcomers": {}}, newcomer=FirstVisit(NOW - 5, 1)),
        ),
        (
            "trigger_per_user",
            gate_context([past(S.EXPIRED, 9e6, rendered_at=1.0)], EXPLORE_ALL, {"per_user": 1}),
        ),
        ("trigger_per_day", gate_context([past(S.TIMED_OUT, 600)], EXPLORE_ALL, {"per_day": 1})),
        (
            "per_user_per_day",
            gate_context([past(S.TIMED_OUT, 600, "t2")], {**EXPLORE_ALL, "per_user_per_day": 1}),
        ),
        ("path_per_user", of_path(past(S.EXPIRED, 9e6, "t2", rendered_at=1.0), per_user=1)),
        ("path_per_day", of_path(past(S.TIMED_OUT, 600, "t2"), per_day=1)),
        ("path_min_interval", of_path(past(S.TIMED_OUT, 600, "t2"), min_interval="1h")),
        ("trigger_min_interval", gate_context([past(S.TIMED_OUT, 600)], EXPLORE_ALL, {"min_interval": "1h"})),
        ("min_interval", gate_context([past(S.TIMED_OUT, 600, "t2")], {**EXPLORE_ALL, "min_interval": "1h"})),
        # Never: these protect a person's decision, or the moment.
        ("", gate_context([past(S.NEVER, 600)], EXPLORE_ALL)),
        ("", gate_context([], {**EXPLORE_ALL, "quiet_hours": {"from": "00:00", "to": "23:59"}})),
        ("", gate_context([], {**EXPLORE_ALL, "roles": ["admin"]})),
        ("", gate_context([past(S.QUEUED, 5)], EXPLORE_ALL)),
        # Two gates are closed, so a difference would belong to neither.
        (
            "",
            gate_context([past(S.DISMISSED, 600)], {**EXPLORE_ALL, "min_interval": "1h"}),
        ),
        # The share is 0 by default, and the trigger's own share counts before that of all.
        ("", gate_context([past(S.TIMED_OUT, 600, "t2")], {"min_interval": "1h"})),
        (
            "",
            gate_context(
                [past(S.TIMED_OUT, 600, "t2")], {**EXPLORE_ALL, "min_interval": "1h"}, {"explore": "0%"}
            ),
        ),
        (
            "min_interval",
            gate_context([past(S.TIMED_OUT, 600, "t2")], {"min_interval": "1h"}, EXPLORE_ALL),
        ),
    ],
)
def test_explores_one_closed_gate_that_may_be_explored(gate: str, context: GateContext) -> None:
    assert explored(context) == gate


def test_waits_for_the_moment_first() -> None:
    limits = {**EXPLORE_ALL, "min_interval": "1h", "hold_until": ["save"]}
    newest = action("Click Filter", NOW - T0)
    context = gate_context([OTHER], limits, newest=newest)
    stop = first_stop(context)
    assert stop is not None
    found, gate = Exploration("salt").stop_or_explored("u1", context, stop)
    assert found is not None
    assert (found.gate, gate) == ("hold_until", None)


def test_decides_once_while_a_gate_is_closed() -> None:
    limits = {**EXPLORE_ALL, "min_interval": "1h"}
    shown = past(S.TIMED_OUT, 600, "t2")
    kept = past(S.WITHHELD, 60, arm=Arm.GATE_CLOSED, explored_gate="min_interval", expires_at=NOW + 1)
    assert explored(gate_context([kept, shown], limits)) == ""
    kept.expires_at = NOW
    assert explored(gate_context([kept, shown], limits)) == "min_interval"
    kept.expires_at, kept.explored_gate = NOW + 1, "answered"
    assert explored(gate_context([kept, shown], limits)) == "min_interval"
    kept.explored_gate, kept.trigger_id = "min_interval", "t2"
    assert explored(gate_context([kept, shown], limits)) == "min_interval"


# --- which users, and the coin -----------------------------------------------------------------------------


def test_share_is_stable_and_raising_it_only_adds_users() -> None:
    users = [f"user {number}" for number in range(4000)]
    chosen = {}
    for share in ("5%", "20%"):
        context = gate_context([], {"explore": share})
        chosen[share] = {user for user in users if Exploration("s").includes(user, context)}
        assert abs(len(chosen[share]) / len(users) - parse_share(share)) < 0.02
    assert chosen["5%"] <= chosen["20%"]
    other = {
        user for user in users if Exploration("other").includes(user, gate_context([], {"explore": "5%"}))
    }
    assert other != chosen["5%"]


def offer_of(user: str, evidence_until: float = T0) -> Offer:
    return Offer("o", "t1", "?", "demo", "s1", user, T0, T0 + 120, evidence_until)


def test_half_of_the_gates_open_and_the_same_evidence_always_has_the_same_result() -> None:
    gate = GateResult("min_interval", True, "", T0 + 60)
    results = [Exploration("s").opens(gate, offer_of(f"user {n}", T0 + n)) for n in range(4000)]
    assert abs(sum(results) / len(results) - 0.5) < 0.04
    assert results == [Exploration("s").opens(gate, offer_of(f"user {n}", T0 + n)) for n in range(4000)]
    of_one = {Exploration("s").opens(gate, offer_of("u1", T0 + n)) for n in range(30)}
    assert of_one == {True, False}, "each occasion has its own chance"


def test_record_of_a_gate_that_never_opens_ends_after_a_day() -> None:
    offer = offer_of("u1")
    Exploration.keep_closed(GateResult("mastered", True, "", math.inf), offer, T0)
    assert (offer.status, offer.arm, offer.explored_gate) == (S.WITHHELD, Arm.GATE_CLOSED, "mastered")
    assert (offer.rendered_at, offer.closed_at, offer.expires_at) == (0.0, T0, T0 + 86_400)
    assert not offer.is_open
    assert not offer.awaits_rendering
    assert kept_closed_until("mastered", "t1", [offer], T0 + 5) == offer.expires_at


# --- in the engine -----------------------------------------------------------------------------------------


def running(tmp_path: Path, **options: Any) -> EngineParts:
    """An engine with a trigger that fires at each click, and 60 s between two toasts."""
    limits = {"min_interval": "60s", **EXPLORE_ALL, **options.pop("courtesy", {})}
    return EngineParts(
        tmp_path,
        [predicate_trigger(lambda ctx: bool(ctx.recent_actions), offer_ttl_s=15.0)],
        configuration=settings(courtesy=limits, session={"interaction_timeout": "1s", "cooldown": "1s"}),
        **options,
    )


async def clicks(engine: EngineParts, user: str) -> None:
    now = engine.clock.now - T0
    await engine.take(batch(action(f"Click {now}", now), user=user, session=f"s_{user}"))


async def sees_a_toast(engine: EngineParts, user: str) -> None:
    await engine.listen(user, feed=f"f_{user}")
    await clicks(engine, user)
    offer = engine.open_offer(user)
    await engine.delivered(offer, f"f_{user}")
    await engine.reported(offer, "rendered")


async def second_offers(engine: EngineParts, users: list[str]) -> dict[str, Offer]:
    """Let each user see a toast, and fire again while min_interval is closed."""
    for user in users:
        await sees_a_toast(engine, user)
    await engine.at(20)
    for user in users:
        await clicks(engine, user)
    return {user: (await engine.offers(user))[1] for user in users}


USERS = [f"user {number}" for number in range(12)]


@asynchronous
async def test_records_each_gate_that_was_opened_or_kept_closed(tmp_path: Path) -> None:
    async with running(tmp_path) as engine:
        decided = await second_offers(engine, USERS)
        assert {offer.arm for offer in decided.values()} == {Arm.SHOWN, Arm.GATE_CLOSED}
        assert {offer.explored_gate for offer in decided.values()} == {"min_interval"}
        toasts = {toast["offer_id"] for toast in engine.publisher.toasts}
        for offer in decided.values():
            is_shown = offer.arm is Arm.SHOWN
            assert (offer.offer_id in toasts) == is_shown
            assert (offer.status is S.WITHHELD) == (not is_shown)
        last = {each.offer_id: each for each in engine.decisions if each.offer_id}
        kept = next(offer for offer in decided.values() if offer.arm is Arm.GATE_CLOSED)
        opened = next(offer for offer in decided.values() if offer.arm is Arm.SHOWN)
        assert last[kept.offer_id].outcome == "withheld"
        assert last[kept.offer_id].detail.startswith("kept closed by chance: the last toast was shown")
        assert (last[opened.offer_id].outcome, last[opened.offer_id].detail) == (
            "offered",
            "min_interval was opened by chance",
        )


@asynchronous
async def test_kept_closed_gate_is_recorded_once_and_delays_the_offer_like_any_gate(tmp_path: Path) -> None:
    async with running(tmp_path) as engine:
        decided = await second_offers(engine, USERS)
        user = next(user for user, offer in decided.items() if offer.arm is Arm.GATE_CLOSED)
        for second in (25, 30, 35, 59):
            await engine.at(second)
            await clicks(engine, user)
        assert len(await engine.offers(user)) == 2
        await engine.at(61)
        offers = await engine.offers(user)
        assert [offer.arm for offer in offers] == [Arm.SHOWN, Arm.GATE_CLOSED, Arm.SHOWN]
        assert offers[2].explored_gate == "", "the gate has opened by itself"


@asynchronous
async def test_restarted_engine_decides_nothing_again(tmp_path: Path) -> None:
    async with running(tmp_path) as engine:
        decided = await second_offers(engine, USERS)
        user = next(user for user, offer in decided.items() if offer.arm is Arm.GATE_CLOSED)
        again = await engine.restarted()
    async with again:
        await clicks(again, user)
        await again.at(40)
        await clicks(again, user)
        assert len(await again.offers(user)) == 2
        stopped = [each for each in again.decisions if each.outcome != "fired"]
        assert [(each.outcome, each.gate) for each in stopped] == [("stopped", "min_interval")]


class Vetoes:
    """A language model that vetoes every toast while it is active."""

    def __init__(self) -> None:
        self.is_active = False
        self.reviewed = 0

    async def review(self, body: str, actions: Sequence[SlimAction]) -> JudgeResult:
        self.reviewed += 1
        return JudgeResult(body, self.is_active, "not now")


@asynchronous
async def test_chance_decides_after_the_language_model(tmp_path: Path) -> None:
    """A veto after chance would leave a record of one half only."""
    judge = Vetoes()
    async with running(tmp_path, judge=judge) as engine:
        for user in USERS:
            await sees_a_toast(engine, user)
        await engine.at(20)
        judge.is_active = True
        for user in USERS:
            await clicks(engine, user)
        assert judge.reviewed == 2 * len(USERS), "it is asked whatever chance would decide"
        assert [len(await engine.offers(user)) for user in USERS] == [1] * len(USERS)
        assert engine.core.counts["held_by_judge"] == len(USERS)


@asynchronous
async def test_two_engines_decide_alike(tmp_path: Path) -> None:
    arms = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        async with running(tmp_path / name) as engine:
            arms.append({user: offer.arm for user, offer in (await second_offers(engine, USERS)).items()})
    assert arms[0] == arms[1]


@asynchronous
async def test_opened_gate_stays_open_for_an_offer_that_waits_for_a_tab(tmp_path: Path) -> None:
    async with running(tmp_path) as engine:
        decided = await second_offers(engine, USERS)
        user = next(user for user, offer in decided.items() if offer.arm is Arm.SHOWN)
        engine.presence.closed("d1", f"f_{user}")
        sent = len(engine.publisher.pushed)
        await engine.listen(user, feed="another")
        (frame,) = [frame for _, frame in engine.publisher.pushed[sent:]]
        assert (frame.id, frame.feed_ids) == (decided[user].offer_id, ["another"])


@asynchronous
async def test_explains_what_chance_has_done(tmp_path: Path) -> None:
    async with running(tmp_path) as engine:
        decided = await second_offers(engine, USERS)
        kept = next(user for user, offer in decided.items() if offer.arm is Arm.GATE_CLOSED)
        opened = next(user for user, offer in decided.items() if offer.arm is Arm.SHOWN)
        answer = await engine.explainer.explain(kept)
        assert answer["triggers"][0]["outcome"] == "stopped"
        assert answer["triggers"][0]["text"].endswith("; kept closed by chance.")
        assert answer["offers"][0]["explored_gate"] == "min_interval"
        answer = await engine.explainer.explain(opened)
        assert answer["triggers"][0]["text"].endswith("; min_interval was opened by chance.")


def test_says_that_chance_may_open_a_gate() -> None:
    context = gate_context([past(S.TIMED_OUT, 600, "t2")], {**EXPLORE_ALL, "min_interval": "1h"})
    gates = Exploration("s").described("u1", context, check_all(context))
    (stop,) = [gate for gate in gates if gate.stops]
    assert stop.detail.endswith("the interval is 1h; for this user, chance may open it")
    closed = gate_context([past(S.TIMED_OUT, 600, "t2")], {"min_interval": "1h"})
    assert Exploration("s").described("u1", closed, check_all(closed)) == check_all(closed)


def test_names_the_line_of_a_wrong_share(tmp_path: Path) -> None:
    (tmp_path / "autoplay.yml").write_text("product_id: demo\ncourtesy:\n  explore: 150%\n", "utf-8")
    with pytest.raises(
        ConfigError, match=r"autoplay\.yml:3: courtesy\.explore: '150%' is more than all users"
    ):
        YamlFile(tmp_path / "autoplay.yml").read(EngineSettings)


@pytest.mark.parametrize("wrong", ["101%", "5", 0.05, "-1%", "many"])
@pytest.mark.parametrize("place", ["all", "own"])
def test_refuses_a_wrong_share(tmp_path: Path, wrong: object, place: str) -> None:
    given: dict[str, Any] = {"product_id": "demo", "triggers": [{"builtin": "rage_click"}]}
    section = given if place == "all" else given["triggers"][0]
    section["courtesy"] = {"explore": wrong}
    with pytest.raises(ValueError, match=r"share of users|more than all users"):
        EngineSettings.parse_obj(given)
