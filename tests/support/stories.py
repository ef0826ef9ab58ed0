"""User stories as sources report them: recorded browser requests, and batches of the connector's stream."""

from __future__ import annotations

import json
import time
from typing import Any

from example_bot import recording
from example_bot.recording import Recorded
from support.processes import ROOT

__all__ = ["DISCOVERING", "EDITING", "action", "batch", "save", "story_of_user", "through_save"]

_HERE = ROOT / "tests" / "recordings" / "posthog"
_PLACES = {"edit_three_projects": recording.RECORDINGS}

#: Recordings of a user who edits three projects one by one.
EDITING = (
    "edit_three_projects",
    "edit_three_projects__batched",
    "edit_three_projects__plain_json",
    "edit_three_projects__remote_config",
)
#: Recordings of a user who finds bulk edit.
DISCOVERING = ("discover_bulk_edit", "discover_bulk_edit__posthog-js-1.249.0")

PROJECTS = "https://app.example.com/projects"


def story_of_user(
    story: str, *, user_id: str, session_id: str, email: str, now: float | None = None
) -> list[Recorded]:
    """Return a recording rewritten for that user, the last event just now."""
    return recording.rebased(
        story,
        user_id=user_id,
        session_id=session_id,
        email=email,
        now=time.time() if now is None else now,
        directory=_PLACES.get(story, _HERE),
    )


def through_save(requests: list[Recorded], saves: int) -> int:
    """Return the first requests of a recording, up to that many saves."""
    told = 0
    for position, request in enumerate(requests, 1):
        told += sum('"Save changes"' in json.dumps(event) for event in _events(request))
        if told >= saves:
            return position
    raise AssertionError(f"the story has {told} saves only")


def _events(request: Recorded) -> list[Any]:
    content = request.json() if request.is_capture else []
    events: list[Any] = content.get("batch", [content]) if isinstance(content, dict) else content
    return events


def action(title: str, *, at: float, url: str = PROJECTS, **fields: Any) -> dict[str, Any]:
    """Return one action in the connector's wording; ``at`` is epoch seconds."""
    return {
        "index": 0,
        "type": "click",
        "title": title,
        "description": f"User did: {title}",
        "timestamp_start": at,
        "timestamp_end": at,
        "raw_url": url,
        "canonical_url": url,
        **fields,
    }


def save(*, at: float, url: str = f"{PROJECTS}/:id/edit", **fields: Any) -> dict[str, Any]:
    """Return a press of "Save changes"."""
    return action("Click Save changes", at=at, url=url, **fields)


def batch(*actions: object, **fields: Any) -> dict[str, Any]:
    """Return a batch in wire format; ``fields`` are added beside the actions."""
    return {
        "type": "actions",
        "product_id": "demo",
        "email": None,
        "count": len(actions),
        "forwarded_at": time.time(),
        "conversation_id": None,
        "actions": list(actions),
        **fields,
    }
