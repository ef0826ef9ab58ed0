"""No text freezes a pattern: twice the text takes at most about twice the time."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from support.patterns import Use, patterns_in_use, unnamed_patterns
from support.pump_strings import attacks_on

#: Modules that read only the team's own files before serving, and those that need Rasa.
OWN_FILES = frozenset(
    {
        "channel",
        "chat_channel",
        "gateway.routes.browser_script",
        "settings",
        "tools.cli",
        "tools.doctor",
        "tools.project_setup",
        "tools.validation.repairs",
    }
)
#: Patterns that are compiled at run time, and why each is linear.
BUILT = {
    # The team's own {regex: …}; texts are truncated before matching.
    "rasa_autoplay.engine.matching.patterns: expression",
    # Escaped labels, each between at most one sign.
    "rasa_autoplay.engine.freshness.plain_steps: f'{_QUOTES}{name}{_QUOTES}|{start}{name}{end}'",
    # Escaped names of controls.
    "rasa_autoplay.engine.knowledge.control_names: '|'.join(patterns)",
}
USES = patterns_in_use(OWN_FILES)
_LENGTH = 1_000
#: Times below this (seconds) say nothing about growth on a busy machine.
_NOISE_S = 0.004
#: A time above this (seconds) for such a short text proves the fault.
_TOO_LONG_S = 0.5


def cpu_s(run: Callable[[str], object], text: str) -> float:
    def once() -> float:
        begun = time.thread_time()
        run(text)
        return time.thread_time() - begun

    first = once()
    return first if first < _NOISE_S else min(first, once(), once())


def measured(use: Use, short: str, long: str) -> tuple[float, float]:
    """Return the times for both texts, measured up to three times because other processes add noise."""
    for _ in range(3):
        half_s = cpu_s(use.run, short)
        taken_s = cpu_s(use.run, long) if half_s < _TOO_LONG_S else float("inf")
        if taken_s > _TOO_LONG_S or not is_slow(half_s, taken_s):
            break
    return half_s, taken_s


def is_slow(half_s: float, taken_s: float) -> bool:
    """Return whether a text took more than three times as long as one of half its length."""
    return taken_s > _NOISE_S and taken_s > 3 * half_s


def slow_texts(use: Use) -> list[tuple[str, float, float]]:
    """Return texts for which twice the length takes more than three times the time."""
    slow = []
    for short, long in zip(
        attacks_on(use.pattern, _LENGTH), attacks_on(use.pattern, 2 * _LENGTH), strict=True
    ):
        half_s, taken_s = measured(use, short, long)
        if is_slow(half_s, taken_s):
            slow.append((long[:80], half_s, taken_s))
            if taken_s > _TOO_LONG_S:
                break
    return slow


def test_checks_every_pattern() -> None:
    assert len(USES) > 100
    assert set(unnamed_patterns(OWN_FILES)) == BUILT


@pytest.mark.slow
def test_detects_a_careless_pattern() -> None:
    for careless in (r"\s+$", r"a\s*b?\s*c", r"[\w.]+@"):
        assert slow_texts(Use("careless", re.compile(careless), {"search"})), careless


@pytest.mark.parametrize("use", USES, ids=lambda use: use.name)
def test_matching_time_grows_linearly_with_the_text(use: Use) -> None:
    assert slow_texts(use) == []
