"""The masks, measured on labelled sets of secrets and look-alikes (``tests/sets``)."""

from __future__ import annotations

from collections import Counter
from itertools import chain

from support.secrets import LANGUAGES, Example, look_alikes, second_set, secrets, spot_check

SECRETS = secrets()
LOOK_ALIKES = look_alikes()


def test_sets_are_large_and_varied() -> None:
    assert len({example.text for example in SECRETS}) == len(SECRETS) >= 400
    assert len({example.text for example in LOOK_ALIKES}) == len(LOOK_ALIKES) >= 400
    for examples in (SECRETS, LOOK_ALIKES):
        assert {example.way for example in examples} == {"text", "url", "property"}
        assert {example.language for example in examples} == set(LANGUAGES)
    assert min(Counter(example.kind for example in SECRETS).values()) >= 15
    assert all(example.secrets for example in SECRETS)
    assert not any(example.secrets for example in LOOK_ALIKES)


def test_masks_at_least_99_percent_of_secrets() -> None:
    sets = (SECRETS, second_set("secrets"), spot_check("secrets"))
    for examples, share in [*((each, 0.98) for each in sets), ([*chain(*sets)], 0.99)]:
        missed = [example for example in examples if not example.is_masked]
        assert len(missed) <= (1 - share) * len(examples), _shown(missed)


def test_changes_at_most_1_percent_of_look_alikes() -> None:
    for examples in (LOOK_ALIKES, second_set("look_alikes"), spot_check("look_alikes")):
        changed = [example for example in examples if example.is_masked]
        assert len(changed) <= 0.01 * len(examples), _shown(changed)


def _shown(examples: list[Example]) -> list[tuple[str, str]]:
    return [(example.text, example.masked()) for example in examples]
