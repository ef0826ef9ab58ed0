"""A draft as the text of a golden path's file, with comments that tell what to check."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from rasa_autoplay.engine.knowledge.drafting import Draft, DraftStep

__all__ = ["file_of"]

_LEFT_OUT_NAMED = 8


def file_of(draft: Draft, path_id: str, origin: str) -> str:
    """The file's text.

    Args:
        draft: has steps.
        path_id: the path's.
        origin: what it was recorded from, for people.
    """
    return "\n".join([*_head(draft, path_id, origin), *map(_step, draft.steps)]) + "\n"


def _head(draft: Draft, path_id: str, origin: str) -> Iterator[str]:
    yield f"# A first draft, recorded from {_one_line(origin)}. Before you use it:"
    yield "# - give title and description, which the search and the chat use;"
    yield "# - let each text say where to look and what to do; a tooltip may say it shorter in the tour;"
    yield "# - take out what belongs to this one recording: names of records, and steps of no use to others."
    if draft.left_out:
        named = ", ".join(map(_one_line, draft.left_out[:_LEFT_OUT_NAMED]))
        more = len(draft.left_out) - _LEFT_OUT_NAMED
        yield f"# Left out as detours: {named}{f' and {more} more' if more > 0 else ''}."
    yield f"id: {_value(path_id)}"
    yield f"title: {_value(path_id.replace('-', ' ').replace('_', ' ').strip().capitalize() or path_id)}"
    yield 'description: "" # one sentence: what is it good for?'
    yield f"page: {_value(draft.page)} # where it began: the tour is offered on pages whose URL contains this"
    yield ""
    yield "steps:"


def _step(step: DraftStep) -> str:
    notes = [f"  # check: {_one_line(note)}" for note in step.notes]
    first, *rest = (f"{key}: {_value(value)}" for key, value in step.settings.items())
    return "\n".join([*notes, f"  - {first}", *(f"    {field}" for field in rest)])


def _value(value: str | dict[str, Any]) -> str:
    """A printable text, or a mapping of such, as YAML in one line: JSON's quotes are YAML's."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_value(inner)}' for key, inner in value.items())}}}"
    return "'" + value.replace("'", "''") + "'" if '"' in value else json.dumps(value, ensure_ascii=False)


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
