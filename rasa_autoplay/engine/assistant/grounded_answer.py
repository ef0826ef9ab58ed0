"""Gets an answer from the language model that invents nothing, with one retry."""

from __future__ import annotations

import logging

from rasa_autoplay.engine.assistant.grounding.answer_safety import unsafe_parts
from rasa_autoplay.engine.assistant.grounding.ground_truth import GroundTruth
from rasa_autoplay.engine.assistant.grounding.verifier import foreign_labels
from rasa_autoplay.engine.assistant.language_model import LanguageModel
from rasa_autoplay.engine.assistant.prompt_markers import WITHOUT_MARKERS

__all__ = ["grounded_answer"]

logger = logging.getLogger(__name__)

_MAX_NAMES = 5


async def grounded_answer(model: LanguageModel, system: str, prompt: str, truth: GroundTruth) -> str | None:
    """Get an answer that names only what the ground truth has.

    Args:
        model: the language model, which has its own timeout.
        system: the system prompt.
        prompt: the user prompt.
        truth: what the answer may name.

    Returns:
        The answer for one bubble, without blank lines. None if the model fails, invents twice, or gives an
        unsafe answer.
    """
    answer = await model.complete(system, prompt)
    if answer and _is_unsafe(answer, truth):
        return None
    foreign = foreign_labels(answer, truth) if answer else []
    if foreign:
        logger.info("The model's answer names %r, which the steps do not have; asking again.", foreign)
        answer = await model.complete(system, f"{prompt}\n{_correction(foreign)}")
        foreign = foreign_labels(answer, truth) if answer else []
    if foreign:
        logger.warning(
            "The model's second answer names %r, which the steps do not have; it is not used.",
            foreign[:_MAX_NAMES],
        )
    if not answer or foreign or _is_unsafe(answer, truth):
        return None
    return "\n".join(line for line in answer.splitlines() if line.strip())


def _is_unsafe(answer: str, truth: GroundTruth) -> bool:
    unsafe = unsafe_parts(answer, truth)
    if unsafe:
        logger.warning("The model's answer contains %s that the steps do not have.", " and ".join(unsafe))
    return bool(unsafe)


def _correction(foreign: list[str]) -> str:
    named = "\n".join(name[:80] for name in foreign[:_MAX_NAMES]).translate(WITHOUT_MARKERS)
    return (
        f"Your last answer named what is not in the app or the steps:\n<invented>\n{named}\n</invented>\n"
        "Answer again without that: only names, keys and numbers of steps that the data above has."
    )
