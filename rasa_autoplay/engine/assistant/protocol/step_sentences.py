"""Checks the sentences for a golden path's steps, and fills in the labels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rasa_autoplay.engine.assistant.grounding.sentence_check import Source, inventions
from rasa_autoplay.engine.assistant.grounding.words import NAME
from rasa_autoplay.engine.assistant.protocol.answer_reading import StepSentence
from rasa_autoplay.engine.assistant.protocol.unusable_answer import UnusableAnswer
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.step import Step

__all__ = ["HOW_TO_WORD_STEPS", "PLACEHOLDER", "label_shown", "steps_for_model", "texts_by_step", "texts_of"]

PLACEHOLDER = "{label}"
#: A part of the system prompt.
HOW_TO_WORD_STEPS = (
    "Word each step as one short, friendly sentence that says what its text says, and no more. Some "
    "texts contain {label}, the name of a control on the screen. Write {label} exactly once in the "
    "sentence of such a step, and in no other sentence; the name is filled in later. Name no other "
    "button, menu, key, page or place than the step's own text, promise nothing, and use no "
    "quotation marks, no bold and no links."
)
_MARKS = "\"“”„'‘’«»‹›「」『』*_`"
#: The marks directly around the placeholder, which we replace by the golden path's own.
_MARKED_PLACEHOLDER = re.compile(
    r"(?:[«‹]\s)?[\"“”„'‘’«»‹›「」『』*_`]{0,3}\{label\}[\"“”„'‘’«»‹›「」『』*_`]{0,3}(?:\s[»›])?"
)


def label_shown(step: Step) -> str:
    """Return a step's label with the marks that its text has around it; "" for a step without a label."""
    shown = {label: _as_in_text(label, step.text) for label in step.labels}
    return " / ".join([each for each in shown.values() if each] or [f"“{label}”" for label in shown])


def _as_in_text(label: str, text: str) -> str:
    """The label with its marks, if the text has it as a word of its own; else empty."""
    begin = text.find(label)
    end = begin + len(label)
    is_in_word = begin > 0 and f"{text[begin - 1]}{label[0]}".isalnum()
    goes_on = end < len(text) and f"{label[-1]}{text[end]}".isalnum()
    if begin < 0 or is_in_word or goes_on:
        return ""
    while begin > 0 and end < len(text) and text[begin - 1] in _MARKS and text[end] in _MARKS:
        begin, end = begin - 1, end + 1
    return text[begin:end]


def steps_for_model(path: GoldenPath, places: Iterable[int]) -> str:
    """Return some steps as lines ``id: text`` for a prompt, with the placeholder instead of the label."""
    return "\n".join(f"{path.steps[place].id}: {_with_placeholder(path.steps[place])}" for place in places)


def _with_placeholder(step: Step) -> str:
    text = " ".join(step.text.split())
    shown = label_shown(step)
    if not shown:
        return text
    return text.replace(shown, PLACEHOLDER, 1) if shown in text else f"{text} ({PLACEHOLDER})"


def texts_by_step(
    path: GoldenPath, places: Sequence[int], sentences: Sequence[StepSentence], names: Iterable[str]
) -> dict[int, str]:
    """Return the steps in the model's words, by their place in the path.

    Args:
        path: the golden path.
        places: the asked steps, in order.
        sentences: the answer.
        names: first names and other texts whose words may be repeated.

    Raises:
        UnusableAnswer: a step is missing, repeated, unknown or at another place, or a sentence does not keep
            to its step.
    """
    if [each.id for each in sentences] != [path.steps[place].id for place in places]:
        raise UnusableAnswer("steps", "it did not have each step exactly once, in the given order")
    known = list(names)
    everything = " ".join(each.sentence for each in sentences)
    return {
        place: _checked(each.sentence.strip(), path, path.steps[place], known, everything)
        for place, each in zip(places, sentences, strict=True)
    }


def _checked(sentence: str, path: GoldenPath, step: Step, names: Iterable[str], around: str) -> str:
    if not sentence.replace(PLACEHOLDER, "").strip():
        raise UnusableAnswer("steps", f"the sentence of {step.id} was empty")
    if sentence.count(PLACEHOLDER) != bool(step.labels) or NAME in sentence:
        once = "exactly once" if step.labels else "not at all"
        raise UnusableAnswer("label", f"the sentence of {step.id} must have {PLACEHOLDER} {once}")
    near = [step.title, step.tooltip or "", *step.labels]
    bare = _MARKED_PLACEHOLDER.sub(NAME, sentence)
    foreign = inventions(bare, Source(step.text, near, texts_of(path), names), around)
    if foreign:
        named = ", ".join(repr(each[:60]) for each in foreign)
        raise UnusableAnswer("invented", f"the sentence of {step.id} went beyond its step: {named}")
    return bare.replace(NAME, label_shown(step))


def texts_of(path: GoldenPath) -> list[str]:
    """Return all that a golden path says."""
    steps = [
        text
        for step in path.steps
        for text in (step.text, step.title, step.tooltip or "", *step.labels)
        if text
    ]
    return [path.title, path.description, *steps]
