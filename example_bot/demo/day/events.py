"""What users do, as posthog-js reports it."""

from __future__ import annotations

import uuid
from datetime import datetime, timezone
from typing import Any

from example_bot.demo.day.deeds import Deed
from example_bot.demo.day.traffic import Visit

__all__ = ["event_of"]


def event_of(deed: Deed, visit: Visit, app_url: str, at: float) -> dict[str, Any]:
    """Return a deed as an event of posthog-js.

    Args:
        deed: what the user does.
        visit: the visit in which they do it.
        app_url: the address of the host app.
        at: when, epoch seconds.
    """
    user = visit.user
    return {
        "uuid": str(uuid.UUID(int=visit.dice.getrandbits(128), version=4)),
        "event": deed.event,
        "timestamp": datetime.fromtimestamp(at, timezone.utc).isoformat(timespec="milliseconds"),
        "$set": user.properties,
        "properties": {
            "distinct_id": user.user_id,
            "$user_id": user.user_id,
            "$is_identified": True,
            "email": user.email,
            "token": "phc_demo",
            "$session_id": visit.session_id,
            "$current_url": f"{app_url}/{visit.page}",
            "$timezone": user.timezone,
            "$lib": "web",
            **deed.properties,
        },
    }
