"""Shortens texts that users read."""

from __future__ import annotations

__all__ = ["shorten"]


def shorten(text: str, max_chars: int) -> str:
    """Cut a text at the end of a word and add "…", if it is too long.

    Args:
        text: any text.
        max_chars: the longest result. A first word that is longer is cut.
    """
    text = text.strip()
    if len(text) <= max_chars:
        return text
    kept = text[:max_chars]
    if not kept[-1].isspace():
        kept = kept.rsplit(maxsplit=1)[0]
    return f"{kept[: max_chars - 1].rstrip(' ,;:.!?-')}…"
