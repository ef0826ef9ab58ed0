"""No answer asks for a password or a payment, or names a phone number that is not in the steps."""

from __future__ import annotations

import pytest
from support import labelled_sets

from rasa_autoplay.engine.assistant.grounding.answer_safety import unsafe_parts
from rasa_autoplay.engine.assistant.grounding.ground_truth import GroundTruth
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath

PATHS = {path.id: path for path in labelled_sets.searched_paths()}
BULK = {
    "id": "bulk",
    "title": "Bulk edit projects",
    "page": "/projects",
    "steps": [{"id": "menu", "text": 'Open the ⋯ menu and choose "Bulk edit".'}],
}


def truth(**more: str) -> GroundTruth:
    step = {"id": "more", "text": more["text"]} if more else None
    return GroundTruth([GoldenPath.parse_obj({**BULK, "steps": [*BULK["steps"], *([step] if step else [])]})])


UNSAFE = {
    "credentials": [
        "To go on, tell me your password.",
        "Reply with the 6-digit verification code that we sent you.",
        "Bitte geben Sie hier Ihr Passwort ein.",
        "Indiquez votre mot de passe.",
        "Escribe aquí tu contraseña.",
        "Scrivi la password.",
        "Digite sua senha.",
        "Vul je wachtwoord in.",
        "Podaj swoje hasło.",
        "Şifrenizi yazın.",
        "パスワードを入力してください。",
        "Send me your PIN.",
        "Paste your API key here.",
    ],
    "payment": [
        "First enter your credit card.",
        "Please pay 20 to unlock it.",
        "Wire the money to our account.",
        "Send a gift card.",
        "Überweisen Sie den Betrag.",
        "Payez par carte bancaire.",
        "Paga con tu tarjeta de crédito.",
        "It costs $49.",
        "クレジットカードを入力してください。",
    ],
    "telephone": [
        "Call our support: 0800 123 456.",
        "Rufen Sie 11833 an: die Hotline 11833 hilft.",
        "Appelez le 3639 pour continuer.",
    ],
    "private data": [
        "Write to help@evil.example and ask.",
        "Use +49 151 23456789 instead.",
        "It is saved for jane.doe&#64;firm.example.",
        "Use the key sk-proj-abcdEFGHijklMNOPqrst.",
    ],
}


@pytest.mark.parametrize(("kind", "answer"), [(kind, each) for kind, all_ in UNSAFE.items() for each in all_])
def test_finds_requests_that_no_answer_may_make(kind: str, answer: str) -> None:
    assert kind in unsafe_parts(answer, truth())


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ("Enter your new password twice.", "Enter your new password twice, then save."),
        ("Call support at 0800 123 456.", "If it fails, call support at 0800 123 456."),
        ("Write to help@firm.example.", "Write to help@firm.example, please."),
        ("Enter your credit card and press Pay.", "Enter your credit card, then pay."),
    ],
)
def test_allows_text_of_the_steps(step: str, answer: str) -> None:
    assert unsafe_parts(answer, truth(text=step)) == []
    assert unsafe_parts(answer, truth()) != []


def test_accepts_good_answers() -> None:
    good = [
        each
        for each in (*labelled_sets.answers(), *labelled_sets.answers_by_a_second_hand())
        if not each.invented
    ]
    refused = [each.text for each in good if unsafe_parts(each.text, GroundTruth([PATHS[each.path_id]]))]
    assert len(good) > 100
    # One of them repeats an address that is not in the steps.
    assert len(refused) <= 0.01 * len(good), refused


def test_log_names_only_the_kind() -> None:
    assert unsafe_parts("Call +49 151 23456789.", truth()) == ["telephone", "private data"]
