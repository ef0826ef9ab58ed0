"""The fuzzers' common time budget, and what each of them reports."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

__all__ = ["SHARES", "Fuzzing", "fuzzing_time"]

#: Seconds for all fuzzers together.
_IN_MAKE_TEST_S, _IN_MAKE_TEST_ALL_S = 60.0, 1_800.0
#: Each test's share of it.
SHARES = {
    "slow texts": 0.24,
    "whole requests": 0.16,
    "capture": 0.10,
    "destination": 0.07,
    "pushed events": 0.07,
    "/proactive/ack": 0.03,
    "/proactive/inject": 0.03,
    "/tour/start": 0.03,
    "/tour/step": 0.03,
    "/tour/end": 0.03,
    "/tour/problem": 0.02,
    "/consent": 0.01,
    "/proactive/explain": 0.02,
    "/tips": 0.02,
    "recorder": 0.02,
    "proposals": 0.01,
    "offers": 0.02,
    "payloads: push": 0.03,
    "payloads: stream": 0.03,
    "payloads: live_activity": 0.03,
}


def fuzzing_time() -> pytest.MarkDecorator:
    """Run a fuzzer for its share of either budget; ``budget_s`` is the budget of all."""
    at_length = pytest.param(_IN_MAKE_TEST_ALL_S, marks=[pytest.mark.slow, pytest.mark.timeout(3_600)])
    return pytest.mark.parametrize("budget_s", [_IN_MAKE_TEST_S, at_length])


class Fuzzing:
    """One fuzzer's time and its worst case.

    Args:
        name: a key of ``SHARES``.
        budget_s: seconds for all fuzzers together.
    """

    def __init__(self, name: str, budget_s: float) -> None:
        self._name = name
        self._until = time.monotonic() + SHARES[name] * budget_s
        self.cases = 0
        self._worst = (0.0, "")

    @property
    def has_time(self) -> bool:
        """Whether there is time for another case; always true for the first."""
        return self.cases == 0 or time.monotonic() < self._until

    @contextmanager
    def case(self, size: int, what: str = "") -> Iterator[None]:
        """Measure a case.

        Args:
            size: bytes of input; less than 1 kB counts as 1 kB.
            what: the case's name.
        """
        begun = time.thread_time()
        try:
            yield
        finally:
            self.took(time.thread_time() - begun, size, what)

    def took(self, cpu_s: float, size: int, what: str = "") -> None:
        """Count a case that was measured elsewhere."""
        self.cases += 1
        self._worst = max(self._worst, (cpu_s / max(1.0, size / 1_000), what))

    def report(self, record_property: Callable[[str, object], None]) -> None:
        """Record the line that ``tests/conftest.py`` prints at the end of the run."""
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
        worst_s, what = self._worst
        cause = f" ({what})" if what else ""
        record_property(
            "fuzzer",
            f"{self._name}: {self.cases} cases, worst {worst_s * 1_000:.2f} ms of CPU for a kB{cause}, "
            f"peak {peak_mb:.0f} MB",
        )
        assert self.cases > 10
