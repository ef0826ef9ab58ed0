"""The story that ends in a toast, three projects edited one by one, as browsers and the vendor report it."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from benchmarks.browser import Browser, Sent
from benchmarks.connector import Connector
from benchmarks.project import PRODUCT_ID
from example_bot.recording import Recorded, rebased

__all__ = ["STORY_S", "action", "browse", "capture_story", "stream_batch", "tell"]

STORY = "edit_three_projects"
#: Seconds from the first request to the third save.
STORY_S = 8.4

_PAGE = "/projects"
_STEPS = (
    (0.0, "pageview", "Viewed projects"),
    *(
        step
        for begun in (0.8, 3.9, 6.7)
        for step in (
            (begun, "click", "Click Edit"),
            (begun + 1.0, "type", "Change Priority"),
            (begun + 1.7, "click", "Click Save changes"),
        )
    ),
)


def capture_story(user_id: str, begin_at: float) -> list[Recorded]:
    """Return the recorded requests rewritten for that user.

    Args:
        user_id: the user; their analytics session is ``ps_<user_id>``.
        begin_at: when the story begins, epoch seconds.
    """
    requests = rebased(STORY, user_id=user_id, session_id=f"ps_{user_id}", now=begin_at + STORY_S)
    return [request for request in requests if request.is_capture]


async def browse(browser: Browser, requests: list[Recorded]) -> Sent:
    """Send the requests at the recorded pace; return the times of the last one, the third save."""
    for request in requests:
        await asyncio.sleep(request.received_at - time.time())
        sent = await browser.send(request)
    return sent


async def tell(connector: Connector, user_id: str, begin_at: float) -> float:
    """Let the connector send the story, action by action; return the time just before the third save."""
    for index, (offset_s, kind, title) in enumerate(_STEPS):
        at = begin_at + offset_s
        await asyncio.sleep(at - time.time())
        batch = stream_batch(user_id, [action(user_id, index, kind, title, at)])
        written_at = await connector.send(batch)
    return written_at


def stream_batch(user_id: str, actions: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a batch as the vendor's connector sends it."""
    return {
        "type": "actions",
        "product_id": PRODUCT_ID,
        "session_id": f"ps_{user_id}",
        "user_id": user_id,
        "email": f"{user_id}@example.com",
        "count": len(actions),
        "forwarded_at": time.time(),
        "conversation_id": None,
        "actions": actions,
    }


def action(user_id: str, index: int, kind: str, title: str, at: float) -> dict[str, Any]:
    """Return an action on the projects page as the vendor's connector sends it."""
    return {
        "index": index,
        "type": kind,
        "title": title,
        "description": f"{title} on the projects page",
        "timestamp_start": at,
        "timestamp_end": at,
        "raw_url": f"https://app.example.com{_PAGE}",
        "canonical_url": f"https://app.example.com{_PAGE}",
        "session_id": f"ps_{user_id}",
        "user_id": user_id,
        "email": f"{user_id}@example.com",
    }
