"""Recognises automated browsers by their user agent: posthog-js drops all of their events."""

from __future__ import annotations

__all__ = ["is_automated"]

_MARKS = (
    "headlesschrome",
    "phantomjs",
    "cypress",
    "lighthouse",
    "prerender",
    "crawler",
    "spider",
    "bot/",
    "bot;",
    "bot)",
)


def is_automated(user_agent: str) -> bool:
    """Whether a user agent names a crawler, or a browser that a program drives."""
    name = user_agent[:500].lower()
    return any(mark in name for mark in _MARKS)
