"""Cuts the text of one trigger out of ``autoplay.yml``, and puts an edited text back.

The rest of the file stays as it is, byte by byte.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, SequenceNode
from ruamel.yaml.tokens import BlockEntryToken, ScalarToken

from rasa_autoplay.errors import ConfigError

__all__ = ["TriggerLines", "find_triggers", "read_trigger", "remove_trigger", "replace_trigger"]

_KEY = "triggers"


@dataclass(frozen=True)
class TriggerLines:
    """Where a trigger is in the file. Lines count from 0, columns too.

    Args:
        first: its first line, which may be a comment above the trigger.
        dash: the line of its dash.
        end: the line after its last line.
        dash_column: the column of the dash.
        column: the column of its content.
    """

    first: int
    dash: int
    end: int
    dash_column: int
    column: int


def find_triggers(text: str) -> list[TriggerLines]:
    """Find the triggers of ``autoplay.yml``, in order; empty if it has none.

    Args:
        text: the file, with ``\\n`` at the end of each line.

    Raises:
        ConfigError: the file is not YAML, or its triggers are not a list with dashes.
    """
    try:
        tree = YAML(typ="safe", pure=True).compose(text)
        tokens = list(YAML(typ="safe", pure=True).scan(text))
    except YAMLError:
        raise ConfigError(
            "The file is not valid YAML.", remedy="Run `rasa-autoplay validate`, which names the line."
        ) from None
    listed = _listed(tree)
    if listed is None or not listed.value:
        return []
    if listed.flow_style:
        raise ConfigError(
            f"{_KEY} in brackets cannot be edited.",
            remedy="Write each trigger on lines of its own, with a dash before it.",
        )
    lines = text.split("\n")
    return list(_found(listed, tokens, lines))


def _listed(tree: Any) -> SequenceNode | None:
    if not isinstance(tree, MappingNode):
        return None
    found = (value for key, value in tree.value if key.value == _KEY)
    listed = next(found, None)
    return listed if isinstance(listed, SequenceNode) else None


def _found(listed: SequenceNode, tokens: Sequence[Any], lines: Sequence[str]) -> Iterator[TriggerLines]:
    begin, end = listed.start_mark.index, listed.end_mark.index
    column = listed.start_mark.column
    entries = [
        position
        for position, token in enumerate(tokens)
        if isinstance(token, BlockEntryToken)
        and begin <= token.start_mark.index < max(end, begin + 1)
        and token.start_mark.column == column
    ]
    end_of_list = next(
        (n for n, token in enumerate(tokens) if token.start_mark.index >= end and n > entries[-1]),
        len(tokens),
    )
    least = 0
    for position, following in zip(entries, [*entries[1:], end_of_list], strict=True):
        dash = tokens[position].start_mark
        content = [token for token in tokens[position + 1 : following] if _has_text(token)]
        first = _with_comments_above(lines, dash.line, column, least)
        last = max((_last_line(token) for token in content), default=dash.line)
        inside = content[0].start_mark.column if content else column + 2
        least = _with_comments_below(lines, last + 1, column)
        yield TriggerLines(first, dash.line, least, column, inside)


def _has_text(token: Any) -> bool:
    return bool(token.end_mark.index > token.start_mark.index)


def _last_line(token: Any) -> int:
    is_block = isinstance(token, ScalarToken) and token.style in ("|", ">")
    line: int = token.end_mark.line
    return line - 1 if is_block and token.end_mark.column == 0 else line


def _with_comments_above(lines: Sequence[str], line: int, column: int, least: int) -> int:
    while line > least and lines[line - 1].startswith(" " * column + "#"):
        line -= 1
    return line


def _with_comments_below(lines: Sequence[str], line: int, column: int) -> int:
    """Include the comments that are indented as the trigger's content is."""
    end = line
    while line < len(lines) and (not lines[line].strip() or _is_comment_inside(lines[line], column)):
        line += 1
        if lines[line - 1].strip():
            end = line
    return end


def _is_comment_inside(line: str, column: int) -> bool:
    stripped = line.lstrip(" ")
    return stripped.startswith("#") and len(line) - len(stripped) > column


def read_trigger(text: str, found: TriggerLines) -> str:
    """Return a trigger's text as if it were a file of its own."""
    lines = text.split("\n")[found.first : found.end]
    above = found.dash - found.first
    shown = [line[found.dash_column :] for line in lines[:above]]
    own = lines[above][found.column :] if len(lines[above]) > found.column else ""
    rest = [_without(line, found.column) for line in lines[above + 1 :]]
    return "\n".join([*shown, *([own] if own.strip() else []), *rest]).rstrip("\n") + "\n"


def _without(line: str, column: int) -> str:
    indent = len(line) - len(line.lstrip(" "))
    return line[min(column, indent) :]


def replace_trigger(text: str, triggers: Sequence[TriggerLines], index: int, trigger: str) -> str:
    """Return the file with another text of one trigger.

    Args:
        text: the file.
        triggers: its triggers.
        index: the trigger's number; the number after the last one adds a trigger.
        trigger: the text, in the form that :func:`read_trigger` returns.
    """
    lines = text.split("\n")
    if index < len(triggers):
        found = triggers[index]
        if trigger == read_trigger(text, found):
            return text
        return "\n".join([*lines[: found.first], *_item(trigger, found), *lines[found.end :]])
    if triggers:
        last = triggers[-1]
        return "\n".join([*lines[: last.end], *_item(trigger, last), *lines[last.end :]])
    return _with_first(text, trigger)


def remove_trigger(text: str, triggers: Sequence[TriggerLines], index: int) -> str:
    """Return the file without one trigger.

    Args:
        text: the file.
        triggers: its triggers.
        index: the trigger's number.
    """
    lines, found = text.split("\n"), triggers[index]
    if len(triggers) > 1:
        return "\n".join([*lines[: found.first], *lines[found.end :]])
    above = "\n".join(lines[: found.first])
    head, colon, rest = above.rpartition(f"{_KEY}:")
    return "\n".join([f"{head}{colon} []{rest}", *lines[found.end :]])


def _with_first(text: str, trigger: str) -> str:
    item = _item(trigger, TriggerLines(0, 0, 0, 2, 4))
    lines = text.rstrip("\n").split("\n")
    place = next((n for n, line in enumerate(lines) if line.split("#")[0].split(":")[0] == _KEY), None)
    if place is None:
        return "\n".join([*lines, f"{_KEY}:", *item, ""])
    return "\n".join([*lines[:place], f"{_KEY}:", *item, *lines[place + 1 :], ""])


def _item(trigger: str, found: TriggerLines) -> list[str]:
    """Return the trigger's lines as an item of the list."""
    lines = [line.rstrip("\r") for line in trigger.rstrip().split("\n")]
    item: list[str] = []
    has_dash = False
    for line in lines:
        if not line.strip():
            if item:
                item.append("")
        elif has_dash:
            item.append(" " * found.column + line)
        elif line.startswith("#"):
            item.append(" " * found.dash_column + line)
        else:
            inside = " " * (found.column - found.dash_column - 1)
            item.append(f"{' ' * found.dash_column}-{inside}{line}")
            has_dash = True
    return item
