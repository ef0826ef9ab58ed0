"""Gets an answer that can be shown, with a second try if there is time for it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, TypeVar

from rasa_autoplay.engine.assistant.language_model import FormAnswer, LanguageModel
from rasa_autoplay.engine.assistant.prompt_markers import WITHOUT_MARKERS
from rasa_autoplay.engine.assistant.protocol.answer_form import AnswerForm, FormRequest
from rasa_autoplay.engine.assistant.protocol.unusable_answer import NOT_USED, UnusableAnswer

__all__ = ["usable_answer"]

logger = logging.getLogger(__name__)

ReadT = TypeVar("ReadT")
_CorrectT = TypeVar("_CorrectT", covariant=True)


class _Reader(Protocol[_CorrectT]):
    def __call__(self, text: str, form: AnswerForm, /) -> _CorrectT: ...


async def usable_answer(
    model: LanguageModel,
    request: FormRequest,
    read: _Reader[ReadT],
    clock: Callable[[], float] = time.monotonic,
) -> ReadT | None:
    """Ask, and ask once more if the answer cannot be used and the time-out leaves as long as the first took.

    Args:
        model: the language model.
        request: what to ask.
        read: reads an answer; raises :class:`UnusableAnswer`.
        clock: a monotonic clock, in seconds.

    Returns:
        What ``read`` returns; None if the model fails or its answers cannot be used. The log says why.
    """
    begun = clock()
    first = await model.answer(request, model.timeout_s)
    if first is None:
        return None
    try:
        return _read(first, read)
    except UnusableAnswer as problem:
        _report(model, problem)
        correction = _correction(problem)
        took = clock() - begun
        left = model.timeout_s - took
        if left < took:
            return None
        # An endpoint can accept a form and ignore it. Lines of text need nothing of it.
        form: AnswerForm = "text" if problem.reason == "form" else first.form
    second = await model.answer(replace(request, prompt=f"{request.prompt}\n{correction}"), left, form)
    if second is None:
        return None
    try:
        answer = _read(second, read)
    except UnusableAnswer as problem:
        _report(model, problem)
        return None
    if second.form != first.form:
        model.forms.remember(second.form)
    return answer


def _read(answered: FormAnswer, read: _Reader[ReadT]) -> ReadT:
    if answered.finish_reason != "stop":
        raise UnusableAnswer(
            "cut_off", f"it was not finished ({answered.finish_reason or 'no reason'!s:.20})"
        )
    return read(answered.text, answered.form)


def _report(model: LanguageModel, problem: UnusableAnswer) -> None:
    model.counts[NOT_USED[problem.reason]] += 1
    logger.info("The model's answer is not used: %s.", problem.what)


def _correction(problem: UnusableAnswer) -> str:
    why = problem.what.translate(WITHOUT_MARKERS)
    lead = "Your last answer could not be used:"
    return f"{lead}\n<problem>\n{why}\n</problem>\nAnswer again, exactly as described."
