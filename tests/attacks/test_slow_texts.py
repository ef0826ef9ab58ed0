"""A fuzzer that measures time: no text that a stranger sends costs more than its length explains."""

from __future__ import annotations

import random
import resource
import time
from collections.abc import Callable

import pytest

from rasa_autoplay.common.conversation.safe_links import without_unsafe_links
from rasa_autoplay.common.lenient_json import decode_json
from rasa_autoplay.engine.assistant.grounding.answer_safety import unsafe_parts
from rasa_autoplay.engine.assistant.grounding.ground_truth import GroundTruth
from rasa_autoplay.engine.assistant.grounding.verifier import foreign_labels
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.events.canonical_url import canonical_url, page_name
from rasa_autoplay.events.masking import mask_text, mask_url
from rasa_autoplay.events.user_properties import kept_properties
from rasa_autoplay.gateway.sources.posthog.elements import parse_chain
from rasa_autoplay.gateway.sources.posthog.label import clean_text

_PATH = {"id": "b", "title": "Bulk edit", "page": "/p", "steps": [{"id": "m", "text": 'Choose "Bulk edit".'}]}
_TRUTH = GroundTruth([GoldenPath.parse_obj(_PATH)])


def _json(text: str) -> object:
    try:
        return decode_json(text)
    except Exception as problem:
        return problem


#: Everything that reads a stranger's text, or a model's.
ENTRIES: dict[str, Callable[[str], object]] = {
    "mask_text": mask_text,
    "mask_url": lambda text: mask_url(f"https://a.example/{text}"),
    "canonical_url": lambda text: canonical_url(f"https://a.example/{text}"),
    "page_name": page_name,
    "chain": parse_chain,
    "label": clean_text,
    "property": lambda text: kept_properties({text[:60]: text}),
    # Longer answers are refused unread.
    "answer": lambda text: foreign_labels(text[:4_000], _TRUTH),
    "answer's safety": lambda text: unsafe_parts(text, _TRUTH),
    "links": without_unsafe_links,
    "JSON": _json,
}
_PIECES = [
    *(
        "a",
        "A",
        "1",
        "0",
        " ",
        "  ",
        "\n",
        "\t",
        ".",
        ",",
        "-",
        "_",
        "@",
        "=",
        ":",
        ";",
        "/",
        "\\",
        '"',
        "'",
        "&",
        "%",
    ),
    *(
        "?",
        "#",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "<",
        ">",
        "+",
        "*",
        "|",
        "→",
        "é",
        "ß",
        "中",
        "\u200b",
        "\ue000",
        "🚀",
    ),
    *(
        "%25",
        "%40",
        "%2540",
        "&amp;",
        "&#64;",
        "a@b.c",
        "4111",
        "key=",
        "token:",
        "Password: a1",
        "eyJ",
        "://",
        "PIN ",
    ),
    *(
        "click ",
        "Press ",
        "the ",
        "Save",
        "menu",
        "step 1 of ",
        "ctrl + ",
        "A > ",
        "](",
        "]:",
        'a="',
        ':text="',
        '\\"',
        "\\u00",
    ),
]
_LENGTH = 2_000
_NOISE_S = 0.02


def shape(chance: random.Random) -> Callable[[int], str]:
    """A text of any length: a beginning, a unit again and again, an ending."""
    before, after = ("".join(chance.choices(_PIECES, k=chance.randint(0, 2))) for _ in range(2))
    unit = "".join(chance.choices(_PIECES, k=chance.randint(1, 5)))
    return lambda length: before + unit * (length // len(unit)) + after


def cpu_s(run: Callable[[str], object], text: str, times: int = 1) -> float:
    best = float("inf")
    for _ in range(times):
        begun = time.thread_time()
        run(text)
        best = min(best, time.thread_time() - begun)
    return best


@pytest.mark.parametrize(
    "seconds", [60, pytest.param(1_800, marks=[pytest.mark.slow, pytest.mark.timeout(3_600)])]
)
def test_time_grows_with_the_length_only(
    seconds: float, record_property: Callable[[str, object], None]
) -> None:
    chance = random.Random(17)  # noqa: S311 - the same cases each time
    until, cases, worst = time.monotonic() + seconds, 0, (0.0, "", "")
    while time.monotonic() < until:
        made = shape(chance)
        for name, run in ENTRIES.items():
            cases += 1
            text = made(2 * _LENGTH)
            taken_s = cpu_s(run, text)
            per_kb = taken_s / len(text) * 1_000
            worst = max(worst, (per_kb, name, text[:60]))
            if taken_s > _NOISE_S:
                # Each text once more in another form: caches must not answer.
                half_s, whole_s = cpu_s(run, made(_LENGTH), 3), cpu_s(run, text + " ", 3)
                allowed_s = max(_NOISE_S, 3.2 * half_s)
                assert whole_s < allowed_s, (name, text[:80], half_s, whole_s)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
    record_property(
        "fuzzer",
        f"{cases} texts of 4,000 characters; worst {worst[0] * 1_000:.2f} ms of CPU for a kB "
        f"({worst[1]}: {worst[2]!r}); at most {peak_mb:.0f} MB",
    )
    assert cases > 100
