"""The circuit breaker: five consecutive failures open it for two minutes, then one trial."""

from __future__ import annotations

import asyncio

from rasa_autoplay.engine.assistant.circuit_breaker import FAILURES, OPEN_S, CircuitBreaker


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def broken(clock: Clock) -> CircuitBreaker:
    breaker = CircuitBreaker(clock)
    for _ in range(FAILURES):
        assert breaker.enter()
        breaker.failed(asyncio.TimeoutError())
    return breaker


def test_five_failures_open_the_breaker() -> None:
    assert (FAILURES, OPEN_S) == (5, 120.0)
    breaker = broken(Clock())
    assert breaker.is_open
    assert not breaker.enter()


def test_success_resets_the_failure_count() -> None:
    breaker = CircuitBreaker(Clock())
    for _ in range(3 * FAILURES):
        breaker.failed(asyncio.TimeoutError())
        breaker.succeeded()
    assert breaker.enter()


def test_allows_one_trial_after_two_minutes() -> None:
    clock = Clock()
    breaker = broken(clock)
    clock.now = OPEN_S - 0.1
    assert not breaker.enter()
    clock.now = OPEN_S
    assert breaker.enter()
    assert not breaker.enter(), "the others wait for how it fares"
    breaker.failed(asyncio.TimeoutError())
    clock.now = 2 * OPEN_S - 0.1
    assert not breaker.enter()


def test_successful_trial_closes_the_breaker() -> None:
    clock = Clock()
    breaker = broken(clock)
    clock.now = OPEN_S
    assert breaker.enter()
    breaker.succeeded()
    assert breaker.enter()
    assert breaker.enter()


def test_health_reports_the_failure_until_the_next_success() -> None:
    clock = Clock()
    breaker = CircuitBreaker(clock)
    counts = {"asked": 1}
    assert breaker.health("idle", counts) == {"state": "idle", "asked": 1}
    breaker.failed(asyncio.TimeoutError())
    health = breaker.health("idle", counts)
    assert (health["state"], health["asked"]) == ("failed", 1)
    assert "does not answer in time: check llm in autoplay.yml" in health["remedy"]
    breaker.failed(ValueError("sk-s3cret"))
    remedy = breaker.health("idle", counts)["remedy"]
    assert "ValueError" in remedy
    assert "s3cret" not in remedy
    assert "gets no requests" not in remedy
    for _ in range(FAILURES):
        breaker.failed(asyncio.TimeoutError())
    assert "gets no requests" in breaker.health("idle", counts)["remedy"]
    clock.now = 2 * OPEN_S
    assert breaker.health("idle", counts)["state"] == "failed", "nobody has seen it work since"
    breaker.succeeded()
    assert breaker.health("connected", counts)["state"] == "connected"
