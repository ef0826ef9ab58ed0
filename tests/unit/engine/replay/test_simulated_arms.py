"""A simulation withholds offers from the same users as the engine, and shows them separately."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from support.engine_parts import T0, predicate_trigger, save, settings
from support.recorded import moments, offsets, simulate

from rasa_autoplay.engine.offers.offer_status import Arm
from rasa_autoplay.engine.replay.assumptions import Assumptions
from rasa_autoplay.engine.replay.results import Outcome
from rasa_autoplay.engine.rollout.allocation import allocate
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.engine.triggers.decorators import only_events
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext
from rasa_autoplay.settings.rollout import HoldoutSettings, RolloutSettings
from rasa_autoplay.tools.simulation.figures import figures_of
from rasa_autoplay.tools.simulation.html.document import as_html
from rasa_autoplay.tools.simulation.recordings import Recordings
from rasa_autoplay.tools.simulation.report import as_json
from rasa_autoplay.tools.simulation.table import as_text

USERS = [f"user-{number}" for number in range(40)]


@only_events
def _saved(ctx: ProactiveTriggerContext) -> bool:
    return any("Save" in action.title for action in ctx.recent_actions)


def trigger(rollout: Any = "live", **fields: Any) -> ConfiguredTrigger:
    return predicate_trigger(_saved, "saved", rollout=RolloutSettings.validate(rollout), **fields)


def varied(rollout: Any = "live") -> ConfiguredTrigger:
    plain = trigger(rollout)
    variants = [replace(plain, variant="a", body="A?"), replace(plain, variant="b", body="B?")]
    return replace(plain, variants=variants)


def of_all_users() -> list[Any]:
    return [moment for user in USERS for moment in moments(save(1), user=user, session=f"s-{user}")]


def pages_of(outcome: Outcome) -> tuple[str, dict[str, Any], str]:
    recordings = Recordings([])
    return (
        as_text(recordings, outcome, None),
        as_json(recordings, outcome, None),
        as_html(recordings, outcome, None),
    )


def test_share_and_holdout_select_the_same_users_as_the_engine() -> None:
    holdout = {"share": "20%", "salt": "h"}
    shared = trigger({"share": "50%", "salt": "s"})
    outcome = simulate(of_all_users(), [shared], settings(holdout=holdout))
    held = HoldoutSettings.parse_obj(holdout)
    expected = {user: allocate(shared.rollout, held, "saved", user).arm for user in USERS}
    assert {fire.user_id: fire.arm for fire in (*outcome.fires, *outcome.withheld)} == expected
    assert {fire.user_id for fire in outcome.fires} == {u for u, arm in expected.items() if arm is Arm.SHOWN}
    assert set(expected.values()) == {Arm.SHOWN, Arm.CONTROL, Arm.HOLDOUT}


def test_ghost_counts_as_a_toast_that_the_user_ignores() -> None:
    saves = [save(at) for at in (1, 20, 40, 400)]
    ghost = simulate(moments(*saves), [trigger("ghost")], settings(), Assumptions(answers="accept"))
    live = simulate(moments(*saves), [trigger()], settings())
    assert ghost.fires == []
    assert offsets(ghost.withheld) == offsets(live.fires) != []
    assert [fire.quiet_until for fire in ghost.withheld] == [fire.quiet_until for fire in live.fires]
    assert [(s.at, s.gate, s.until) for s in ghost.suppressed] == [
        (s.at, s.gate, s.until) for s in live.suppressed
    ]


def test_trigger_that_is_off_does_nothing() -> None:
    outcome = simulate(moments(save(1)), [trigger("off")], settings())
    assert (outcome.fires, outcome.withheld, outcome.near_misses) == ([], [], [])
    assert outcome.trigger_ids == ["saved"]


def test_reports_show_withheld_offers_separately() -> None:
    outcome = simulate(moments(save(1)), [trigger("ghost")], settings())
    (figures,) = figures_of(outcome)
    assert (figures.fires, figures.withheld) == (0, {"ghost": 1})
    text, data, html = pages_of(outcome)
    assert "trigger  withheld  arms\nsaved           1  ghost 1" in text
    assert data["fires"] == []
    (withheld,) = data["withheld"]
    assert (withheld["trigger_id"], withheld["arm"], withheld["at"]) == ("saved", "ghost", T0 + 1)
    assert data["triggers"]["saved"]["withheld"] == {"ghost": 1}
    assert "<h2>Withheld offers</h2>" in html
    assert "withheld (ghost)" in html


def test_reports_show_each_variant() -> None:
    made = varied({"share": "50%", "salt": "s"})
    outcome = simulate(of_all_users(), [made], settings())
    for fire in (*outcome.fires, *outcome.withheld):
        variant = made.variant_for(fire.user_id)
        assert (fire.variant, fire.body) == (variant.variant, variant.body)
    text, data, html = pages_of(outcome)
    figures = {each["variant"]: each for each in data["triggers"]["saved"]["variants"]}
    assert list(figures) == ["a", "b"]
    assert sum(each["fires"] for each in figures.values()) == len(outcome.fires)
    assert sum(each["withheld"] for each in figures.values()) == len(outcome.withheld)
    assert "trigger  variant  fires  users  withheld\nsaved    a" in text
    assert "<h2>Variants</h2>" in html


def test_reports_of_a_plain_configuration_do_not_mention_chance() -> None:
    text, _, html = pages_of(simulate(moments(save(1)), [trigger()], settings()))
    assert "withheld" not in text
    assert "<h2>Withheld offers</h2>" not in html
    assert "<h2>Variants</h2>" not in html
