"""A fuzzer that measures time: no text from a stranger costs more than its length explains."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from support.fuzzing import Fuzzing, fuzzing_time
from support.slow_texts import shape

from rasa_autoplay.common.conversation.safe_links import without_unsafe_links
from rasa_autoplay.common.lenient_json import decode_json
from rasa_autoplay.engine.assistant.grounding.sentence_check import Source, inventions
from rasa_autoplay.engine.assistant.protocol.question import read_question
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.search import KnowledgeBase
from rasa_autoplay.engine.matching.patterns import TextPattern
from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.events.canonical_url import canonical_url, page_name
from rasa_autoplay.events.masking import mask_text, mask_url
from rasa_autoplay.events.user_properties import storable_properties
from rasa_autoplay.gateway.sources.posthog.elements import elements_of, parse_chain
from rasa_autoplay.gateway.sources.posthog.hog import destination_url, hog_source
from rasa_autoplay.gateway.sources.posthog.label import clean_text
from rasa_autoplay.gateway.sources.posthog.signals import failure_of

_PATH = {"id": "b", "title": "Bulk edit", "page": "/p", "steps": [{"id": "m", "text": 'Choose "Bulk edit".'}]}
_KNOWLEDGE = KnowledgeBase([GoldenPath.parse_obj(_PATH)])
_SOURCE = Source('Choose "Bulk edit".', ["Bulk edit"])


def _json(text: str) -> object:
    try:
        return decode_json(text)
    except Exception as problem:
        return problem


def _refusable(run: Callable[[str], object]) -> Callable[[str], object]:
    """The same, where an error counts as an answer too."""

    def tried(text: str) -> object:
        try:
            return run(text)
        except AutoplayError as problem:
            return problem

    return tried


#: Every function that reads text from a stranger or a model.
ENTRIES: dict[str, Callable[[str], object]] = {
    "mask_text": mask_text,
    "mask_url": lambda text: mask_url(f"https://a.example/{text}"),
    "canonical_url": lambda text: canonical_url(f"https://a.example/{text}"),
    "page_name": page_name,
    "chain": parse_chain,
    "label": clean_text,
    "property": lambda text: storable_properties({text[:60]: text}),
    "sentence": lambda text: inventions(text, _SOURCE, text),
    "answer": _refusable(lambda text: read_question(text, "text", [], "", [], [])),
    "links": without_unsafe_links,
    "JSON": _json,
    "elements": lambda text: elements_of(
        {"$elements": [{"tag_name": text, "$el_text": text, "attr__class": text}], "$elements_chain": text}
    ),
    "failure": lambda text: failure_of("$exception", {"$exception_message": text, "$exception_type": text}),
    "Hog": _refusable(lambda text: hog_source("https://a.example/x", text)),
    "Hog's address": _refusable(destination_url),
    "search": lambda text: _KNOWLEDGE.query_knowledge_base(query=text),
    "trigger's text": TextPattern([_PATH["title"], {"exact": "Save"}, {"regex": r"^save\s+all$"}]).matches,
}
_LENGTH = 4_000
_NOISE_S = 0.02
#: A text that took longer than noise is measured this many times.
_LENGTHS, _TIMES = (1_000, 2_000, 4_000, 8_000), 3
#: Linear growth plus the noise of a busy machine; quadratic growth is a factor of four per doubling.
_FASTER = 1.7


def cpu_s(run: Callable[[str], object], text: str, times: int = 1) -> float:
    best = float("inf")
    for _ in range(times):
        begun = time.thread_time()
        run(text)
        best = min(best, time.thread_time() - begun)
    return best


def growth(run: Callable[[str], object], made: Callable[[int], str]) -> list[float]:
    """Return CPU seconds for four lengths, each the best of several, because other processes add noise.

    Each text is different, so that caches do not help.
    """
    return [
        min(cpu_s(run, made(length) + " " * number) for number in range(1, _TIMES + 1)) for length in _LENGTHS
    ]


def grows_too_fast(times_s: list[float]) -> bool:
    """Return whether the time grows faster than the text, over all four lengths and over the last three."""
    return all(times_s[-1] > _FASTER * (_LENGTHS[-1] / _LENGTHS[first]) * times_s[first] for first in (0, 1))


@fuzzing_time()
def test_processing_time_grows_linearly_with_the_text(
    budget_s: float, record_property: Callable[[str, object], None]
) -> None:
    chance = random.Random(17)  # noqa: S311 - the same cases each time
    fuzzing = Fuzzing("slow texts", budget_s)
    while fuzzing.has_time:
        made = shape(chance)
        for name, run in ENTRIES.items():
            text = made(_LENGTH)
            taken_s = cpu_s(run, text)
            fuzzing.took(taken_s, len(text), f"{name}: {text[:40]!r}")
            if taken_s > _NOISE_S:
                times_s = growth(run, made)
                assert not grows_too_fast(times_s) or not grows_too_fast(growth(run, made)), (
                    name,
                    text[:80],
                    times_s,
                )
    fuzzing.report(record_property)


def test_the_measurement_distinguishes_quadratic_from_linear_time() -> None:
    assert grows_too_fast([length**2 * 1e-8 for length in _LENGTHS])
    assert not grows_too_fast([length * 1e-5 for length in _LENGTHS])
    # Other processes disturbed one measurement.
    assert not grows_too_fast([0.004, 0.008, 0.015, 0.045])
