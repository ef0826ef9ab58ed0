"""What nobody has seen is not seen yet: neither ok nor wrong. The doctor says how to make it seen."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rasa_autoplay.common.checks import Check, Finding, error, not_seen, seen
from rasa_autoplay.gateway.studio.health import Health
from rasa_autoplay.gateway.studio.health_checks import HEALTH_CHECKS
from rasa_autoplay.tools.doctor import pages
from rasa_autoplay.tools.doctor.check_list import PAGE_CHECKS
from rasa_autoplay.tools.doctor.project import Project
from rasa_autoplay.tools.doctor.report import as_json, as_lines

#: The health of servers that have just started, with each part configured.
NEW: dict[str, Any] = {
    "seen": {"for_s": 720.0},
    "identity": {"mode": "required", "accepted": 0, "refused": {}},
    "consent": {"mode": "required", "users_with_consent": 0, "dropped": {}},
    "proxy": {"state": "ok", "forwarded": 0},
    "origins": {"chat_refused": 0, "refused": {}, "refused_others": 0},
    "sources": {
        "capture": {"state": "idle", "accepted": 0, "page_views": 0, "anonymous": 0, "held_back": 0},
        "stream": {"state": "connected", "accepted": 0},
    },
    "link": {"state": "connected", "feeds": 0},
    "engine": {
        "state": "running",
        "llm": {"state": "idle"},
        "embeddings": {"state": "connecting"},
        "recording": {"state": "recording", "actions": 0},
        "tracing": {"state": "idle"},
        "connected_users": 0,
        "silent_users": 0,
        "freshness": {"state": "watching", "suspects": [], "last_done": {}},
        "promotion": {"looked_at": None, "steps": 0},
        "outcomes": {"webhook": {"state": "ok", "waiting": 0, "delivered": 0, "failed": 0}},
    },
}
_PER = {"count": 3, "last_age_s": 1.0}
#: The health of servers that have seen all of it.
USED: dict[str, Any] = {
    **NEW,
    "seen": {"for_s": 720.0, "script": _PER, "feed": _PER, "receipt": _PER},
    "identity": {"mode": "required", "accepted": 4, "refused": {}},
    "consent": {"mode": "required", "users_with_consent": 1, "dropped": {"no_consent": 3}},
    "sources": {
        "capture": {
            "state": "connected",
            "accepted": 40,
            "page_views": 9,
            "anonymous": 1,
            "held_back": 0,
            "last_event_age_s": 4.0,
        },
        "stream": {"state": "connected", "accepted": 2, "last_event_age_s": 90.0},
    },
    "link": {"state": "connected", "feeds": 1},
    "engine": {
        **NEW["engine"],
        "llm": {"state": "connected", "answered": 1},
        "embeddings": {"state": "connected"},
        "recording": {"state": "recording", "actions": 7},
        "tracing": {"state": "connected", "sent": 9},
        "connected_users": 1,
        "actions": 42,
        "offers": 1,
        "receipts": 3,
        "chat_messages": 1,
        "bubbles_delivered": 1,
        "tours_finished": 1,
        "freshness": {"state": "watching", "suspects": [], "last_done": {"export": {"menu": 1.0}}},
        "promotion": {"looked_at": 1.0, "steps": 2},
        "outcomes": {"webhook": {"state": "ok", "waiting": 0, "delivered": 9, "failed": 0}},
    },
}


def _told(health: dict[str, Any]) -> list[Finding]:
    report = Health(health)
    return [finding for check in HEALTH_CHECKS for finding in check.examine(report)]


def test_nothing_is_ok_that_new_servers_have_not_seen() -> None:
    told = _told(NEW)
    assert {finding.check for finding in told if finding.state == "ok"} == {"link", "engine"}
    assert {finding.state for finding in told} == {"ok", "not_seen"}
    assert {finding.check for finding in told} == {check.name for check in HEALTH_CHECKS}


def test_says_how_to_make_it_seen_and_how_long_nothing_has_come() -> None:
    unseen = [finding for finding in _told(NEW) if finding.state == "not_seen"]
    assert all(finding.remedy for finding in unseen)
    events = [finding for finding in unseen if finding.check == "events"]
    assert events[0].found == "capture: no event since the Rasa server started 12 min ago"
    assert events[0].remedy == "open your app, click something, then run this again"


def test_all_is_ok_that_was_seen() -> None:
    told = _told(USED)
    assert [finding for finding in told if finding.state != "ok"] == []
    assert {finding.check for finding in told} == {check.name for check in HEALTH_CHECKS}


@pytest.mark.parametrize("part", ["sources", "identity", "seen", "engine", "link", "proxy"])
def test_nothing_observed_is_ok_without_a_part_of_health(part: str) -> None:
    observing = {check.name for check in HEALTH_CHECKS if check.observe is not None}
    shorter = {name: value for name, value in NEW.items() if name != part}
    assert not [each for each in _told(shorter) if each.state == "ok" and each.check in observing]


def test_a_source_that_another_server_runs_is_no_matter_of_this_one() -> None:
    elsewhere = {**NEW, "sources": {"stream": {"state": "idle", "runs": "at another Rasa server"}}}
    assert not [finding for finding in _told(elsewhere) if finding.check == "events"]


def test_a_silent_page_is_an_error_and_names_the_likely_causes() -> None:
    silent = {**NEW, "engine": {**NEW["engine"], "connected_users": 2, "silent_users": 2}}
    found = next(
        each for each in _told({**silent, "seen": {"bot_feed": _PER}}) if each.check == "silent pages"
    )
    assert found.state == "error"
    for cause in ("opt_out_useragent_filter", "ad blocker", "project key", "api_host"):
        assert cause in found.remedy
    assert (
        "opt_out_useragent_filter"
        not in next(each for each in _told(silent) if each.check == "silent pages").remedy
    )
    few = {**NEW, "engine": {**NEW["engine"], "connected_users": 20, "silent_users": 2}}
    assert "error" not in {each.state for each in _told(few)}


CHECKS: tuple[Check[None], ...] = (
    Check("file", "it is there", lambda _: iter(())),
    Check("broken", "it works", lambda _: iter([error("it is broken", "mend it")]), lambda _: iter(())),
    Check("event", "events come", lambda _: iter(()), lambda _: iter([not_seen("no event", "click")])),
    Check("page", "pages load", lambda _: iter(()), lambda _: iter([seen("two pages"), seen("three")])),
    Check("unused", "it works", lambda _: iter(()), lambda _: iter(())),
)
FOUND = [finding for check in CHECKS for finding in check.examine(None)]


def test_prints_a_symbol_a_word_and_the_advice() -> None:
    assert as_lines([("found", "Rasa"), *FOUND], is_coloured=False) == [
        "  found    Rasa",
        "✓ ok       file: it is there",
        "✗ error    broken: it is broken. Remedy: mend it",
        "○ not seen event: no event. To see it: click",
        "✓ ok       page: two pages",
        "✓ ok       page: three",
        "3 ok, 1 not seen yet, 1 error.",
    ]
    coloured = as_lines(FOUND, is_coloured=True)
    assert coloured[2] == "\x1b[36m○ not seen\x1b[0m event: no event. To see it: click"


def test_prints_json() -> None:
    told = json.loads(as_json([("by hand", "look"), *FOUND]))
    assert told["counts"] == {"ok": 3, "not_seen": 1, "warning": 0, "error": 1}
    assert told["findings"][2] == {
        "check": "event",
        "state": "not_seen",
        "found": "no event",
        "remedy": "click",
    }
    assert told["notes"] == [{"about": "by hand", "text": "look"}]


def test_pages_without_the_widget_are_not_called_ok() -> None:
    project = Project(**{**_EMPTY, "pages": {"a.html": '<script src="autoplay.js"></script>'}})
    states = {each.check: each.state for check in PAGE_CHECKS for each in check.examine(project)}
    assert states.pop("script") == "ok"
    assert set(states.values()) == {"not_seen"}
    page = replace(project, pages={"a.html": 'posthog.init("phc_1", {request_batching: false})'})
    clicks = next(check for check in PAGE_CHECKS if check.name == "clicks")
    assert [each.found for each in clicks.examine(page)] == ["posthog-js reports clicks (a.html)"]


_EMPTY: dict[str, Any] = {
    **dict.fromkeys(("folder", "domain", "data"), Path()),
    **{key: {} for key in ("packages", "environment", "credentials", "endpoints", "engine")},
    "python": (3, 10),
}


@pytest.mark.parametrize("call", ["WebChat(", "WebChat.default(", "window.WebChat?.default(", "WebChat?.("])
def test_sees_every_way_to_call_the_widget(call: str) -> None:
    assert pages.WIDGET.search(f"{call}chat, document.body)")
