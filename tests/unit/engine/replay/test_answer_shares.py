"""What simulated users do with a toast: the same in each run, and as often as was assumed or measured."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest

from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.offers.offer_status import Arm, OfferStatus
from rasa_autoplay.engine.replay.answer_shares import AnswerShares, measured_shares, parse_answers
from rasa_autoplay.engine.replay.assumptions import Assumptions
from rasa_autoplay.engine.results.funnel import Funnel
from rasa_autoplay.engine.results.results import TriggerGoal, TriggerResult


def _offer(user_id: str, trigger_id: str = "t") -> Offer:
    return Offer("random", trigger_id, "", "demo", "s", user_id, 100.0, 200.0, 99.0)


def _result(trigger_id: str, funnel: Funnel, variant: str = "") -> TriggerResult:
    return TriggerResult(trigger_id, variant, TriggerGoal(), funnel, [], None)


def test_reads_shares() -> None:
    assert parse_answers("accept=30%, dismiss=50%") == AnswerShares(accept=0.3, dismiss=0.5)
    assert parse_answers("never=2.5%") == AnswerShares(never=0.025)
    assert parse_answers("none") == AnswerShares()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("acept=30%", "'acept=30%' is not an answer: write none, dismiss"),
        ("sometimes", "'sometimes' is not an answer"),
        ("accept=30", "'30' is not a share of users"),
        ("accept=60%,dismiss=50%", "more than 100%"),
        ("accept=10%,accept=10%", "'accept=10%' is not an answer"),
        ("", "'' is not an answer"),
    ],
)
def test_refuses_other_texts(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        parse_answers(text)


def test_answers_are_as_often_as_assumed_and_the_same_each_time() -> None:
    assumptions = Assumptions("accept=30%,dismiss=50%")
    answers = [assumptions.answer_to(_offer(f"u{number}")) for number in range(4_000)]
    assert answers == [assumptions.answer_to(_offer(f"u{number}")) for number in range(4_000)]
    shares = {answer: count / 4_000 for answer, count in Counter(answers).items()}
    assert shares == {
        "accepted": pytest.approx(0.3, abs=0.03),
        "dismissed": pytest.approx(0.5, abs=0.03),
        "": pytest.approx(0.2, abs=0.03),
    }


def test_withheld_offers_get_no_answer() -> None:
    withheld = _offer("u1")
    withheld.arm, withheld.status = Arm.CONTROL, OfferStatus.WITHHELD
    assert Assumptions("accept").answer_to(_offer("u1")) == "accepted"
    assert Assumptions("accept").answer_to(withheld) == ""


def test_measured_shares_are_those_of_the_toasts_that_were_shown() -> None:
    funnel = Funnel(rendered=80, accepted=20, dismissed=8, snoozed=4, never=2)
    found = measured_shares([_result("t", funnel, "a"), _result("t", Funnel(rendered=20), "b")])
    assert found == {"t": AnswerShares(accept=0.2, dismiss=0.08, later=0.04, never=0.02)}


def test_triggers_that_were_never_shown_are_not_measured() -> None:
    assert measured_shares([_result("t", Funnel())]) == {}
    assumptions = Assumptions("measured", measured={"t": AnswerShares(accept=1.0)})
    assert assumptions.answer_to(_offer("u", "t")) == "accepted"
    assert assumptions.answer_to(_offer("u", "other")) == ""


def test_report_names_the_shares() -> None:
    mixed = Assumptions("accept=30%,dismiss=50%")
    assert "react after 5s: accept 30%, dismiss 50%." in mixed.to_text()
    measured = replace(mixed, answers="measured", measured={"t": AnswerShares(accept=0.25)})
    assert measured.to_text().endswith(" t: accept 25%.")
