"""The verifier on whole answers: it rejects every invention, and hardly any good answer."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest
from ruamel.yaml import YAML

from rasa_autoplay.engine.assistant.grounding.ground_truth import GroundTruth
from rasa_autoplay.engine.assistant.grounding.verifier import foreign_labels
from rasa_autoplay.engine.knowledge.golden_path import load_golden_paths

HERE = Path(__file__).parent / "answers"
ROOT = Path(__file__).parents[4]
PATHS = {
    path.id: path
    for folder in (ROOT / "example_bot" / "golden_paths", HERE / "paths")
    for path in load_golden_paths(folder)
}
#: The share of good answers that may be rejected.
SENT_BACK = 0.03


class Answer(NamedTuple):
    path: str
    kind: str
    answer: str

    def foreign(self) -> list[str]:
        truth = GroundTruth([PATHS[self.path]], ["Click Save changes"], ["Anna"])
        return foreign_labels(self.answer, truth)


SETS = {
    file.stem: [Answer(**entry) for entry in YAML(typ="safe").load(file.read_text("utf-8"))]
    for file in sorted(HERE.glob("*.yml"))
}
INVENTED = [(name, answer) for name, answers in SETS.items() for answer in answers if answer.kind != "good"]


@pytest.mark.parametrize(("_set", "answer"), INVENTED)
def test_rejects_every_invented_answer(_set: str, answer: Answer) -> None:
    assert answer.foreign(), f"{answer.kind} in an answer about {answer.path}"


@pytest.mark.parametrize("name", SETS)
def test_accepts_good_answers(name: str) -> None:
    good = [answer for answer in SETS[name] if answer.kind == "good"]
    sent_back = [(answer.answer, foreign) for answer in good if (foreign := answer.foreign())]
    assert len(sent_back) <= SENT_BACK * len(good), sent_back


def test_sets_are_large_and_half_good() -> None:
    kinds = Counter(answer.kind == "good" for answer in SETS["own"])
    assert min(kinds.values()) >= 35
