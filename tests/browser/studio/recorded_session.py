"""A recorded session as the API answers it, for the tests of the screen Session."""

from __future__ import annotations

from typing import Any

__all__ = ["BEGAN", "explanation", "nearness", "person", "session_answers", "timeline"]

BEGAN = 1_764_400_000.0
_PAGES = ("/projects", "/projects/:id/edit", "/reports", "/settings")
_SAVE = 'count 3 × title "save changes" on /projects within 120 s'


def timeline(actions: int = 60, pages: tuple[str, ...] = _PAGES) -> dict[str, Any]:
    """A session with one offer, a gate that stops another, a withheld one, a chat and a tour."""
    step = 5.0
    done: list[dict[str, Any]] = [
        {
            "at": BEGAN + place * step + (600 if place > actions // 2 else 0),
            "happened_at": BEGAN + place * step - 0.2 + (600 if place > actions // 2 else 0),
            "type": "click",
            "title": "Click Save changes" if place % 3 else "Click Edit",
            "page": pages[place * len(pages) // actions],
            **({"signal": "rage_click"} if place % 17 == 16 else {}),
        }
        for place in range(actions)
    ]
    offered, end = done[actions // 3]["at"], done[-1]["at"] + 30
    decisions: list[dict[str, Any]] = [
        {"at": offered, "outcome": "fired", "trigger_id": "bulk_edit_opportunity"},
        {
            "at": offered,
            "outcome": "offered",
            "trigger_id": "bulk_edit_opportunity",
            "offer_id": "o1",
            "arm": "shown",
        },
        {
            "at": done[actions // 2]["at"],
            "outcome": "stopped",
            "trigger_id": "user_page_dwell",
            "gate": "min_interval",
            "until": offered + 300,
            "detail": "the last toast was 1 min ago",
        },
        {
            "at": done[-5]["at"],
            "outcome": "withheld",
            "trigger_id": "workflow_stall",
            "offer_id": "o2",
            "arm": "control",
            "detail": "the user is in the control group",
        },
    ]
    events: list[dict[str, Any]] = [
        {"at": BEGAN, "event": "began", "files": "abc"},
        *(
            {"at": offered + after, "event": "offer", "offer_id": "o1", "status": status}
            for after, status in ((0.1, "sent"), (0.4, "rendered"), (1.5, "seen"), (9, "accepted"))
        ),
        {"at": offered + 10, "event": "helped"},
        {"at": offered + 20, "event": "chat_message"},
        {"at": offered + 30, "event": "tour_started", "tour_id": "projects-bulk-edit", "offer_id": "o1"},
        {"at": offered + 36, "event": "tour_step", "step": "options"},
        {"at": offered + 44, "event": "tour_step", "step": "apply"},
        {"at": offered + 50, "event": "tour_ended", "outcome": "completed"},
    ]
    bands: list[dict[str, Any]] = []
    for one in done:
        if bands and bands[-1]["page"] == one["page"]:
            bands[-1]["actions"] += 1
            continue
        if bands:
            bands[-1]["until"] = one["at"]
        bands.append({"page": one["page"], "from": one["at"], "until": end, "actions": 1})
    return {
        "began_at": BEGAN,
        "ended_at": end,
        "is_complete": True,
        "pages": bands,
        "actions": done,
        "decisions": decisions,
        "events": events,
        "offers": [
            {
                "offer_id": "o1",
                "trigger_id": "bulk_edit_opportunity",
                "body": "Shall I show you how?",
                "bubbles": [{"bubble": 1, "fate": "delivered", "at": offered + 9.5, "detail": ""}],
            }
        ],
    }


def nearness(of: dict[str, Any], columns: int = 120, triggers: int = 5) -> dict[str, Any]:
    """A heat map with one near miss."""
    begin, end = of["began_at"], of["ended_at"]
    times = [begin + (end - begin) * (place + 1) / columns for place in range(columns)]
    names = ["bulk_edit_opportunity", "user_page_dwell", "workflow_stall", "rage_click", "exports"]
    rows = [
        {
            "trigger_id": names[row] if row < len(names) else f"trigger_{row}",
            "nearness": [
                None if place < 3 else round((place * (row + 3) % 50) / 50, 2) for place in range(columns)
            ],
            "peak": {"at": times[columns // 2], "nearness": 0.8, "text": "2 of 3"},
        }
        for row in range(triggers)
    ]
    return {"from": begin, "until": end, "times": times, "triggers": rows}


def explanation(at: float, **more: Any) -> dict[str, Any]:
    """An explanation in which a gate stops one trigger, and another one is a near miss."""
    gates = [
        {
            "gate": "answered",
            "stops": True,
            "detail": "'dismissed' about projects-bulk-edit, which counts for 1d",
            "until": at + 82_800,
            "remaining_s": 82_800.0,
        },
        {"gate": "daily_cap", "stops": False, "detail": "1 of 3 today"},
    ]
    count = {
        "condition": _SAVE,
        "holds": True,
        "detail": "3 of 3",
        "have": 3,
        "need": 3,
        "changes_at": at + 40,
    }
    lacking = {
        "condition": "any",
        "holds": False,
        "detail": "none holds",
        "conditions": [
            {
                "condition": "dwell 60 s",
                "holds": False,
                "detail": "42 s on this page",
                "have": 42,
                "need": 60,
                "changes_at": at + 18,
            },
            {"condition": "on_page /settings", "holds": False, "detail": "on /reports"},
        ],
    }
    common = {"about": "projects-bulk-edit", "arm": "shown", "variant": "", "failures": {}}
    return {
        "user_id": "ann",
        "product_id": "demo",
        "at": at,
        "session": {
            "session_id": "s1",
            "source": "capture",
            "page": "/projects",
            "actions": 30,
            "timezone": "",
            "idle_s": 0,
            "goal": {
                "golden_path": "projects-bulk-edit",
                "title": "Edit several projects at once",
                "next_step": "Apply",
                "steps_done": 2,
                "steps_total": 4,
            },
        },
        "headline": {
            "trigger_id": "bulk_edit_opportunity",
            "outcome": "stopped",
            "text": "It fires, but answered stops it for another 23h.",
            "gate": "answered",
        },
        "triggers": [
            {
                "trigger_id": "user_page_dwell",
                "outcome": "near_miss",
                "text": "It does not fire: 42 s on this page.",
                "gates": [],
                "conditions": [lacking],
                **common,
            },
            {
                "trigger_id": "bulk_edit_opportunity",
                "outcome": "stopped",
                "text": "It fires, but answered stops it for another 23h: 'dismissed'.",
                "gates": gates,
                "conditions": [count],
                **common,
            },
            *(
                {
                    "trigger_id": f"quiet_{number}",
                    "outcome": "not_near",
                    "text": "It does not fire: 0 of 3.",
                    "gates": [],
                    "conditions": [],
                    **common,
                }
                for number in range(6)
            ),
        ],
        "offers": [
            {
                "offer_id": "o1",
                "trigger_id": "bulk_edit_opportunity",
                "status": "accepted",
                "arm": "shown",
                "variant": "",
                "life": {"queued": at - 300, "accepted": at - 290},
            }
        ],
        "replay": {"agrees": True, "decisions": 4, "notes": [], "took_ms": 12.0},
        **more,
    }


def person() -> dict[str, Any]:
    """What memory knows of the user."""
    proofs = [{"at": BEGAN + 25, "title": "Click ⋯", "signal": "", "session_id": "s1"}]
    earlier = [{"at": BEGAN - 90_000, "title": "Click Apply", "signal": "error", "session_id": "s0"}]
    return {
        "user_id": "ann",
        "workflows": [
            {
                "path_id": "projects-bulk-edit",
                "title": "Edit several projects at once",
                "state": "in_progress",
                "attempts": 2,
                "best_completion_pct": 50.0,
                "last_issue": "missed step: apply",
                "struggles": [
                    {"workflow": "projects-bulk-edit", "kind": "rage_clicks", "count": 1, "step": ""}
                ],
                "steps": [
                    {"step_id": "options", "title": "Options", "proofs": proofs},
                    {"step_id": "apply", "title": "Apply", "proofs": earlier},
                ],
            },
            {
                "path_id": "export",
                "title": "Export a report",
                "state": "untouched",
                "attempts": 0,
                "best_completion_pct": 0.0,
                "last_issue": "",
                "struggles": [],
                "steps": [],
            },
        ],
    }


def session_answers(actions: int = 60) -> dict[str, Any]:
    """Everything that the screen asks for, by path."""
    recorded = timeline(actions)
    return {
        "recordings/demo/ann": recorded,
        "nearness/demo/ann": nearness(recorded),
        "explain/ann": lambda query, _body: explanation(float(query.get("at", BEGAN + 2_000))),
        "users/demo/ann/person": person(),
    }
