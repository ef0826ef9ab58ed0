"""Writes a golden path as the text of its file, for ``rasa-autoplay record`` and the recorder in the page.

What is read from the file equals what was written, whatever the texts contain.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rasa_autoplay.engine.knowledge.drafting import Draft

__all__ = ["FileComments", "file_of", "file_of_recording"]

_LEFT_OUT_NAMED = 8
_PATH_KEYS = ("id", "title", "description", "page", "flow_id", "tour_label", "provider")
_STEP_KEYS = ("id", "title", "element", "label", "text", "tooltip", "done_when", "several", "optional", "any")
#: Any other key is quoted, because some words, such as ``on``, are no texts in YAML.
_PLAIN_KEYS = frozenset((*_PATH_KEYS, *_STEP_KEYS, "exact", "regex", "element_id", "type", "cooldown"))


@dataclass(frozen=True)
class FileComments:
    """Comments for people.

    Args:
        head: lines above the file.
        keys: the comment behind a key of the path.
        steps: the lines above a step, by its index.
    """

    head: Sequence[str] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    steps: Mapping[int, Sequence[str]] = field(default_factory=dict)


_NO_COMMENTS = FileComments()


def file_of(path: Mapping[str, Any], comments: FileComments = _NO_COMMENTS) -> str:
    """Return the text of a golden path's file.

    Args:
        path: the content of the file: texts, numbers, booleans, lists and mappings. ``steps`` is a list of
            mappings. Keys without a value are left out.
        comments: for people.
    """
    lines = [f"# {_one_line(line)}" for line in comments.head]
    for key in _ordered(path, _PATH_KEYS):
        if key != "steps":
            comment = f" # {comments.keys[key]}" if key in comments.keys else ""
            lines.append(f"{_key(key)}: {_value(path[key])}{comment}")
    lines += ["", "steps:"]
    for place, step in enumerate(path.get("steps") or ()):
        lines += [f"  # {_one_line(line)}" for line in comments.steps.get(place, ())]
        lines += _step(step)
    return "\n".join(lines) + "\n"


def file_of_recording(draft: Draft, path_id: str, origin: str) -> str:
    """Return the text of a file, with comments that say what to check.

    Args:
        draft: a draft with steps.
        path_id: id of the path.
        origin: the recording, for people.
    """
    title = path_id.replace("-", " ").replace("_", " ").strip().capitalize() or path_id
    path = {
        "id": path_id,
        "title": title,
        "description": "",
        "page": draft.page,
        "steps": [step.settings for step in draft.steps],
    }
    keys = {
        "description": "one sentence: what is it for?",
        "page": "the tour is offered on pages whose URL contains this",
    }
    notes = {place: [f"check: {note}" for note in step.notes] for place, step in enumerate(draft.steps)}
    return file_of(path, FileComments(list(_head(draft, origin)), keys, notes))


def _head(draft: Draft, origin: str) -> Iterator[str]:
    yield f"A first draft, recorded from {origin}. Before you use it:"
    yield "- write a title and a description: the search and the chat use them;"
    yield "- make each text say where to look and what to do; a tooltip can be a shorter text for the tour;"
    yield "- remove what belongs only to this recording: names of records, and steps only you need."
    if draft.left_out:
        named = ", ".join(map(_one_line, draft.left_out[:_LEFT_OUT_NAMED]))
        more = len(draft.left_out) - _LEFT_OUT_NAMED
        yield f"Left out as detours: {named}{f' and {more} more' if more > 0 else ''}."


def _step(step: Mapping[str, Any]) -> Iterator[str]:
    before = "  - "
    for key in _ordered(step, _STEP_KEYS):
        value = step[key]
        if key == "any" and isinstance(value, list) and value:
            yield f"{before}any:"
            yield from (f"      - {_value(way)}" for way in value)
        else:
            yield f"{before}{_key(key)}: {_value(value)}"
        before = "    "


def _ordered(values: Mapping[str, Any], order: Sequence[str]) -> list[str]:
    """Return the keys that have a value, those of the usual order first."""
    keys = [*(key for key in order if key in values), *(key for key in values if key not in order)]
    return [key for key in keys if values[key] is not None]


def _key(key: str) -> str:
    return key if key in _PLAIN_KEYS else _text(key)


def _value(value: object) -> str:
    """Write a value as one line of YAML."""
    if isinstance(value, Mapping):
        known = (f"{_key(key)}: {_value(inner)}" for key, inner in value.items() if inner is not None)
        return f"{{{', '.join(known)}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_value, value))}]"
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _text(text: str) -> str:
    if '"' in text and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    # JSON's escapes are YAML's, too, but JSON does not escape all characters that YAML refuses.
    return "".join(map(_character, json.dumps(text, ensure_ascii=False)))


def _character(char: str) -> str:
    return char if char.isprintable() else f"\\U{ord(char):08X}"


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
