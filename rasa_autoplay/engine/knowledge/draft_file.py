"""Writes a draft as the text of a golden path's file, with comments that say what to check."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from rasa_autoplay.engine.knowledge.drafting import Draft, DraftStep

__all__ = ["file_of"]

_LEFT_OUT_NAMED = 8


def file_of(draft: Draft, path_id: str, origin: str) -> str:
    """Return the file's text.

    Args:
        draft: a draft with steps.
        path_id: id of the path.
        origin: the recording, for people.
    """
    return "\n".join([*_head(draft, path_id, origin), *map(_step, draft.steps)]) + "\n"


def _head(draft: Draft, path_id: str, origin: str) -> Iterator[str]:
    yield f"# A first draft, recorded from {_one_line(origin)}. Before you use it:"
    yield "# - write a title and a description: the search and the chat use them;"
    yield "# - make each text say where to look and what to do; a tooltip can be a shorter text for the tour;"
    yield "# - remove what belongs only to this recording: names of records, and steps only you need."
    if draft.left_out:
        named = ", ".join(map(_one_line, draft.left_out[:_LEFT_OUT_NAMED]))
        more = len(draft.left_out) - _LEFT_OUT_NAMED
        yield f"# Left out as detours: {named}{f' and {more} more' if more > 0 else ''}."
    yield f"id: {_value(path_id)}"
    yield f"title: {_value(path_id.replace('-', ' ').replace('_', ' ').strip().capitalize() or path_id)}"
    yield 'description: "" # one sentence: what is it for?'
    yield f"page: {_value(draft.page)} # the tour is offered on pages whose URL contains this"
    yield ""
    yield "steps:"


def _step(step: DraftStep) -> str:
    notes = [f"  # check: {_one_line(note)}" for note in step.notes]
    first, *rest = (f"{key}: {_value(value)}" for key, value in step.settings.items())
    return "\n".join([*notes, f"  - {first}", *(f"    {field}" for field in rest)])


def _value(value: str | dict[str, Any]) -> str:
    """Write a printable text, or a mapping of texts, as one line of YAML; JSON strings are valid YAML."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_value(inner)}' for key, inner in value.items())}}}"
    return "'" + value.replace("'", "''") + "'" if '"' in value else json.dumps(value, ensure_ascii=False)


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
