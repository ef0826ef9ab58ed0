"""The masks, measured on labelled sets of secrets and of what only looks like one (``tests/sets``)."""

from __future__ import annotations

from collections import Counter

from support.secrets import LANGUAGES, Example, look_alikes, secrets

SECRETS = secrets()
LOOK_ALIKES = look_alikes()


def test_the_sets_are_large_and_varied() -> None:
    assert len({example.text for example in SECRETS}) == len(SECRETS) >= 400
    assert len({example.text for example in LOOK_ALIKES}) == len(LOOK_ALIKES) >= 400
    for examples in (SECRETS, LOOK_ALIKES):
        assert {example.way for example in examples} == {"text", "url", "property"}
        assert {example.language for example in examples} == set(LANGUAGES)
    assert min(Counter(example.kind for example in SECRETS).values()) >= 15
    assert all(example.secrets for example in SECRETS)
    assert not any(example.secrets for example in LOOK_ALIKES)


def test_at_least_99_of_100_secrets_are_masked() -> None:
    missed = [example for example in SECRETS if not example.is_masked]
    assert len(missed) <= 0.01 * len(SECRETS), _shown(missed)


def test_at_most_1_of_100_look_alikes_is_changed() -> None:
    changed = [example for example in LOOK_ALIKES if example.is_masked]
    assert len(changed) <= 0.01 * len(LOOK_ALIKES), _shown(changed)


def _shown(examples: list[Example]) -> list[tuple[str, str]]:
    return [(example.text, example.masked()) for example in examples]
