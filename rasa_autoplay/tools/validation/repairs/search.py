"""Tries changes of the lines around an error, and keeps the one that leaves the fewest errors."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from rasa_autoplay.tools.validation.repairs.edit import Edit, indent_of
from rasa_autoplay.tools.validation.repairs.edits_by_message import edits_by_message
from rasa_autoplay.tools.validation.repairs.edits_of_lines import LINE_EDITS

__all__ = ["ErrorsOf", "FoundEdit", "find_edit", "without_places"]

#: Returns the errors of a file with this text, without its name and lines; None if it is no YAML.
ErrorsOf = Callable[[str], "Collection[str] | None"]
_MOST_EDITS = 150
_PLACE = re.compile(r"[\w.-]+:\d+")
#: How many lines above an error a quote is looked for that was not closed.
_FARTHEST_QUOTE = 40
#: A longer file is not searched (characters).
_LONGEST = 200_000


class FoundEdit(NamedTuple):
    """A change that mends an error.

    Args:
        edit: the change.
        left: the errors that the file has afterwards.
    """

    edit: Edit
    left: Collection[str]


def without_places(error: str) -> str:
    """Return an error without file and line, which a change may move."""
    return _PLACE.sub("", error)


def find_edit(lines: Sequence[str], at: int, message: str, errors_of: ErrorsOf) -> FoundEdit | None:
    """Find the change of one place that mends an error and makes no other; None if no known one does.

    Args:
        lines: the file's lines.
        at: the index of the line that the error names.
        message: the error, without file and line.
        errors_of: finds the errors of a changed file.
    """
    text = "\n".join(lines)
    if len(text) > _LONGEST:
        return None
    known = errors_of(text)
    best: FoundEdit | None = None
    tried = {text}
    for edit in islice(_edits(lines, at, message, is_readable=known is not None), _MOST_EDITS):
        changed = edit.applied(lines)
        if changed in tried:
            continue
        tried.add(changed)
        errors = errors_of(changed)
        if errors is None or (known is not None and not set(errors) < set(known)):
            continue
        if best is None or len(errors) < len(best.left):
            best = FoundEdit(edit, errors)
        if not errors:
            break
    return best


def _edits(lines: Sequence[str], at: int, message: str, *, is_readable: bool) -> Iterator[Edit]:
    if at < len(lines):
        yield from edits_by_message(lines, at, message)
    # YAML often notices a mistake only one line later, or at the end of what a line begins.
    near = [at, at - 1, at + 1]
    if not is_readable:
        near += [at - 2, at - 3, *_beginnings(lines, at), *_open_quotes(lines, at)]
    places = [place for place in near if 0 <= place < len(lines) and _is_content(lines[place])]
    for edits in LINE_EDITS:
        for place in places:
            yield from edits(lines, place)


def _beginnings(lines: Sequence[str], at: int) -> Iterator[int]:
    """Yield the lines that begin the blocks around a line, and the first lines in those blocks."""
    width = indent_of(lines[at]) if at < len(lines) else 1
    first = at
    for place in range(min(at, len(lines)) - 1, -1, -1):
        if not _is_content(lines[place]):
            continue
        if indent_of(lines[place]) < width or not width:
            yield from (first, place)
            width = indent_of(lines[place])
            if not width:
                return
        first = place


def _open_quotes(lines: Sequence[str], at: int) -> Iterator[int]:
    """Yield the lines above in which a quote is opened and not closed, the nearest first."""
    for place in range(min(at, len(lines) - 1), max(at - _FARTHEST_QUOTE, -1), -1):
        if any(lines[place].count(mark) % 2 for mark in "\"'"):
            yield place


def _is_content(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")
