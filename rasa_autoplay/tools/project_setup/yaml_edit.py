"""Adds entries to a YAML file's top-level sections without touching comments, order or style.

ruamel.yaml's node tree gives the place, and the text is changed directly. The tree of the new text must
differ from the old tree by the new entry only; otherwise the edit is refused.
"""

from __future__ import annotations

from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from rasa_autoplay.errors import AdoptionRefused
from rasa_autoplay.tools.project_setup.edit import Edit

__all__ = ["add_section", "add_to_list", "add_to_mapping", "names_in"]

_MARK = "# autoplay"


def names_in(edit: Edit, section: str = "") -> list[str] | None:
    """Return the names in a section's list or mapping; None if the section is missing.

    Args:
        edit: the file.
        section: the section's name; empty for the names of all sections.

    Raises:
        AdoptionRefused: the file is not valid YAML, or not a mapping.
    """
    root = _root(edit)
    node: Node | None = root if not section else _value(root, section)
    if node is None:
        return [] if not section else None
    if isinstance(node, MappingNode):
        return [str(key.value) for key, _ in node.value]
    if isinstance(node, SequenceNode):
        # An entry is a name, or a mapping of the name to its settings.
        entries = [entry.value[0][0] if isinstance(entry, MappingNode) else entry for entry in node.value]
        return [str(entry.value) for entry in entries]
    return []


def add_section(edit: Edit, name: str, block: str) -> None:
    """Append a top-level section; ``block`` is its full text."""
    before = _sections(edit)
    edit.append(block)
    _expect(edit, before, name)


def add_to_list(edit: Edit, section: str, entry: str) -> None:
    """Append an entry to a section that is a list; create the section if it is missing."""
    before = _sections(edit)
    node = _value(_root(edit), section)
    if node is None:
        edit.append(f"{section}:\n  - {entry} {_MARK}\n")
    elif _is_empty(node):
        edit.insert_line(_key_end(edit, section), f"  - {entry} {_MARK}\n")
    elif isinstance(node, SequenceNode) and node.flow_style:
        # The spaces distinguish the piece from the same name elsewhere in the file.
        edit.insert(node.end_mark.index - 1, f", {entry}" if node.value else f" {entry} ")
    elif isinstance(node, SequenceNode):
        indent = " " * node.start_mark.column
        edit.insert_line(_end(node, edit.text), f"{indent}- {entry} {_MARK}\n")
    else:
        raise _by_hand(edit, section, "is not a list")
    _expect(edit, before, section)


def add_to_mapping(edit: Edit, section: str, key: str, block: str) -> None:
    """Append a key with its value to a section that is a mapping.

    Args:
        edit: the file.
        section: the section's name; the section is created if it is missing.
        key: the key in ``block``, for the check.
        block: the lines of the key, indented by two spaces.
    """
    before = _sections(edit)
    node = _value(_root(edit), section)
    if node is None:
        edit.append(f"{section}:\n{block}")
    elif _is_empty(node):
        edit.insert_line(_key_end(edit, section), block)
    elif isinstance(node, MappingNode) and not node.flow_style:
        indent = " " * node.start_mark.column
        edit.insert_line(
            _end(node, edit.text), "".join(f"{indent}{line[2:]}\n" for line in block.splitlines())
        )
    else:
        raise _by_hand(edit, section, "is written in braces")
    _expect(edit, before, section)
    if key not in (names_in(edit, section) or []):
        raise _by_hand(edit, section, f"did not accept {key}")


def _root(edit: Edit) -> MappingNode | None:
    try:
        node = YAML().compose(edit.text)
    except MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 1
        raise AdoptionRefused(f"{edit.path}:{line}: not valid YAML: {problem.problem}.") from None
    except YAMLError as problem:
        raise AdoptionRefused(f"{edit.path}: not valid YAML: {problem}.") from None
    if node is not None and not isinstance(node, MappingNode):
        raise AdoptionRefused(f"{edit.path}:1: the file must be a mapping.")
    return node


def _value(root: MappingNode | None, section: str) -> Node | None:
    pairs = root.value if root is not None else []
    return next((value for key, value in pairs if key.value == section), None)


def _key_end(edit: Edit, section: str) -> int:
    """Return the offset of the last character of a section's name."""
    keys = (key for key, _ in getattr(_root(edit), "value", []))
    return next(int(key.end_mark.index) - 1 for key in keys if key.value == section)


def _is_empty(node: Node) -> bool:
    """Whether a section has a name only."""
    return isinstance(node, ScalarNode) and node.value == ""


def _end(node: Node, text: str) -> int:
    """Return the offset of a node's last character, without comments and empty lines after it."""
    if isinstance(node, SequenceNode) and not node.flow_style and node.value:
        return _end(node.value[-1], text)
    if isinstance(node, MappingNode) and not node.flow_style and node.value:
        return _end(node.value[-1][1], text)
    # The end mark of a block scalar (| or >) is where the next node begins.
    return len(text[: node.end_mark.index].rstrip()) - 1


def _sections(edit: Edit) -> dict[str, Any]:
    root = _root(edit)
    return {str(key.value): _plain(value) for key, value in (root.value if root is not None else [])}


def _plain(node: Node) -> Any:
    """Return a node's content, without its position."""
    if isinstance(node, SequenceNode):
        return [_plain(entry) for entry in node.value]
    if isinstance(node, MappingNode):
        return [(_plain(key), _plain(value)) for key, value in node.value]
    return str(node.tag), str(node.value)


def _expect(edit: Edit, before: dict[str, Any], section: str) -> None:
    """Check that the only difference is one more entry at the end of ``section``."""
    try:
        after = _sections(edit)
    except AdoptionRefused:
        raise _by_hand(edit, section, "cannot be added to") from None
    now, once = after.pop(section, None), before.pop(section, None)
    kept = now[:-1] == once if isinstance(once, list) and isinstance(now, list) else once in (None, _NOTHING)
    if after != before or now is None or not kept:
        raise _by_hand(edit, section, "cannot be added to")


_NOTHING = ("tag:yaml.org,2002:null", "")


def _by_hand(edit: Edit, section: str, reason: str) -> AdoptionRefused:
    added = edit.pieces[-1].strip() if edit.pieces else ""
    return AdoptionRefused(
        f"{edit.path}: the section {section} {reason}, so nothing can be added to it safely.",
        remedy="Rewrite the section as a plain block, or add what is missing by hand"
        f"{f': {added}' if added else '.'}",
    )
