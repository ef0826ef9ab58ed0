"""The verifier accepts friendly wording, and rejects a label that is not in the steps in any disguise."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.engine.assistant.grounding.ground_truth import GroundTruth
from rasa_autoplay.engine.assistant.grounding.verifier import foreign_labels
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath, load_golden_paths

ROOT = Path(__file__).parents[5]
(BULK_EDIT,) = [
    path
    for path in load_golden_paths(ROOT / "example_bot" / "golden_paths")
    if path.id == "projects-bulk-edit"
]

TRUTH = GroundTruth([BULK_EDIT], people=["Anna"])

MARKS = '"“”„‟«»‹›「」『』＂'

GOOD = [
    BULK_EDIT.how_to(),
    "You have just saved three projects, so here is the quick way:\n"
    "1. Open the small ⋯ menu at the top right of the table.\n"
    '2. Choose "Bulk edit".\n3. Tick your projects.\n4. Choose the new priority at the bottom.\n'
    '5. Press "Apply to 3". Done!',
    "Sure! Open the ⋯ menu, beside the status filter. Choose **Bulk edit**: every row gets a checkbox. "
    "Tick the projects, choose the new priority in the toolbar, and press **Apply to N**.",
    "Hi Anna, here's how: open the ⋯ menu at the top right, pick “Bulk edit”, tick what you'd like to "
    "change, choose a priority in the toolbar at the bottom, then press ‘Apply to 12’. That's it!",
    "1. Click the ⋯ button (top right).\n2. Select 'Bulk edit'.\n3. Tick the projects.\n"
    "4. Choose the new Priority.\n5. Press `Apply to 3`.",
    "That was a lot of clicking! First open the options menu: it's the ⋯ beside the status filter. Then "
    "choose BULK EDIT. Now tick the rows, choose the priority, and apply. I hope that saves you some time.",
    "- Open the ⋯ menu\n- Choose Bulk edit\n- Tick the projects\n- Choose the priority\n- Press Apply to 2",
    "Once you've opened the ⋯ menu, choosing “Bulk edit” gives every row a checkbox. I'd tick the ones you "
    "want, choose the priority, and press “Apply to 3”.",
]


@pytest.mark.parametrize("answer", GOOD)
def test_accepts_paraphrases_of_the_steps(answer: str) -> None:
    assert foreign_labels(answer, TRUTH) == []


@pytest.mark.parametrize(
    "invention",
    [
        'Click "Turbo mode".',
        "Click 'Turbo mode'.",
        "Click “Turbo mode”.",
        "Click ”Turbo mode”.",
        "Click „Turbo mode“.",
        "Click «Turbo mode».",
        "Click ‹Turbo mode›.",
        "Click ‘Turbo mode’.",
        "Click `Turbo mode`.",
        "Click 「Turbo mode」.",
        "Click **Turbo mode**.",
        "Click __Turbo mode__.",
        "Click *Turbo mode*.",
        "Click _Turbo mode_.",
        "Click ***Turbo mode***.",
        "Click [Turbo mode].",
        "Click <b>Turbo mode</b>.",
        "Click Turbo Mode.",
        "Click the Turbo.",
        "CLICK TURBO MODE.",
        "Click on Turbo.",
        "Click: Turbo.",
        "Double-click Turbo.",
        "Right-click the Turbo entry.",
        "You get there by tapping Turbo.",
        "You get there by hitting Turbo.",
        "You get there by choosing Turbo.",
        "You get there by using Turbo.",
        "You get there by toggling Turbo.",
        "Switch to Turbo.",
        "Go to Settings.",
        "Navigate to Settings.",
        "Head over to Settings.",
        "It is under Settings.",
        "You will find it in Settings.",
        "Look for Turbo.",
        "Enable Turbo.",
        "Go to Settings > Turbo.",
        "Go to the table → Turbo.",
        "Press the turbo button.",
        "Use the turbo toggle.",
        "Open the admin menu.",
        "Open the admin-menu.",
        "Use the button labelled Turbo.",
        "Use the option called Turbo.",
        "Use the option named turbo.",
        "There is a button: Turbo.",
        "Press Ctrl+Shift+B.",
        "Press ⌘B.",
        "Press Ctrl-B.",
        "Press F2.",
        'Press "Apply to everything".',
        'Press "Apply to all 3".',
        'Choose "Bulk edit" or "Bulk delete".',
        'Choose "Bulk\u00a0delete".',
        'Choose "Tur\u200bbo".',
        "[Bulk edit](javascript:alert(1))",
        "[Bulk edit](/projects)",
        "See https://example.com/help.",
        "See www.example.com.",
        'Click "☰".',
        "Click the ☰ icon.",
        "<img src=x>",
        'Choose "Bulk edit", then\n"Turbo\nmode".',
    ],
)
@pytest.mark.parametrize(
    "frame", ["{}", BULK_EDIT.how_to() + "\n6. {}", 'Choose "Bulk edit". {} Then press "Apply to 3".']
)
def test_finds_an_invented_label_in_every_disguise(invention: str, frame: str) -> None:
    assert foreign_labels(frame.format(invention), TRUTH)


@given(st.text(st.characters(codec="utf-8", exclude_characters=MARKS), min_size=1, max_size=20))
def test_quoted_text_is_foreign_unless_in_the_steps(label: str) -> None:
    truth = " ".join(
        f"{step.title} {step.text} {step.label} {step.tooltip}" for step in BULK_EDIT.steps
    ).lower()
    words = [word.lower() for word in label.split() if word.isalpha() and word.isascii()]
    if any(len(word) > 1 and word not in truth for word in words):
        assert foreign_labels(f'Press "{label}".', TRUTH)


def test_label_of_another_path_is_foreign() -> None:
    other = GoldenPath.parse_obj({"id": "x", "title": "X", "steps": [{"id": "a", "text": 'Press "Export".'}]})
    assert foreign_labels('Press "Export".', GroundTruth([other])) == []
    assert foreign_labels('Press "Export".', TRUTH) == ["Export"]


def test_does_not_treat_a_name_as_a_label() -> None:
    assert foreign_labels("Well done, Anna, that was quick.", TRUTH) == []
    assert foreign_labels('Press "Anna".', TRUTH) == ["Anna"]


@given(st.text(max_size=200))
def test_never_raises(answer: str) -> None:
    foreign_labels(answer, TRUTH)


@pytest.mark.parametrize("hostile", ['"', "*", "Click the ", "A ", "[", "<", "a-", "x", "button ", "'a "])
def test_verifies_hostile_answers_quickly(hostile: str) -> None:
    begun = time.process_time()
    foreign_labels(hostile * 20_000, TRUTH)
    assert time.process_time() - begun < 3.0, "it must not be quadratic"


@pytest.mark.parametrize(
    "hostile", ['"', "*", "Click the ", "A ", "[", "<", "a-", "x", "button ", "'a ", "A > "]
)
def test_verifies_the_longest_answers_quickly(hostile: str) -> None:
    begun = time.process_time()
    foreign_labels((hostile * 4000)[:4000], TRUTH)
    assert time.process_time() - begun < 10.0, "it must not be exponential"
