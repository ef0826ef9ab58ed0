"""Writes ``path.yml`` of a proposal: the draft of a golden path, for the tour and the chat."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rasa_autoplay.engine.knowledge.draft_file import FileComments, file_of
from rasa_autoplay.engine.knowledge.drafting import Draft
from rasa_autoplay.events.masking import mask_text
from rasa_autoplay.tools.discovery.evidence.labels import label_of, masked_line
from rasa_autoplay.tools.discovery.findings.finding import Finding

__all__ = ["path_content", "text_of_path"]

_TEXTS = ("title", "label", "text", "tooltip")


def path_content(finding: Finding, draft: Draft) -> dict[str, Any]:
    """Return the golden path as plain data: texts are masked, what proves a step stays as it is."""
    steps = [_masked(step.settings) for step in draft.steps]
    title = label_of(finding.goal) or label_of(_last(finding)) or steps[-1]["title"]
    return {
        "id": finding.id,
        "title": title,
        "description": "",
        "page": draft.page or finding.page,
        "steps": steps,
    }


def _last(finding: Finding) -> Any:
    acts = finding.fast_way or finding.slow_way
    return acts[-1] if acts else None


def _masked(step: Mapping[str, Any]) -> dict[str, Any]:
    texts = {key: mask_text(step[key]) for key in _TEXTS if isinstance(step.get(key), str)}
    return {**step, **texts}


def text_of_path(content: Mapping[str, Any], finding: Finding, draft: Draft) -> str:
    """Return the text of the file, with comments that say what to check."""
    notes = {place: [f"check: {note}" for note in step.notes] for place, step in enumerate(draft.steps)}
    keys = {
        "title": "users read this: name what it is good for",
        "description": "one sentence: what is it for?",
        "page": "the tour is offered on pages whose URL contains this",
    }
    return file_of(content, FileComments(list(_head(finding)), keys, notes))


def _head(finding: Finding) -> Iterator[str]:
    yield f"A draft, proposed by `rasa-autoplay discover`: {masked_line(finding.title, 300)}"
    yield "Before users see it: make each text say where to look and what to do, and check the notes below."
