"""What users did after a fire tells whether help would have been welcome."""

from __future__ import annotations

import pytest
from support.slow_paths import APPLY, BULK, SAVE, a_finding, an_action

from rasa_autoplay.tools.discovery.evidence.aftermath import Aftermath, ways_of
from rasa_autoplay.tools.discovery.findings.finding import Act, FindingKind

_FIRED_AT = 1000.0
_SAVE, _BULK = "Click Save changes", "Click Bulk edit"


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ([(_SAVE, 10.0)], Aftermath.WENT_ON),
        ([(_BULK, 10.0)], Aftermath.FOUND),
        # One more save before the fast way: they needed no help all the same.
        ([(_SAVE, 10.0), (_BULK, 120.0)], Aftermath.FOUND),
        ([(_SAVE, 10.0), (_BULK, 120.5)], Aftermath.WENT_ON),
        ([(_SAVE, 600.0)], Aftermath.WENT_ON),
        ([(_SAVE, 600.5)], Aftermath.NEITHER),
        ([("Click Logo", 5.0)], Aftermath.NEITHER),
        ([], Aftermath.NEITHER),
    ],
)
def test_tells_slow_and_fast_way_apart(later: list[tuple[str, float]], expected: Aftermath) -> None:
    actions = [an_action(_SAVE, _FIRED_AT), *(an_action(title, _FIRED_AT + s) for title, s in later)]

    assert ways_of(a_finding()).after(actions, _FIRED_AT) is expected


def test_what_happened_up_to_the_fire_does_not_count() -> None:
    actions = [an_action(_BULK, _FIRED_AT - 1), an_action(_SAVE, _FIRED_AT)]

    assert ways_of(a_finding()).after(actions, _FIRED_AT) is Aftermath.NEITHER


def test_acts_of_both_ways_say_nothing() -> None:
    ways = ways_of(a_finding(slow_way=(SAVE, APPLY), fast_way=(BULK, APPLY)))

    assert ways.after([an_action("Click Apply to all", _FIRED_AT + 1)], _FIRED_AT) is Aftermath.NEITHER


def test_a_page_view_says_nothing_if_there_are_other_acts() -> None:
    view = Act("/projects", "", "Page load: Projects", "pageview")
    ways = ways_of(a_finding(fast_way=(view, BULK)))

    seen = [an_action("Page load: Projects", _FIRED_AT + 1, kind="pageview")]
    assert ways.after(seen, _FIRED_AT) is Aftermath.NEITHER


def test_after_a_stall_trying_again_and_leaving_show_that_help_was_welcome() -> None:
    ways = ways_of(a_finding(kind=FindingKind.STALL, slow_way=(SAVE,), fast_way=(), goal=APPLY))

    assert ways.after([an_action("Click Apply to all", _FIRED_AT + 60)], _FIRED_AT) is Aftermath.FOUND
    assert ways.after([an_action(_SAVE, _FIRED_AT + 60)], _FIRED_AT) is Aftermath.WENT_ON
    assert ways.after([], _FIRED_AT) is Aftermath.WENT_ON
    # Somebody who does something else may never have wanted it.
    assert ways.after([an_action("Click Logo", _FIRED_AT + 60)], _FIRED_AT) is Aftermath.NEITHER


def test_a_goal_that_the_slow_way_reaches_does_not_show_that_the_fast_one_was_found() -> None:
    ways = ways_of(a_finding(slow_way=(BULK, SAVE), fast_way=(), goal=SAVE))

    assert not ways.fast
    assert ways.after([an_action(_SAVE, _FIRED_AT + 1)], _FIRED_AT) is Aftermath.WENT_ON


def test_records_of_an_element_are_the_same_act() -> None:
    row = Act("/projects", "save-*", "Click Save *", "click")
    action = an_action("Click Save 42", _FIRED_AT + 1)
    action.element_id = "save-42"

    assert ways_of(a_finding(slow_way=(row, row))).after([action], _FIRED_AT) is Aftermath.WENT_ON
