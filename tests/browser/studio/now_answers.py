"""Answers of the API for the screen Now."""

from __future__ import annotations

import time
from typing import Any

__all__ = ["now_answers"]

_PAGES = ("/projects", "/projects/:id/edit", "/settings/team", "/dashboard")


def now_answers(count: int, **changes: Any) -> dict[str, Any]:
    """Return what the screen asks for, with that many live sessions; ``changes`` overrides paths."""
    now = time.time()
    rows = {f"s{number}": _row(number, now) for number in range(count)}

    def details(_query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        found = [_details(rows[each], now) for each in body["session_ids"] if each in rows]
        return {"at": now, "sessions": found}

    answers = {
        "sessions": {"at": now, "total": count, "sessions": list(rows.values())},
        "sessions/details": details,
        "findings": {
            "at": now,
            "counts": {"error": 1, "warning": 1, "not_seen": 3, "ok": 12},
            "findings": [
                {
                    "check": "engine",
                    "state": "error",
                    "label": "Problem",
                    "tone": "red",
                    "found": "memory has failed",
                    "remedy": "check database.url in autoplay.yml",
                },
                {
                    "check": "feeds",
                    "state": "warning",
                    "label": "Hint",
                    "tone": "blue",
                    "found": "no browser is connected to the toast feed",
                    "remedy": "open a page of your app with autoplay.js on it and data-user-id set.",
                },
            ],
            "health": {
                "feeds": {"open": 12},
                "link": {"state": "connected"},
                "engine": {"state": "running"},
                "sources": {"capture": {"state": "connected", "last_event_at": now - 4}},
            },
        },
        "silence": {
            "day": "2026-11-29",
            "triggers": [
                _silence("bulk_edit_opportunity", 41, 12, [("min_interval", 17), ("answered", 9)], 3),
                _silence("next_step", 6, 0, [("mastered", 6)]),
                _silence("export_help", 0, 0, []),
            ],
        },
        "triggers": {"triggers": [{"trigger_id": "bulk_edit_opportunity"}, {"trigger_id": "next_step"}]},
        "golden-paths": {"paths": [{"path_id": "projects-bulk-edit", "title": "Edit many projects at once"}]},
        "people": {"people": [{"user_id": "user-7"}]},
    }
    return {**answers, **changes}


def _row(number: int, now: float) -> dict[str, Any]:
    return {
        "session_id": f"s{number}",
        "user_id": f"user-{number}" if number % 7 else None,
        "page": f"https://app.example.com{_PAGES[number % 4]}",
        "source": "capture",
        "state": "thinking",
        "actions": 3 + number % 40,
        "began_at": now - 600,
        "active_at": now - number * 3,
    }


def _details(row: dict[str, Any], now: float) -> dict[str, Any]:
    number = int(row["session_id"][1:])
    last = {
        0: None,
        1: _last(
            now, "offered", body="Changing projects one at a time? Shall I show you how?", status="accepted"
        ),
        2: _last(
            now, "stopped", gate="min_interval", detail="the last toast was shown 2m ago; the interval is 5m"
        ),
        3: _last(now, "withheld", detail="the user is in the control group"),
    }[number % 4]
    return {
        **row,
        "state": ("thinking", "proactive_assistance", "reactive_assistance")[number % 3],
        "quiet_until": now + 20 if number % 5 == 3 else None,
        "activity": {"bucket_s": 15, "counts": [(number * place) % 5 for place in range(20)]},
        "nearest": {
            "trigger_id": "bulk_edit_opportunity",
            "fires": number % 6 == 5,
            "nearness": (number % 6 + 1) / 6,
            "text": f"{number % 3 + 1} of 3; another left the window 14 s ago",
            "has": number % 3 + 1,
            "needs": 3,
        },
        "last": last,
    }


def _last(now: float, outcome: str, **fields: Any) -> dict[str, Any]:
    empty = {"gate": "", "detail": "", "trigger_id": "bulk_edit_opportunity"}
    return {**empty, "at": now - 90, "outcome": outcome, **fields}


def _silence(
    trigger_id: str, fired: int, offered: int, gates: list[tuple[str, int]], withheld: int = 0
) -> dict[str, Any]:
    return {
        "trigger_id": trigger_id,
        "fired": fired,
        "offered": offered,
        "withheld": withheld,
        "dropped": 0,
        "gates": [{"gate": gate, "count": count} for gate, count in gates],
    }
