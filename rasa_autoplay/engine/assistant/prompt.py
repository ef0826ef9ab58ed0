"""Builds the user prompt from sections between markers, within a budget of tokens.

Page titles, users' words and the texts of paths are data. Each is between markers that it cannot close,
because its angle brackets are replaced, and the system prompt says that nothing between markers is an
instruction.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rasa_autoplay.engine.assistant.prompt_markers import WITHOUT_MARKERS
from rasa_autoplay.events.models import SlimAction

__all__ = ["PromptInputs", "Section", "assemble", "sections_of", "token_estimate"]

#: Estimates tokens from UTF-8 bytes, rather too many than too few: English has four bytes per token.
_BYTES_PER_TOKEN = 3
_MAX_LINE = 300
_MAX_QUESTION = 1000
#: Tokens of the markers and their line breaks.
_FRAME_TOKENS = 12


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the prompt.

    Args:
        name: the name in its markers.
        lines: the lines between the markers; if not all fit, the first ones are left out.
    """

    name: str
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class PromptInputs:
    """The inputs of the prompt: the question, and what is known about the user.

    Args:
        question: the user's question.
        paths: descriptions of the paths that match, best first.
        next_step: the step that the user lacks, as text; empty for none.
        since_last_message: actions since the user's last message, oldest first.
        recent: actions before that, oldest first.
        memory: the user's memory as text; empty if nothing is known.
        summary: summary of the session's earlier actions; may be empty.
        language: the user's language, by name; empty if unknown.
    """

    question: str
    paths: Sequence[str] = ()
    next_step: str = ""
    since_last_message: Sequence[SlimAction] = ()
    recent: Sequence[SlimAction] = ()
    memory: str = ""
    summary: str = ""
    language: str = ""


def sections_of(known: PromptInputs) -> list[Section]:
    """Return the sections, the most important first: in this order, they get their share of the budget."""
    return [
        Section("question", [known.question[:_MAX_QUESTION]]),
        Section("language", _lines(known.language)),
        # Reversed, because the first lines are left out if not all fit, and the last path matches least.
        Section("paths", list(reversed(known.paths))),
        Section("next_step", _lines(known.next_step)),
        Section("done_since_last_message", [_line_of(action) for action in known.since_last_message]),
        Section("done_before", [_line_of(action) for action in known.recent]),
        Section("memory", _lines(known.memory)),
        Section("summary", _lines(known.summary)),
    ]


def assemble(sections: Sequence[Section], budget_tokens: int) -> str:
    """Build the user prompt.

    Args:
        sections: the most important first.
        budget_tokens: budget for all sections. The first section is always included.

    Returns:
        The sections that fit, each between its markers; the question comes last, next to the answer.
    """
    left = budget_tokens
    parts: list[str] = []
    for place, section in enumerate(sections):
        kept = _fitting(section.lines, math.inf if place == 0 else left - _FRAME_TOKENS)
        if not kept:
            continue
        body = "\n".join(kept)
        parts.append(f"<{section.name}>\n{body}\n</{section.name}>")
        left -= token_estimate(body) + _FRAME_TOKENS
    return "\n".join(reversed(parts))


def token_estimate(text: str) -> int:
    """Estimate the number of tokens in a text, rather too high than too low."""
    return math.ceil(len(text.encode("utf-8", "replace")) / _BYTES_PER_TOKEN)


def _fitting(lines: Sequence[str], budget: float) -> list[str]:
    """Return the last lines that fit, with markers disarmed."""
    kept: list[str] = []
    for line in reversed(lines):
        plain = line.translate(WITHOUT_MARKERS).strip()
        budget -= token_estimate(plain) + 1
        if budget < 0:
            break
        if plain:
            kept.append(plain)
    return kept[::-1]


def _lines(text: str) -> list[str]:
    # Summaries and memory have the newest line last.
    return [line[:_MAX_LINE] for line in text.splitlines()]


def _line_of(action: SlimAction) -> str:
    return " ".join((action.description or action.title).split())[:_MAX_LINE]
