"""Runs custom actions as the Rasa server does, without a model."""

from __future__ import annotations

from typing import Any

from rasa.core.actions.action import RemoteAction
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

__all__ = ["run_action", "tracker_of"]


def tracker_of(message: dict[str, Any]) -> DialogueStateTracker:
    tracker = DialogueStateTracker.from_events("w1", [])
    tracker.update(
        UserUttered(
            message.get("text", ""),
            {"name": "ask"},
            message.get("entities", []),
            message_id="m1",
            metadata=message.get("metadata"),
        )
    )
    return tracker


async def run_action(name: str, endpoint: Any = None, **message: Any) -> list[str]:
    """Run an action with Rasa's own class; return what it says."""
    action = RemoteAction(name, endpoint)
    events = await action.run(CollectingOutputChannel(), None, tracker_of(message), Domain.empty())
    return [event.text for event in events]
