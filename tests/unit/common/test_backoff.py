"""Waits between attempts."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.run import asynchronous

from rasa_autoplay.common.runtime.backoff import Backoff, Retry


@given(
    initial_s=st.floats(0.01, 10), factor=st.floats(1, 1000), failures=st.integers(1, 2000), tries=st.just(8)
)
def test_waits_stay_within_their_limits_and_a_fifth_of_them_is_random(
    initial_s: float, factor: float, failures: int, tries: int
) -> None:
    backoff = Backoff(initial_s, initial_s * factor)
    waits = {backoff.wait_s(failures) for _ in range(tries)}

    assert min(waits) >= initial_s / 1.25
    assert max(waits) <= backoff.max_s
    assert max(waits) <= 1.25 * min(waits) * (1 + 1e-9)
    assert len(waits) > 1


@asynchronous
async def test_wait_grows_after_each_failure_and_resets_after_a_success(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []

    async def sleep(wait_s: float) -> None:
        waits.append(wait_s)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    retry = Retry(Backoff(1.0, 1000.0))
    for _ in range(4):
        await retry.wait()
    retry.succeeded()
    await retry.wait()

    assert waits[:4] == sorted(waits[:4])
    assert waits[3] >= 8 > 2 > waits[4]
