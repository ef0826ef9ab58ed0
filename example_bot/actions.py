"""The bot's action module: `rasa run actions --actions example_bot.actions`.

The first import is all that autoplay needs here: it registers autoplay's actions and attaches the engine to
this action server. The bot's own actions follow as usual.
"""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from rasa_autoplay.actions import *  # noqa: F403

PRIORITIES = {
    "urgent": "needs someone today",
    "high": "is to be done this week",
    "medium": "is planned, without haste: what a new project starts with",
    "low": "can wait until there is time",
}


class ActionProjectPriorities(Action):  # type: ignore[misc]
    """Explains the requested priority, or else all of them."""

    def name(self) -> str:
        """Return the name in domain.yml."""
        return "action_project_priorities"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Explain the priorities."""
        question = (tracker.latest_message.get("text") or "").lower()
        asked = [name for name in PRIORITIES if name in question] or list(PRIORITIES)
        lines = [f"- {name.capitalize()}: {PRIORITIES[name]}." for name in asked]
        dispatcher.utter_message(text="\n".join(["A project's priority says when it is done:", *lines]))
        return []
