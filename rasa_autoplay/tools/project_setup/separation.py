"""Separates what init added to a file from what people have written there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rasa_autoplay.tools.project_setup.alignment import find_block, most_similar
from rasa_autoplay.tools.project_setup.lines import Line, lines_of

__all__ = ["Separation", "separate"]


@dataclass(frozen=True)
class Separation:
    """A file without what init added.

    Args:
        rest: the text without init's lines, and without the edited ones among them.
        edited: numbers of the lines, in the file as it is, that people have changed or added in what init had
            added. They would be lost.
        ours: the words of the lines that init wrote.
    """

    rest: str
    edited: tuple[int, ...]
    ours: frozenset[str]


def separate(text: str, pieces: Sequence[str]) -> Separation:
    """Remove pieces from a text.

    Args:
        text: the file as it is now.
        pieces: what init inserted, in order.
    """
    # Lines keep their number while others are removed.
    numbered = list(enumerate(lines_of(text), 1))
    edited: set[int] = set()
    missing: list[str] = []
    for piece in reversed(list(dict.fromkeys(pieces))):
        without = _without_block if "\n" in piece else _without_inline
        rest, touched = without(numbered, piece)
        if len(rest) == len(numbered) and not touched and "\n" in piece:
            missing.append(piece)
        numbered, edited = rest, edited | touched
    for piece in missing:
        places = most_similar(_core(piece), [line for _, line in numbered])
        edited |= {numbered[place][0] for place in places}
        numbered = [each for place, each in enumerate(numbered) if place not in places]
    ours = frozenset(line.words for piece in pieces for line in lines_of(piece))
    return Separation("".join(line.text for _, line in numbered), tuple(sorted(edited)), ours)


_Numbered = list[tuple[int, Line]]


def _without_inline(numbered: _Numbered, piece: str) -> tuple[_Numbered, set[int]]:
    """Remove a piece within a line, such as an entry of a list in brackets."""
    places = [place for place, (_, line) in enumerate(numbered) if piece in line.text]
    if len(places) == 1 and numbered[places[0]][1].text.count(piece) == 1:
        number, line = numbered[places[0]]
        shorter = (number, Line(line.text.replace(piece, "")))
        return [*numbered[: places[0]], shorter, *numbered[places[0] + 1 :]], set()
    name = piece.strip(", ")
    return numbered, {number for number, line in numbered if name in line.text}


def _without_block(numbered: _Numbered, piece: str) -> tuple[_Numbered, set[int]]:
    lines = [line for _, line in numbered]
    found = find_block(_core(piece), lines)
    removed = found.ours | found.edited
    if not removed:
        return numbered, set()
    touched = {numbered[place][0] for place in found.edited}
    # The empty lines around it are init's too, if they are still there.
    removed |= _blank(lines, min(removed) - 1, -1, _gap_lines(piece))
    removed |= _blank(lines, max(removed) + 1, 1, len(piece) - len(piece.rstrip("\n")) - 1)
    kept = [each for place, each in enumerate(numbered) if place not in removed]
    if _closes_a_line(piece) and kept and max(removed) == len(lines) - 1:
        number, last = kept[-1]
        kept[-1] = number, Line(last.text.removesuffix("\n").removesuffix("\r"))
    return kept, touched


def _core(piece: str) -> list[Line]:
    """Return a piece's lines without empty ones at either end."""
    return lines_of(piece.strip("\r\n"))


def _gap_lines(piece: str) -> int:
    """How many empty lines a piece begins with, without the newline that ends the line before it."""
    newlines = len(piece) - len(piece.lstrip("\r\n"))
    count = piece[:newlines].count("\n")
    return count - 1 if _closes_a_line(piece) else count


def _closes_a_line(piece: str) -> bool:
    """Whether a piece begins by ending a line that had no newline, because it was the file's last."""
    plain = piece.replace("\r\n", "\n")
    return plain.startswith("\n\n") or (plain.startswith("\n") and not plain.endswith("\n"))


def _blank(lines: Sequence[Line], place: int, step: int, most: int) -> frozenset[int]:
    found: list[int] = []
    while len(found) < most and 0 <= place < len(lines) and lines[place].is_blank:
        found.append(place)
        place += step
    return frozenset(found)
