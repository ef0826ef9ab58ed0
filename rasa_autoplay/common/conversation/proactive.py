"""The external intent that makes the bot speak first; its entity holds the text."""

from __future__ import annotations

__all__ = ["COPILOT_ACTIONS", "PROACTIVE_ACTION", "PROACTIVE_ENTITY", "PROACTIVE_INTENT"]

PROACTIVE_INTENT = "EXTERNAL_proactive"
PROACTIVE_ENTITY = "proactive_text"
PROACTIVE_ACTION = "action_send_proactive"
#: The actions that ``rasa_autoplay.actions`` provides.
COPILOT_ACTIONS = frozenset(
    {PROACTIVE_ACTION, "action_ask_llm", "action_recent_activity", "action_help_current_page"}
)
