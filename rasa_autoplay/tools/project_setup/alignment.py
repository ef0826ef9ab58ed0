"""Finds a block that init inserted in a file that people have edited since.

A three-way merge compares two texts with their common ancestor. Here the ancestor is the file as init left
it, one of the texts is the file before init, and the other is the file now. The first two differ only by the
blocks that init inserted, so the blocks are enough: the merge removes each block, and is in conflict where
somebody has edited one. The ancestor's other lines, which can contain secrets, are needed nowhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from rasa_autoplay.tools.project_setup.lines import Line

__all__ = ["Found", "find_block", "most_similar"]

#: A line that is this similar to one of init's is that line, edited.
_SIMILAR = 0.75


@dataclass(frozen=True)
class Found:
    """Where a block is now.

    Args:
        ours: places of lines that init wrote and nobody has edited.
        edited: places of lines in the block that somebody has changed or added.
    """

    ours: frozenset[int] = frozenset()
    edited: frozenset[int] = frozenset()


def find_block(block: Sequence[Line], lines: Sequence[Line]) -> Found:
    """Find a block in a file.

    Args:
        block: the lines that init inserted, without empty ones at either end; at least one.
        lines: the file's lines.

    Returns:
        Where the block is; nothing if somebody has removed it. If the file has it more than once, all copies
        count as edited, because nobody can say which one is init's.
    """
    copies = list(_copies(block, lines))
    if len(copies) > 1:
        return Found(
            edited=frozenset(place for begin in copies for place in range(begin, begin + len(block)))
        )
    if copies:
        begin = copies[0]
        ours = range(begin, begin + len(block))
        return Found(frozenset(ours), frozenset(_children(block, lines, ours[-1] + 1)))
    pairs = _pairs(block, lines)
    return _found(block, lines, pairs) if pairs else Found()


def _copies(block: Sequence[Line], lines: Sequence[Line]) -> Iterator[int]:
    wanted = [line.words for line in block]
    for begin in range(len(lines) - len(block) + 1):
        if [line.words for line in lines[begin : begin + len(block)]] == wanted:
            yield begin


def _pairs(block: Sequence[Line], lines: Sequence[Line]) -> list[tuple[int, int]]:
    """Return pairs of places in the block and in the file, without lines that may match by chance."""
    counts = Counter(line.words for line in lines)
    matcher = SequenceMatcher(
        None, [line.words for line in block], [line.words for line in lines], autojunk=False
    )
    pairs = []
    for match in matcher.get_matching_blocks():
        run = [(match.a + step, match.b + step) for step in range(match.size)]
        told = [pair for pair in run if not block[pair[0]].is_blank]
        if len(told) > 1 or any(counts[block[place].words] == 1 for place, _ in told):
            pairs += run
    return pairs


def _found(block: Sequence[Line], lines: Sequence[Line], pairs: Sequence[tuple[int, int]]) -> Found:
    base = min((line.indent for line in block if line.is_code), default=0)
    edited: set[int] = set()
    for (was, now), (next_was, next_now) in pairwise(pairs):
        between = range(now + 1, next_now)
        is_replaced = any(line.is_code for line in block[was + 1 : next_was])
        edited |= set(between) if is_replaced else set(_inner(lines, between, base))
    first_was, first_now = pairs[0]
    # Without its head, such as the key above the values, the rest must not go by itself.
    if first_now and any(line.is_code for line in block[:first_was]):
        head = lines[first_now - 1]
        if head.is_code and head.indent <= lines[first_now].indent:
            edited.add(first_now - 1)
    edited |= set(_children(block, lines, pairs[-1][1] + 1))
    return Found(frozenset(now for _, now in pairs), frozenset(edited))


def _inner(lines: Sequence[Line], places: range, base: int) -> Iterator[int]:
    """Yield the places that belong to the block: indented deeper, and not below a line of the team's own."""
    is_own = False
    for place in places:
        if lines[place].is_code:
            is_own = is_own or lines[place].indent <= base
        if not is_own and not lines[place].is_blank and lines[place].indent > base:
            yield place


def _children(block: Sequence[Line], lines: Sequence[Line], begin: int) -> Iterator[int]:
    """Yield the places after the block that are indented deeper: in YAML they belong to it."""
    base = min((line.indent for line in block if line.is_code), default=0)
    for place in range(begin, len(lines)):
        if lines[place].is_code and lines[place].indent <= base:
            return
        if lines[place].is_code:
            yield place


def most_similar(block: Sequence[Line], lines: Sequence[Line]) -> frozenset[int]:
    """Return the place of the line that is the first line of a block, edited; nothing if there is none."""
    first = next((line for line in block if line.is_code), block[0])
    ratios = [SequenceMatcher(None, first.words, line.words).ratio() for line in lines]
    best = max(ratios, default=0.0)
    return frozenset([ratios.index(best)]) if best >= _SIMILAR else frozenset()
