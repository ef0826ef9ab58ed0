"""The triggers for stalls: what a rule can see while the user still tries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa_autoplay.tools.discovery.findings.trigger_settings import LONGEST_S, goal_of, page_pattern, rule
from rasa_autoplay.tools.discovery.stalls.stall_kind import StallKind
from rasa_autoplay.tools.discovery.steps.control_patterns import pattern_of_control
from rasa_autoplay.tools.discovery.steps.controls import Control

__all__ = ["stall_trigger"]

#: The offer comes between so many seconds after the step.
_SOONEST_S, _LATEST_S = 20, 240
#: So many times of the same act are no accident.
_TIMES = 3
_WITHIN = f"{LONGEST_S}s"


_BODIES = {
    StallKind.GIVE_UP: "Not sure how to go on? Shall I show you the next steps?",
    StallKind.FAIL: "That did not work? Shall I show you how it is done?",
    StallKind.REPEAT: "Not reacting the way you expected? Shall I show you how it is done?",
}


def stall_trigger(
    trigger_id: str,
    kinds: Sequence[StallKind],
    controls: Sequence[Control],
    place: int,
    *,
    normal_s: float,
    path: str,
) -> dict[str, Any]:
    """Return the settings of the rule.

    Args:
        trigger_id: its id.
        kinds: what users do, the most frequent first.
        controls: the workflow in order.
        place: the place of the step at which they stall.
        normal_s: how long most of the others need to go on (seconds).
        path: the id of its golden path; empty if there is none.
    """
    step = pattern_of_control(controls[place])
    later = [pattern_of_control(control) for control in controls[place + 1 :]]
    waits_s = int(min(_LATEST_S, max(_SOONEST_S, -(-normal_s // 5) * 5)))
    failure = {"page": page_pattern(controls[place].act.page)} if controls[place].act.page else {}
    signs: dict[StallKind, dict[str, Any]] = {
        StallKind.GIVE_UP: {"absent": {**step, "within": f"{waits_s}s"}},
        StallKind.FAIL: {"failure": {"at_least": 1, **failure, "within": _WITHIN}},
        StallKind.REPEAT: {"repeat": {**step, "at_least": _TIMES, "within": _WITHIN}},
    }
    shown = [signs[kind] for kind in kinds]
    when: list[dict[str, Any]] = [
        {"count": {**step, "at_least": 1, "within": _WITHIN}},
        shown[0] if len(shown) == 1 else {"any": shown},
        # Users who have done the next step or the last one need no help.
        *({"absent": {**each, "within": _WITHIN}} for each in later[:1] + later[1:][-1:]),
    ]
    return rule(trigger_id, _BODIES[kinds[0]], when, goal_of(controls[-1].act), path=path)
