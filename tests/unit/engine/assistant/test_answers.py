"""Whole answers of language models: what they invent, leave out or break off is not sent, and the rest is."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from support import labelled_sets

from rasa_autoplay.engine.assistant.protocol.answer_form import AnswerForm
from rasa_autoplay.engine.assistant.protocol.answer_reading import read_explanation
from rasa_autoplay.engine.assistant.protocol.question import read_question
from rasa_autoplay.engine.assistant.protocol.step_sentences import texts_by_step
from rasa_autoplay.engine.assistant.protocol.unusable_answer import UnusableAnswer
from rasa_autoplay.engine.knowledge.golden_path import load_golden_paths

HERE = Path(__file__).parent / "answers"
ROOT = Path(__file__).parents[4]
PATHS = {
    path.id: path
    for folder in (ROOT / "example_bot" / "golden_paths", HERE / "paths", HERE / "blind" / "paths")
    for path in load_golden_paths(folder)
}
SEARCHED = {path.id: path for path in labelled_sets.searched_paths()}


def read(file: Path) -> list[dict[str, Any]]:
    return list(YAML(typ="safe").load(file.read_text("utf-8")))


BLIND = [entry for file in sorted((HERE / "blind").glob("*.yml")) for entry in read(file)]
#: Inventions in free texts; they were written when an answer was one free text.
FREE = [
    *((PATHS[each["path"]], each["answer"]) for each in read(HERE / "own.yml") if each["kind"] != "good"),
    *(
        (SEARCHED[each.path_id], each.text)
        for each in labelled_sets.answers() + labelled_sets.answers_by_a_second_hand()
        if each.invented
    ),
]


def is_used(entry: dict[str, Any]) -> bool:
    """Whether users get to see it, as ``usable_answer`` decides."""
    form: AnswerForm = "text" if entry["protocol"] == "text" else "schema"
    if entry["finish_reason"] != "stop":
        return False
    try:
        if entry["request"] == "question":
            read_question(entry["output"], form, list(PATHS.values()), entry["question"], [], ["Anna"])
        else:
            path = PATHS[entry["path"]]
            places = [[step.id for step in path.steps].index(asked) for asked in entry["asked"]]
            texts_by_step(path, places, read_explanation(entry["output"], form).steps, ["Anna"])
    except UnusableAnswer:
        return False
    return True


@pytest.mark.parametrize("verdict", ["incomplete", "cut_off", "malformed"])
def test_does_not_use_an_answer_that_is(verdict: str) -> None:
    entries = [entry for entry in BLIND if entry["verdict"] == verdict]
    assert len(entries) >= 20
    assert [entry["output"] for entry in entries if is_used(entry)] == []


def test_uses_good_answers_and_hardly_an_invention() -> None:
    used = Counter((entry["verdict"], is_used(entry)) for entry in BLIND)
    # What is left, and why, is in answers/README.md.
    assert used["good", False] <= 4
    assert used["invented", True] <= 2


@pytest.mark.parametrize(("path", "words"), FREE)
@pytest.mark.parametrize("chosen", [True, False])
def test_free_words_invent_nothing(path: Any, words: str, chosen: bool) -> None:
    steps = [
        {"id": step.id, "sentence": "{label}" if step.labels else "So."} for step in path.steps if chosen
    ]
    output = json.dumps({"path": path.id if chosen else None, "steps": steps, "answer": words})
    with pytest.raises(UnusableAnswer, match="the answer"):
        read_question(output, "schema", [path], "How?", [], ["Anna"])


def test_blind_set_is_large_enough() -> None:
    counts = Counter(entry["verdict"] for entry in BLIND)
    assert counts == {"good": 150, "invented": 80, "incomplete": 25, "cut_off": 20, "malformed": 25}
