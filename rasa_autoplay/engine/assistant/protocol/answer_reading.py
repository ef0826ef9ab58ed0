"""Reads an answer in the form that was asked for, and nothing else."""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

from rasa_autoplay.engine.assistant.protocol.answer_form import AnswerForm
from rasa_autoplay.engine.assistant.protocol.unusable_answer import UnusableAnswer

__all__ = ["Explanation", "QuestionAnswer", "StepSentence", "read_explanation", "read_question_answer"]

_FENCED = re.compile(r"```(?:json)?\n(.*)\n```", re.DOTALL)
_END = "END"
_ANSWER = "ANSWER:"


class StepSentence(msgspec.Struct, frozen=True):
    """One step in the model's words."""

    id: str
    sentence: str


class Explanation(msgspec.Struct, frozen=True):
    """The steps that were asked for."""

    steps: list[StepSentence]


class QuestionAnswer(msgspec.Struct, frozen=True):
    """An answer to a question.

    Args:
        path: id of the golden path that answers it; None if none does. Lines of text leave it empty: then
            the steps show which it is.
        steps: all steps of that path.
        answer: free words.
    """

    path: str | None
    steps: list[StepSentence] = []
    answer: str = ""


_AnswerT = TypeVar("_AnswerT", Explanation, QuestionAnswer)


def read_explanation(text: str, form: AnswerForm) -> Explanation:
    """Read an explanation.

    Raises:
        UnusableAnswer: the text is not in that form.
    """
    if form != "text":
        return _read_json(text, Explanation)
    return Explanation([_step_of(line) for line in _lines_of(text)])


def read_question_answer(text: str, form: AnswerForm) -> QuestionAnswer:
    """Read an answer to a question.

    Raises:
        UnusableAnswer: the text is not in that form.
    """
    if form != "text":
        return _read_json(text, QuestionAnswer)
    lines = _lines_of(text)
    answer = lines.pop(0).removeprefix(_ANSWER).strip() if lines and lines[0].startswith(_ANSWER) else ""
    return QuestionAnswer("" if lines else None, [_step_of(line) for line in lines], answer)


def _read_json(text: str, answer_type: type[_AnswerT]) -> _AnswerT:
    fenced = _FENCED.fullmatch(text.strip())
    try:
        return msgspec.json.decode(fenced[1] if fenced else text, type=answer_type)
    except (msgspec.DecodeError, UnicodeError) as problem:
        raise UnusableAnswer("form", "it was not the JSON that was asked for") from problem


def _lines_of(text: str) -> list[str]:
    *lines, last = text.strip().splitlines() or [""]
    if last.strip() != _END:
        raise UnusableAnswer("form", f"its last line was not {_END}")
    return [line.strip() for line in lines]


def _step_of(line: str) -> StepSentence:
    # A step's id can contain a colon, but hardly a colon and a space.
    step_id, colon, sentence = line.partition(": ")
    if not colon:
        raise UnusableAnswer("form", "a line was not a step's id, a colon and a sentence")
    return StepSentence(step_id, sentence.strip())
