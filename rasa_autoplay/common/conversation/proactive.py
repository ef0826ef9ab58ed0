"""How the bot speaks first: Rasa gets an external intent whose entity holds the text to say."""

from __future__ import annotations

__all__ = ["PROACTIVE_ENTITY", "PROACTIVE_INTENT"]

PROACTIVE_INTENT = "EXTERNAL_proactive"
PROACTIVE_ENTITY = "proactive_text"
