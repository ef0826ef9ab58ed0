"""The texts of a proposal that users read, as we write them and as a language model rewords them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rasa_autoplay.tools.discovery.evidence.question import Question

__all__ = ["Reword", "Sober", "Words"]


@dataclass(frozen=True)
class Sober:
    """The texts of one proposal as we have written them.

    Args:
        question: the question.
        path: the golden path as plain data; empty if there is none.
    """

    question: Question
    path: Mapping[str, Any]


@dataclass(frozen=True)
class Words:
    """The texts of one proposal in other words.

    Args:
        question: the question.
        tooltips: the tooltips by the ids of steps.
    """

    question: str
    tooltips: Mapping[str, str]


#: Rewords proposals; None where it cannot.
Reword = Callable[[Sequence[Sober]], Sequence["Words | None"]]
