"""Where offers get lost: every loss of a funnel has its cause in words, and none is counted twice."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.engine.courtesy.gate_words import GATE_WORDS
from rasa_autoplay.engine.offers.offer_status import Arm
from rasa_autoplay.engine.results.funnel import Funnel
from rasa_autoplay.engine.results.losses import Loss, losses_of

#: The counts that are no loss: how far offers came, and totals of what is counted by name as well.
PROGRESS = {
    "offered",
    "sent",
    "rendered",
    "seen",
    "accepted",
    "accepted_by",
    "tour_finished",
    "goal_reached",
    "failed_after",
}
counts = st.integers(0, 1_000)
named = st.dictionaries(st.sampled_from(["open", "save"]), counts)
funnels = st.builds(
    Funnel,
    stopped=st.dictionaries(st.sampled_from(sorted(GATE_WORDS)), counts),
    withheld=st.dictionaries(st.sampled_from([arm.value for arm in Arm if arm is not Arm.SHOWN]), counts),
    tour_left=named,
    tour_missing=named,
    tour_elsewhere=named,
    **dict.fromkeys(
        ("deferred", "dropped", "timed_out", "dismissed", "snoozed", "never", "withdrawn", "expired"), counts
    ),
)


@given(funnels)
def test_losses_are_all_counts_that_are_no_progress(funnel: Funnel) -> None:
    lost = {name: value for name, value in msgspec.structs.asdict(funnel).items() if name not in PROGRESS}
    total = sum(value if isinstance(value, int) else sum(value.values()) for value in lost.values())
    losses = losses_of(funnel)
    assert sum(loss.count for loss in losses) == total
    assert all(loss.count for loss in losses)
    assert [loss.count for loss in losses] == sorted((loss.count for loss in losses), reverse=True)
    assert all(" " in loss.text for loss in losses), "a cause without words"


def test_a_cause_says_its_stage_and_name() -> None:
    funnel = Funnel(stopped={"min_interval": 3}, tour_missing={"menu": 1}, expired=2)
    assert losses_of(funnel) == [
        Loss("stopped", "min_interval", "another toast was shown a short while before", 3),
        Loss("unseen", "expired", "no page of the user was open in time", 2),
        Loss("tour", "menu", "the page did not have the element of this step", 1),
    ]
