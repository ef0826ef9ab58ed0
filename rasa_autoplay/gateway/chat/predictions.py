"""Asks the loaded model for the next action of a conversation."""

from __future__ import annotations

import inspect
from typing import Any, NamedTuple

__all__ = ["Prediction", "predict_next"]


class Prediction(NamedTuple):
    """The next action, empty if the model predicts none, and its score from 0 to 1."""

    action: str
    score: float


async def predict_next(processor: Any, tracker: Any) -> Prediction:
    """Predict without changing the conversation.

    Args:
        processor: the agent's message processor.
        tracker: the conversation.
    """
    predicted = processor.predict_next_with_tracker(tracker)
    if inspect.isawaitable(predicted):  # in Rasa Pro
        predicted = await predicted
    scores: list[dict[str, Any]] = predicted["scores"] if predicted else []
    best = max(scores, key=lambda each: each["score"], default=None)
    return Prediction(str(best["action"]), float(best["score"])) if best else Prediction("", 0.0)
