"""Estimates how long a model's answer about a golden path is."""

from __future__ import annotations

from rasa_autoplay.engine.assistant.prompt import token_estimate
from rasa_autoplay.engine.assistant.protocol.step_sentences import steps_for_model
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath

__all__ = ["tokens_of_answer"]

#: The JSON around each step, and around all of them with two short sentences, in tokens.
_FRAME_OF_STEP, _FRAME = 12, 100


def tokens_of_answer(path: GoldenPath) -> int:
    """Estimate the tokens of an answer that words all steps of a path, rather too many than too few."""
    texts = token_estimate(steps_for_model(path, range(len(path.steps))))
    return texts + _FRAME_OF_STEP * len(path.steps) + _FRAME
