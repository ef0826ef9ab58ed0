"""Applies an edit of a block to a trigger's text. Comments and formatting stay.

A single value is replaced in the text itself. For all other edits, ruamel.yaml writes the trigger anew, and
an edit that would lose a comment is refused.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.tokens import AliasToken

from rasa_autoplay.engine.rule_editor.flow_yaml import from_flow, to_flow
from rasa_autoplay.errors import ConfigError

__all__ = ["NEW_CONDITIONS", "add_condition", "remove_value", "set_value"]

Path = Sequence["str | int"]

_WIDE = 1 << 20
#: What a new condition is before it is edited.
NEW_CONDITIONS: Mapping[str, str] = {
    "all": "[{on_page: /}]",
    "any": "[{on_page: /}]",
    "not": "{on_page: /}",
    "on_page": "/",
    "count": "{title: save, at_least: 3, within: 120s}",
    "sequence": "[{title: edit}, {title: save}]",
    "never": "{title: save}",
    "absent": "{title: save, within: 60s}",
    "dwell": "60s",
    "idle": "30s",
    "repeat": "{at_least: 3, within: 10s}",
    "failure": "{at_least: 2, within: 5m}",
    "segment": "{user: new}",
    "memory": "{untouched: any}",
    "path": "{begun: any}",
}
_NEW_STEP = "{title: save}"
_COMMENT = re.compile(r"(?:^|\s)(#[^\n]*)")


class _Span(NamedTuple):
    begin: int
    end: int
    quote: str


def set_value(text: str, path: Path, value: Any, *, is_yaml: bool = False) -> str:
    """Return the text with another value.

    Args:
        text: the trigger.
        path: the keys and numbers that lead to the value; the last key may be new.
        value: the value.
        is_yaml: whether the value is a text in YAML.

    Raises:
        ConfigError: the text or the value is not YAML, or there is no such place.
    """
    if is_yaml:
        value = from_flow(str(value))
    span = _span_of(text, path)
    if span is not None:
        return text[: span.begin] + to_flow(value, span.quote) + text[span.end :]
    tree = _load(text)
    _parent(tree, path)[path[-1]] = _in_brackets(value)
    return _dump(tree, text, ())


def remove_value(text: str, path: Path) -> str:
    """Return the text without a value and its key.

    Raises:
        ConfigError: there is no such place, or a comment beside it would be lost.
    """
    tree = _load(text)
    parent = _parent(tree, path)
    try:
        del parent[path[-1]]
    except (KeyError, IndexError, TypeError):
        raise _no_place(path) from None
    return _dump(tree, text, _lines_at(text, path))


def add_condition(text: str, path: Path, kind: str) -> str:
    """Return the text with one more condition that must hold.

    Args:
        text: the trigger.
        path: leads to a condition, to a list of conditions, or to the steps of a sequence.
        kind: the new condition; for a sequence, it is ignored.

    Raises:
        ConfigError: there is no such place or condition.
    """
    tree = _load(text)
    if kind not in NEW_CONDITIONS:
        raise ConfigError(f"There is no condition {kind!r}.")
    new = _in_brackets(from_flow(NEW_CONDITIONS[kind]))
    if not path:
        raise _no_place(path)
    parent = _parent(tree, path)
    here: Any = parent.get(path[-1]) if isinstance(parent, Mapping) else parent[path[-1]]
    if path[-1] == "sequence":
        here.append(_in_brackets(from_flow(_NEW_STEP)))
    elif isinstance(here, CommentedSeq):
        here.append(_mapping(kind, new))
    elif not here:
        parent[path[-1]] = _mapping(kind, new)
    elif isinstance(here, CommentedMap) and list(here) == ["all"] and isinstance(here["all"], CommentedSeq):
        here["all"].append(_mapping(kind, new))
    elif not isinstance(here, CommentedMap):
        raise _no_place(path)
    else:
        # A comment beside the key stays there.
        here.ca.comment = None
        parent[path[-1]] = CommentedSeq([here, _mapping(kind, new)])
    return _dump(tree, text, ())


def _mapping(kind: str, value: Any) -> CommentedMap:
    return CommentedMap({kind: value})


def _in_brackets(value: Any) -> Any:
    """Return a value that is written on one line."""
    if isinstance(value, dict):
        made: Any = CommentedMap((key, _in_brackets(each)) for key, each in value.items())
    elif isinstance(value, list):
        made = CommentedSeq([_in_brackets(each) for each in value])
    else:
        return value
    made.fa.set_flow_style()
    return made


def _editor(text: str) -> Any:
    yaml: Any = YAML()
    yaml.preserve_quotes, yaml.width, yaml.allow_unicode = True, _WIDE, True
    offset = _dash_offset(text)
    yaml.indent(mapping=2, sequence=offset + 2, offset=offset)
    return yaml


def _dash_offset(text: str) -> int:
    """Return how far the text indents dashes below their key."""
    lines = [line for line in text.split("\n") if line.strip() and not line.lstrip().startswith("#")]
    for line, following in pairwise(lines):
        if line.rstrip().endswith(":") and following.lstrip().startswith("- "):
            key = line.lstrip(" -")
            return max(_indent(following) - (len(line) - len(key)), 0)
    return 2


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _load(text: str) -> Any:
    try:
        if _has_aliases(text):
            raise ConfigError(
                "The blocks cannot edit a rule with YAML aliases: one value would stand for several.",
                remedy="Edit it as YAML.",
            )
        tree = _editor(text).load(text)
    except YAMLError:
        raise ConfigError(
            "This is not valid YAML, or refers to another part of the file.",
            remedy="Edit it as YAML.",
        ) from None
    return CommentedMap() if tree is None else tree


def _dump(tree: Any, before: str, dropped: Sequence[str]) -> str:
    written = io.StringIO()
    _editor(before).dump(tree, written)
    text = written.getvalue()
    lost = Counter(_comments(before)) - Counter(_comments("\n".join(dropped))) - Counter(_comments(text))
    if lost:
        raise ConfigError(
            f"This edit would lose the comment {next(iter(lost))!r}.", remedy="Make it in the YAML view."
        )
    return text


def _comments(text: str) -> list[str]:
    return [found.strip() for found in _COMMENT.findall(text)]


def _parent(tree: Any, path: Path) -> Any:
    node = tree
    for step in path[:-1]:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            raise _no_place(path) from None
    if not isinstance(node, (CommentedMap, CommentedSeq)):
        raise _no_place(path)
    return node


def _no_place(path: Path) -> ConfigError:
    return ConfigError(f"The trigger has no {'.'.join(map(str, path))}.", remedy="Load the blocks again.")


def _node_at(text: str, path: Path) -> Node | None:
    try:
        if _has_aliases(text):
            return None
        node = YAML(typ="safe", pure=True).compose(text)
    except YAMLError:
        return None
    for step in path:
        if isinstance(node, MappingNode):
            node = next((value for key, value in node.value if key.value == str(step)), None)
        elif isinstance(node, SequenceNode) and isinstance(step, int) and 0 <= step < len(node.value):
            node = node.value[step]
        else:
            return None
    return node if isinstance(node, Node) else None


def _has_aliases(text: str) -> bool:
    return any(isinstance(token, AliasToken) for token in YAML(typ="safe", pure=True).scan(text))


def _span_of(text: str, path: Path) -> _Span | None:
    """Return where a value is in the text; None if it is not written on one line."""
    node = _node_at(text, path)
    if node is None or node.start_mark.line != node.end_mark.line or node.anchor:
        return None
    if isinstance(node, ScalarNode):
        if node.style in ("|", ">") or node.start_mark.index == node.end_mark.index:
            return None
        return _Span(node.start_mark.index, node.end_mark.index, node.style or "")
    return (
        _Span(node.start_mark.index, node.end_mark.index, "") if getattr(node, "flow_style", False) else None
    )


def _lines_at(text: str, path: Path) -> list[str]:
    node = _node_at(text, path)
    if node is None:
        return []
    last = node.end_mark.line + (1 if node.end_mark.column else 0)
    return text.split("\n")[node.start_mark.line : last]
