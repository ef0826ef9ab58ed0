"""Which gates stop an offer, given the user's earlier offers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.engine_parts import action
from support.gate_contexts import DAY_S, NOW, asked, gate_context, past

from rasa_autoplay.engine.courtesy.gate_contract import Engagement, FirstVisit, GateContext, GateResult
from rasa_autoplay.engine.courtesy.gates import check_all, evidence_used, first_stop
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import ANSWERS, OfferStatus

S = OfferStatus
NAMES = [
    "paused",
    "muted",
    "muted_topic",
    "answered",
    "mastered",
    "roles",
    "newcomers",
    "path_per_user",
    "path_per_day",
    "trigger_per_user",
    "trigger_per_day",
    "per_user_per_day",
    "quiet_hours",
    "own_quiet_hours",
    "path_min_interval",
    "trigger_min_interval",
    "min_interval",
    "attention",
    "one_at_a_time",
    "typing",
    "hold_until",
]


def is_open(gate: str, of: GateContext) -> bool:
    verdict = asked(gate, of)
    assert verdict.detail, "an open gate tells its numbers too"
    assert verdict.until == 0.0 or verdict.stops
    return not verdict.stops


def stops(gate: str, of: GateContext, until: float) -> bool:
    verdict = asked(gate, of)
    assert verdict.detail
    return verdict.stops and verdict.until == until


def test_every_gate_passes_for_the_first_offer() -> None:
    assert first_stop(gate_context()) is None
    said = check_all(gate_context())
    assert [verdict.gate for verdict in said] == NAMES
    assert all(verdict.detail and not verdict.stops for verdict in said)


# --- evidence ----------------------------------------------------------------------------------------------


def test_consumes_evidence_per_trigger_and_session() -> None:
    history = [
        past(status, 1000, session_id="s1", evidence_until=until)
        for status, until in zip(S, (NOW - 30, NOW - 10, NOW - 20), strict=False)
    ]
    history.append(past(S.EXPIRED, 1000, session_id="s2", evidence_until=NOW))
    history.append(past(S.EXPIRED, 1000, "t2", session_id="s1", evidence_until=NOW))
    assert evidence_used("t1", "s1", history) == NOW - 10
    assert evidence_used("t3", "s1", history) == 0.0


# --- answers -----------------------------------------------------------------------------------------------


def test_never_suppresses_the_trigger_in_all_sessions_permanently() -> None:
    assert stops("answered", gate_context([past(S.NEVER, 300 * DAY_S)]), math.inf)
    assert "'never'" in asked("answered", gate_context([past(S.NEVER, 9)])).detail
    assert is_open("answered", gate_context([past(S.NEVER, 300 * DAY_S, "t2")]))


def test_yes_starts_a_pause_at_the_answer() -> None:
    history = [past(S.ACCEPTED, 8 * DAY_S, closed_at=NOW - 7 * DAY_S + 1)]
    assert stops("answered", gate_context(history), NOW + 1)
    assert is_open("answered", gate_context(history, {"after_accepted": "6d"}))
    assert stops(
        "answered", gate_context(history, {"after_accepted": "6d"}, {"after_accepted": "7d"}), NOW + 1
    )
    assert is_open("answered", gate_context(history, own={"after_accepted": 0}))
    assert is_open("answered", gate_context([past(S.ACCEPTED, 7 * DAY_S)])), "a row without that time"


@pytest.mark.parametrize("status", sorted(ANSWERS))
@pytest.mark.parametrize("field", ["golden_path", "page"])
def test_answer_applies_only_to_its_workflow_or_page(status: OfferStatus, field: str) -> None:
    history = [past(status, 60, **{field: "a"})]
    assert not is_open("answered", gate_context(history, topic="a"))
    assert is_open("answered", gate_context(history, topic="b"))


def test_answer_about_a_workflow_applies_on_every_page() -> None:
    history = [past(S.NEVER, 60, golden_path="a", page="/there")]
    assert not is_open("answered", gate_context(history, topic="a"))
    assert is_open("answered", gate_context(history, topic="/there"))


_answers = st.builds(
    lambda status, ago_s, trigger, subject: past(status, ago_s, trigger, golden_path=subject),
    st.sampled_from(OfferStatus),
    st.floats(0, 20 * DAY_S),
    st.sampled_from(["t1", "t2"]),
    st.sampled_from(["a", "b", ""]),
)


@given(st.lists(_answers, max_size=8))
def test_counts_only_answers_to_this_trigger_about_this_workflow(history: list[Offer]) -> None:
    own = [offer for offer in history if (offer.trigger_id, offer.subject) == ("t1", "a")]
    verdict = asked("answered", gate_context(history, topic="a"))
    lasts_s = {S.NEVER: math.inf, S.ACCEPTED: 7 * DAY_S, S.DISMISSED: DAY_S, S.SNOOZED: DAY_S}
    ends = [offer.created_at + lasts_s[offer.status] for offer in own if offer.status in lasts_s]
    assert verdict.stops is any(end > NOW for end in ends)
    assert not verdict.stops or verdict.until == max(ends)


@pytest.mark.parametrize("status", [S.DISMISSED, S.SNOOZED])
def test_other_answers_suppress_for_a_limited_time(status: OfferStatus) -> None:
    assert stops("answered", gate_context([past(status, DAY_S - 1)]), NOW + 1)
    assert is_open("answered", gate_context([past(status, DAY_S)]))
    assert is_open("answered", gate_context([past(status, DAY_S - 1, "t2")]))


def test_trigger_snooze_overrides_the_general_snooze() -> None:
    history = [past(S.SNOOZED, 3600)]
    assert is_open("answered", gate_context(history, {"snooze": "1h"}))
    assert stops("answered", gate_context(history, {"snooze": "1h"}, {"snooze": "2h"}), NOW + 3600)
    assert is_open("answered", gate_context(history, {"snooze": "2h"}, {"snooze": 0}))


@pytest.mark.parametrize("status", [S.EXPIRED, S.TIMED_OUT, S.SEEN])
def test_unanswered_offer_does_not_suppress(status: OfferStatus) -> None:
    assert is_open("answered", gate_context([past(status, 3600)]))


def test_later_answer_counts_in_addition_to_an_earlier_one() -> None:
    history = [past(S.DISMISSED, 2 * DAY_S), past(S.NEVER, 3 * DAY_S)]
    assert stops("answered", gate_context(history), math.inf)


# --- caps --------------------------------------------------------------------------------------------------

#: Seconds since midnight; NOW is 22:13:20.
TODAY_S = 22 * 3600 + 13 * 60 + 20
MIDNIGHT = NOW - TODAY_S + DAY_S


@pytest.mark.parametrize(
    ("gate", "limits", "own"),
    [("trigger_per_day", {}, {"per_day": 2}), ("per_user_per_day", {"per_user_per_day": 2}, {})],
)
def test_caps_daily_toasts_until_midnight(gate: str, limits: dict[str, int], own: dict[str, int]) -> None:
    def with_second(ago_s: float) -> GateContext:
        return gate_context([past(S.SEEN, 60), past(S.DISMISSED, ago_s)], limits, own)

    assert stops(gate, with_second(TODAY_S), MIDNIGHT)
    assert asked(gate, with_second(TODAY_S)).detail == "2 of 2 today"
    assert is_open(gate, with_second(TODAY_S + 0.25))
    assert asked(gate, with_second(TODAY_S + 0.25)).detail == "1 of 2 today"


def test_general_daily_cap_counts_all_triggers_and_a_triggers_cap_its_own() -> None:
    history = [past(S.SEEN, 60, "t2"), past(S.SEEN, 120)]
    limits, own = {"per_user_per_day": 2}, {"per_day": 2, "per_user": 2}
    assert stops("per_user_per_day", gate_context(history, limits, own), MIDNIGHT)
    assert is_open("trigger_per_day", gate_context(history, limits, own))
    assert is_open("trigger_per_user", gate_context(history, limits, own))


def test_daily_cap_uses_the_users_time_zone() -> None:
    # In Auckland it is 11:13 on the next day.
    history, own = [past(S.SEEN, 12 * 3600)], {"per_day": 1}
    assert stops("trigger_per_day", gate_context(history, own=own), MIDNIGHT)
    assert is_open("trigger_per_day", gate_context(history, own=own, zone="Pacific/Auckland"))


def test_total_cap_per_user_never_resets() -> None:
    history = [past(S.SEEN, days * DAY_S) for days in (1, 100, 300)]
    verdict = asked("trigger_per_user", gate_context(history, own={"per_user": 3}))
    assert verdict == GateResult("trigger_per_user", True, "3 of 3 ever", math.inf)
    assert is_open("trigger_per_user", gate_context(history, own={"per_user": 4}))


@pytest.mark.parametrize("status", [S.QUEUED, S.SENT, S.EXPIRED])
def test_unseen_offers_do_not_count(status: OfferStatus) -> None:
    history = [past(status, 200)]
    limits, own = {"per_user_per_day": 1, "min_interval": "1h"}, {"per_day": 1, "min_interval": "1h"}
    assert first_stop(gate_context(history, limits, own)) is None


# --- intervals ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [S.RENDERED, S.ACCEPTED, S.DISMISSED])
def test_min_interval_applies_across_triggers(status: OfferStatus) -> None:
    limits = {"min_interval": "5m"}
    assert stops("min_interval", gate_context([past(status, 299, "t2")], limits), NOW + 1)
    assert is_open("min_interval", gate_context([past(status, 300, "t2")], limits))


def test_min_interval_starts_at_the_last_toast() -> None:
    history = [past(S.SEEN, ago, "t2") for ago in (200, 100, 250)]
    assert stops("min_interval", gate_context(history, {"min_interval": "5m"}), NOW + 200)
    detail = asked("min_interval", gate_context(history, {"min_interval": "5m"})).detail
    assert detail == "the last toast was shown 1m40s ago; the interval is 5m"


def test_trigger_can_override_the_interval() -> None:
    own = {"min_interval": "1h"}
    assert stops("trigger_min_interval", gate_context([past(S.SEEN, 3599)], own=own), NOW + 1)
    assert is_open("trigger_min_interval", gate_context([past(S.SEEN, 3600)], own=own))
    assert is_open("trigger_min_interval", gate_context([past(S.SEEN, 10, "t2")], own=own))


def test_does_not_wait_without_an_interval() -> None:
    assert is_open("min_interval", gate_context([past(S.SEEN, 0, "t2")]))


# --- attention ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [S.QUEUED, S.SENT])
def test_waiting_offer_blocks_another(status: OfferStatus) -> None:
    assert stops("one_at_a_time", gate_context([past(status, 60, "t2")]), NOW + 60)
    assert is_open("one_at_a_time", gate_context([past(status, 120, "t2")])), "its time is over"


@pytest.mark.parametrize("status", [S.RENDERED, S.SEEN, S.TIMED_OUT])
def test_unanswered_toast_blocks_another_while_shown(status: OfferStatus) -> None:
    assert stops("one_at_a_time", gate_context([past(status, 9, "t2")]), NOW + 1)
    assert is_open("one_at_a_time", gate_context([past(status, 10, "t2")]))
    assert stops("one_at_a_time", gate_context([past(status, 10, "t2", interaction_timeout_s=11.0)]), NOW + 1)
    ends = past(status, 5, "t2", expires_at=NOW + 2)
    assert stops("one_at_a_time", gate_context([ends]), NOW + 2)


@pytest.mark.parametrize("status", [S.ACCEPTED, S.DISMISSED, S.SNOOZED, S.NEVER])
def test_answered_toast_does_not_block(status: OfferStatus) -> None:
    assert is_open("one_at_a_time", gate_context([past(status, 1, "t2")]))


def test_earliest_expiry_of_two_waiting_offers_decides() -> None:
    history = [past(S.QUEUED, ago, "t2") for ago in (10, 60)]
    assert stops("one_at_a_time", gate_context(history), NOW + 60)


def test_longest_chat_or_tour_decides() -> None:
    engagements = [Engagement("chat", "s1", NOW + 5), Engagement("tour", "s2", NOW + 8)]
    of = gate_context(engagements=engagements)
    assert stops("attention", of, NOW + 8)
    assert asked("attention", of).detail == "a tour is running in session s2"


# --- quiet hours -------------------------------------------------------------------------------------------

NIGHT = {"quiet_hours": {"from": "20:00", "to": "08:00"}}


def test_quiet_hours_follow_the_users_clock() -> None:
    of = gate_context(limits=NIGHT)
    assert stops("quiet_hours", of, NOW - TODAY_S + DAY_S + 8 * 3600)
    assert asked("quiet_hours", of).detail == "20:00 to 08:00; it is 22:13 in UTC"
    assert is_open("quiet_hours", gate_context(limits=NIGHT, zone="Pacific/Auckland"))


def test_reports_permanent_reasons_before_temporary_ones() -> None:
    history = [past(S.SEEN, 1, "t2"), past(S.NEVER, 1)]
    stop = first_stop(gate_context(history, {"min_interval": "5m", **NIGHT}))
    assert stop is not None
    assert (stop.gate, stop.until) == ("answered", math.inf)


def test_late_delivery_does_not_wait_for_a_boundary() -> None:
    of = gate_context(limits={"hold_until": ["save"]}, newest=action("View", 0))
    stop = first_stop(of)
    assert stop is not None
    assert stop.gate == "hold_until"
    assert first_stop(of, late=True) is None


def test_does_not_offer_a_mastered_workflow() -> None:
    assert is_open("mastered", gate_context())
    assert stops("mastered", gate_context(mastered="Export"), math.inf)
    assert "Export" in asked("mastered", gate_context(mastered="Export")).detail
    assert is_open("mastered", gate_context(own={"skip_mastered": False}, mastered="Export"))


@pytest.mark.parametrize(
    ("completions", "history", "silent"),
    [
        (1, [], True),
        (1, [past(S.ACCEPTED, 60, golden_path="export")], False),
        (2, [past(S.ACCEPTED, 60, golden_path="export")], True),
        (2, [past(S.ACCEPTED, 60, session_id=s, golden_path="export") for s in ("s1", "s2")], False),
        (2, [past(S.ACCEPTED, ago, golden_path="export") for ago in (60, 90)], True),
        (1, [past(S.DISMISSED, 60, golden_path="export")], True),
        (1, [past(S.ACCEPTED, 60, "t2", golden_path="export")], True),
        (1, [past(S.ACCEPTED, 60, golden_path="invite")], True),
    ],
    ids=[
        "alone",
        "helped",
        "then alone",
        "helped twice",
        "helped in one",
        "refused",
        "another's",
        "elsewhere",
    ],
)
def test_trigger_can_ignore_completions_with_its_own_help(
    completions: int, history: list[Offer], silent: bool
) -> None:
    of = gate_context(
        history,
        own={"skip_mastered": "unaided"},
        topic="export",
        mastered="Export",
        completions=completions,
    )
    assert asked("mastered", of).stops is silent


# --- newcomers ---------------------------------------------------------------------------------------------

NEWCOMERS = {"newcomers": {"after": "60s", "pages": 3}}


@pytest.mark.parametrize(
    ("ago_s", "pages", "until"),
    [(60, 3, 0.0), (59, 3, NOW + 1), (60, 2, NOW + 5), (0, 1, NOW + 60), (1e6, 30, 0.0)],
)
def test_does_not_offer_to_newcomers_at_first(ago_s: float, pages: int, until: float) -> None:
    of = gate_context(limits=NEWCOMERS, newcomer=FirstVisit(NOW - ago_s, pages))
    assert stops("newcomers", of, until) if until else is_open("newcomers", of)


def test_trigger_conditions_replace_the_general_ones() -> None:
    newcomer = FirstVisit(NOW - 10, 1)
    own = {"newcomers": {"after": "10s", "pages": 1}}
    assert is_open("newcomers", gate_context(limits=NEWCOMERS, own=own, newcomer=newcomer))


def test_returning_users_are_not_newcomers() -> None:
    assert is_open("newcomers", gate_context(limits=NEWCOMERS))


@pytest.mark.parametrize(("role", "spoken_to"), [("Admin ", True), ("viewer", False), (None, False)])
def test_offers_only_to_configured_roles(role: str | None, spoken_to: bool) -> None:
    limits = {"roles": ["admin"], "role_property": "job"}
    of = gate_context(limits=limits, properties={"job": role, "role": "admin"})
    assert is_open("roles", of) if spoken_to else stops("roles", of, NOW + 5)


def test_trigger_can_be_for_other_roles_or_for_all() -> None:
    limits, viewer = {"roles": ["admin"]}, {"role": "viewer"}
    assert is_open("roles", gate_context(limits=limits, own={"roles": ["viewer"]}, properties=viewer))
    assert is_open("roles", gate_context(limits=limits, own={"roles": []}, properties=viewer))


@pytest.mark.parametrize(
    "older",
    [
        {"min_time": "60s", "min_pages": 3},
        {"min_time": "60s", "min_pages": 3, "roles": ["admin"], "role_property": "job"},
    ],
)
def test_reads_the_former_name_of_newcomers(older: dict[str, object]) -> None:
    known = gate_context(limits={"explore_first": older}).limits
    assert (known.newcomers.after, known.newcomers.pages) == (60.0, 3)  # type: ignore[union-attr]
    assert (known.roles, known.role_property) == (older.get("roles", []), older.get("role_property", "role"))


@pytest.mark.parametrize("given", [{"explore_first": {"pages": 3}}, {"explore_first": {}, "newcomers": {}}])
def test_refuses_a_mixture_of_both_names(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="newcomers"):
        gate_context(limits=given)


# --- limits per golden path --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gate", "limits", "until"),
    [
        ("path_per_user", {"per_user": 2}, math.inf),
        ("path_per_day", {"per_day": 2}, NOW + 6400),  # 22:13:20 is 6,400 s before midnight
        ("path_min_interval", {"min_interval": "1h"}, NOW + 3000),
    ],
)
@pytest.mark.parametrize("key", ["per_golden_path", "golden_paths"])
def test_limits_toasts_about_a_golden_path(
    gate: str, limits: dict[str, object], until: float, key: str
) -> None:
    history = [
        past(S.TIMED_OUT, ago, trigger, golden_path="export") for ago, trigger in ((600, "t2"), (900, "t3"))
    ]
    given = {key: {"export": limits} if key == "golden_paths" else limits}
    assert stops(gate, gate_context(history, given, topic="export"), until)
    assert is_open(gate, gate_context(history, given, topic="import"))
    assert is_open(gate, gate_context(history, {"golden_paths": {"import": limits}}, topic="export"))


def test_golden_path_has_limits_of_its_own() -> None:
    history = [past(S.TIMED_OUT, 600, "t2", golden_path="export")]
    limits = {"per_golden_path": {"per_user": 1}, "golden_paths": {"export": {"per_user": 2}}}
    assert is_open("path_per_user", gate_context(history, limits, topic="export"))


def test_limits_of_golden_paths_ignore_toasts_about_pages() -> None:
    history = [past(S.TIMED_OUT, 600, "t2", page="/projects")]
    assert is_open(
        "path_per_user", gate_context(history, {"per_golden_path": {"per_user": 1}}, topic="/projects")
    )
