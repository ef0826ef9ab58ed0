"""What the engine answers about proposals, for the tests of the screen Proposals."""

from __future__ import annotations

import time
from typing import Any

from browser.studio.test_triggers import TOAST

__all__ = ["DETAIL", "FOUND", "HOSTILE", "PROMOTED", "row"]

HOSTILE = '<img src=x onerror="window.hacked=1">[click](javascript:alert(1))'
NOW = time.time()
_TITLE = "Users change the state of many tasks one by one."


def row(proposal_id: str, kind: str, stage: str, cost_s: float, title: str = _TITLE) -> dict[str, Any]:
    """Return a proposal as the list has it."""
    return {
        "id": proposal_id,
        "kind": kind,
        "title": title,
        "stage": stage,
        "users": 212,
        "sessions": 540,
        "times": 1_830,
        "extra_acts": 6.0,
        "extra_s": 24.5,
        "cost_s": cost_s,
        "backtest": {"fires_per_user_day": 0.31, "found_share": 0.034},
        "next": "The back-test recommends it: promote it to ghost.",
    }


FOUND: dict[str, Any] = {
    "proposals": [
        row("bulk-edit", "repetition", "draft", 44_835.0),
        row("export-by-menu", "detour", "ghost", 20_100.0, "Users export a report by six clicks."),
        row("invite", "stall", "5%", 9_000.0, "Users begin an invitation and give up."),
        row("filters", "unused_feature", "live", 4_000.0, "Few users know the saved filters."),
        row("weekly", "workflow", "rejected", 900.0, f"Users prepare the weekly report. {HOSTILE}"),
    ],
    "problems": [],
    "folder": "proposals",
    "is_automatic": False,
    "can_write": True,
}
_DIFF = """\
--- a/autoplay.yml
+++ b/autoplay.yml
@@ -7,3 +7,9 @@
 triggers:
   - id: saves
+  - id: bulk-edit
+    rollout: ghost
+    golden_path: bulk-edit
+    when:
+      count: {element_id: state, at_least: 3, within: 120s}
"""
_NEW_FILE = """\
--- /dev/null
+++ b/golden_paths/bulk-edit.yml
@@ -0,0 +1,2 @@
+id: bulk-edit
+title: Change many tasks at once
"""
DETAIL: dict[str, Any] = {
    **FOUND["proposals"][0],
    "page": "/projects/:id",
    "slow_way": ["Open /projects/:id", "Click State", f"Click Save {HOSTILE}"],
    "fast_way": ["Click Select all", "Click Change state"],
    "verdict": {"kind": "recommended", "reason": "It is early, and seldom noise.", "change": ""},
    "backtest": {
        "days": 4,
        "fires": 96,
        "users": 61,
        "fires_per_user_day": 0.31,
        "went_on": {"count": 79, "share": 0.82, "low": 0.71, "high": 0.89},
        "found": {"count": 3, "share": 0.034, "low": 0.01, "high": 0.1},
        "neither": None,
        "found_share": 0.034,
    },
    "near_misses": {"sessions_examined": 120, "sessions": 17, "missing": {f"2 of 3 “State” {HOSTILE}": 12}},
    "overlap": [{"trigger_id": "saves", "share": 0.125}],
    "not_compared": ["ours"],
    "examples": [
        {
            "name": "session 1 of user 1",
            "duration_s": 90.0,
            "left_out": 3,
            "acts": [
                {"at_s": -4.0, "act": "Open Tasks", "page": "/projects/:id", "is_slow_way": False},
                {"at_s": 0.0, "act": f"Click State {HOSTILE}", "page": "", "is_slow_way": True},
            ],
        },
        {"name": "session 2 of user 1", "duration_s": 42.0, "left_out": 0, "acts": []},
    ],
    "rule": [{"text": "the user is on /projects/:id"}, {"text": "3 × “State” within 120 s"}],
    "reasons": ["The back-test fired 0.31 times per user and day, at most 0.5 are allowed."],
    "figures": ["back-test: 96 fires, 0.31 for each user and day"],
    "problem": "",
    "checks": [
        {"text": "Days since the last step", "has": 3, "needs": 7, "is_met": False},
        {"text": "Users who were offered help", "has": 130, "needs": 100, "is_met": True},
    ],
    "steps": [
        {
            "action": "promote",
            "to": "ghost",
            "is_by_rule": True,
            "needs_reason": False,
            "problem": "",
            "changes": [
                {"file": "autoplay.yml", "diff": _DIFF},
                {"file": "golden_paths/bulk-edit.yml", "diff": _NEW_FILE},
            ],
            "command": "rasa-autoplay propose bulk-edit",
        },
        {
            "action": "reject",
            "to": "",
            "is_by_rule": False,
            "needs_reason": True,
            "problem": "",
            "changes": [],
            "command": "rasa-autoplay propose bulk-edit --reject REASON",
        },
    ],
    "toasts": [{"variant": "", "share": 1, "is_sample": False, "toast": TOAST}],
    "log": [],
    "base": "ab12",
    "file": "autoplay.yml",
    "can_write": True,
}
#: The same after its first step.
PROMOTED: dict[str, Any] = {
    **DETAIL,
    "stage": "ghost",
    "next": "The rule says: wait. Missing for 5 %:",
    "steps": [
        {
            **DETAIL["steps"][0],
            "to": "5%",
            "is_by_rule": False,
            "needs_reason": True,
            "changes": [],
        },
        {
            **DETAIL["steps"][0],
            "action": "back",
            "to": "draft",
            "command": "rasa-autoplay propose bulk-edit --back",
        },
        DETAIL["steps"][1],
    ],
    "log": [
        {"at": NOW - 60, "text": "Promoted from draft to ghost", "who": "Ann", "why": f"Good. {HOSTILE}"}
    ],
}
