"""Fits text into the columns of a terminal."""

from __future__ import annotations

import unicodedata

__all__ = ["columns_of", "shortened", "wrapped"]

_CUT = "…"


def columns_of(text: str) -> int:
    """Return how many columns a text takes: two for each East Asian letter, none for a combining mark."""
    return sum(_columns(character) for character in text)


def shortened(text: str, most: int) -> str:
    """Cut the middle out of a text that is too long, because ids differ at both ends.

    Args:
        text: the text.
        most: how many columns it may take; at least 3.
    """
    if columns_of(text) <= most:
        return text
    begin = _beginning(text, most // 2)
    end = _beginning(text[::-1], most - len(_CUT) - most // 2)[::-1]
    return f"{begin}{_CUT}{end}"


def wrapped(text: str, first: int, width: int) -> list[str]:
    """Break a text into lines at spaces, and words that are longer than a line anywhere.

    Args:
        text: the text.
        first: the columns of the first line.
        width: the columns of each further line.
    """
    lines: list[str] = []
    line, room = "", first
    for word in text.split():
        rest = word
        while rest:
            gap = " " if line else ""
            if columns_of(line + gap + rest) <= room:
                line, rest = line + gap + rest, ""
            elif line or (room < width and columns_of(rest) <= width):
                lines, line, room = [*lines, line], "", width
            else:
                # Two columns always hold a letter.
                part = _beginning(rest, max(room, 2))
                lines, rest, room = [*lines, part], rest[len(part) :], width
    return [*lines, line] if line or not lines else lines


def _beginning(text: str, most: int) -> str:
    """Return as much of a text's beginning as fits."""
    taken, used = [], 0
    for character in text:
        used += _columns(character)
        if used > most:
            break
        taken.append(character)
    return "".join(taken)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
