"""Lets numbered steps in bot messages be lists.

Chat widgets render Markdown. In rasa-webchat, as in others, a numbered list must be apart from the paragraph
before it. But Rasa's chat channel makes two bubbles of what a blank line separates. A line with one space
serves both.
"""

from __future__ import annotations

import re

__all__ = ["with_lists_apart"]

_ITEM = re.compile(r" {0,3}\d{1,4}[.)] +\S")


def with_lists_apart(text: str) -> str:
    """Put a line with a space before each numbered list that follows a paragraph.

    Args:
        text: the bot's message, in Markdown.
    """
    lines: list[str] = []
    block = ""
    for line in text.split("\n"):
        is_item = bool(_ITEM.match(line))
        if is_item and block == "paragraph":
            lines.append(" ")
        if is_item:
            block = "list"
        elif not line.strip():
            block = ""
        else:
            # A line right after an item belongs to it.
            block = block or "paragraph"
        lines.append(line)
    return "\n".join(lines)
