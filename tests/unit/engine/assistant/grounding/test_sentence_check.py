"""A sentence about a step: what it may say, and what it may not, in any language."""

from __future__ import annotations

import pytest

from rasa_autoplay.engine.assistant.grounding.sentence_check import Source, inventions
from rasa_autoplay.engine.assistant.grounding.words import NAME

STEP = Source(
    'In the menu, choose "Bulk edit". Every row gets a checkbox.',
    ["Pick Bulk edit", "Bulk edit projects", "Change the priority of many projects at once."],
    ["Anna"],
)
FREE = Source("", ["Export a report", "Get a report as a file for your accountant."])


def found(sentence: str, source: Source = STEP) -> list[str]:
    return inventions(sentence.replace("{label}", NAME), source)


@pytest.mark.parametrize(
    "sentence",
    [
        "Choose {label} in the menu, and every row gets a checkbox.",
        "Now pick “{label}”, Anna!",
        "Wählen Sie im Menü {label}; jede Zeile bekommt ein Kästchen.",
        "Klicken Sie auf die Schaltfläche {label}.",
        "Dans le menu, choisissez {label} : chaque ligne reçoit une case.",
        "Elige {label} en el menú.",
        "メニューで{label}を選択してください。",
        "Wybierz {label} w menu.",
    ],
)
def test_accepts_a_step_in_other_words_and_languages(sentence: str) -> None:
    assert found(sentence) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "Choose {label} and then press save.",
        "Choose {label} in the top left corner.",
        "Klicken Sie auf {label} und dann auf Speichern.",
        "Cliquez sur {label} puis validez.",
        "Press {label}, or hit enter.",
        "Choose {label} in the Tools menu.",
        "Choose {label} in the “tools” menu.",
        "Choose {label} → Tools.",
        "Choose {label}; it takes two seconds.",
        "Choose {label} (3 clicks).",
        "See www.example.com for {label}.",
        "メニューで{label}を選択して保存します。",
        "メニューで{label}とTurboを選択します。",
        "Válassza a {label} lehetőséget, majd mentse el a beállításokat.",
    ],
)
def test_rejects_what_the_step_does_not_say(sentence: str) -> None:
    assert found(sentence)


def test_free_answer_may_name_titles_and_instructs_nobody() -> None:
    assert found("I don't have steps for that, but I can explain how to export a report.", FREE) == []
    assert found("Click the export menu.", FREE)
    assert found("You can find it under Settings.", FREE)
