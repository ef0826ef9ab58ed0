"""A trigger of a team that waits for something slow before it fires."""

from __future__ import annotations

import asyncio

from rasa_autoplay import ProactiveTriggerContext

__all__ = ["fires_late", "wait"]

#: How long it waits, in seconds.
wait = {"s": 0.0}


async def fires_late(ctx: ProactiveTriggerContext) -> bool:
    """Fire for every action."""
    await asyncio.sleep(wait["s"])
    return bool(ctx.recent_actions)
