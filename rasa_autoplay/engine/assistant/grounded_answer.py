"""Asks the language model for words that can be trusted: one retry with the objection, then none."""

from __future__ import annotations

import logging

from rasa_autoplay.engine.assistant.grounding.answer_safety import unsafe_parts
from rasa_autoplay.engine.assistant.grounding.ground_truth import GroundTruth
from rasa_autoplay.engine.assistant.grounding.verifier import foreign_labels
from rasa_autoplay.engine.assistant.language_model import LanguageModel

__all__ = ["grounded_answer"]

logger = logging.getLogger(__name__)

_MAX_OBJECTIONS = 5
#: What the model wrote must not end the part of the prompt that it is told of in.
_NO_MARKERS = str.maketrans("<>", "‹›")


async def grounded_answer(model: LanguageModel, system: str, prompt: str, truth: GroundTruth) -> str | None:
    """An answer that names nothing but what the truth has.

    Args:
        model: answers; None of its answers is waited for longer than its time-out.
        system: what it is to do.
        prompt: the user's part.
        truth: what may be named.

    Returns:
        The answer in one bubble, without blank lines. None when the model fails, invents twice, or asks for a
        password or a payment.
    """
    answer = await model.complete(system, prompt)
    if answer and _is_unsafe(answer, truth):
        return None
    foreign = foreign_labels(answer, truth) if answer else []
    if foreign:
        logger.info("The model's answer names %r, which the steps do not have: it is asked again.", foreign)
        answer = await model.complete(system, f"{prompt}\n{_objection(foreign)}")
        foreign = foreign_labels(answer, truth) if answer else []
    if foreign:
        logger.warning("The model's answer names %r, which the steps do not have.", foreign[:_MAX_OBJECTIONS])
    if not answer or foreign or _is_unsafe(answer, truth):
        return None
    return "\n".join(line for line in answer.splitlines() if line.strip())


def _is_unsafe(answer: str, truth: GroundTruth) -> bool:
    unsafe = unsafe_parts(answer, truth)
    if unsafe:
        logger.warning("The model's answer has %s that the steps do not have.", " and ".join(unsafe))
    return bool(unsafe)


def _objection(foreign: list[str]) -> str:
    named = "\n".join(name[:80] for name in foreign[:_MAX_OBJECTIONS]).translate(_NO_MARKERS)
    return (
        f"Your last answer named what is not in the app or the steps:\n<invented>\n{named}\n</invented>\n"
        "Answer again without that: only names, keys and numbers of steps that the data above has."
    )
