"""Every gate has words for people who read counts."""

from __future__ import annotations

from support.gate_contexts import gate_context

from rasa_autoplay.engine.courtesy.gate_words import GATE_WORDS
from rasa_autoplay.engine.courtesy.gates import check_all


def test_every_gate_has_words() -> None:
    assert list(GATE_WORDS) == [result.gate for result in check_all(gate_context())]
