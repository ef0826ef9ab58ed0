"""The circuit breaker: five failures in a row, two minutes, then one try."""

from __future__ import annotations

from rasa_autoplay.engine.assistant.circuit_breaker import FAILURES, OPEN_S, CircuitBreaker


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def broken(clock: Clock) -> CircuitBreaker:
    breaker = CircuitBreaker(clock)
    for _ in range(FAILURES):
        assert breaker.enter()
        breaker.failed()
    return breaker


def test_five_failures_open_it() -> None:
    assert (FAILURES, OPEN_S) == (5, 120.0)
    breaker = broken(Clock())
    assert breaker.is_open
    assert not breaker.enter()


def test_a_success_in_between_starts_the_count_again() -> None:
    breaker = CircuitBreaker(Clock())
    for _ in range(3 * FAILURES):
        breaker.failed()
        breaker.succeeded()
    assert breaker.enter()


def test_after_two_minutes_one_may_try() -> None:
    clock = Clock()
    breaker = broken(clock)
    clock.now = OPEN_S - 0.1
    assert not breaker.enter()
    clock.now = OPEN_S
    assert breaker.enter()
    assert not breaker.enter(), "the others wait for how it fares"
    breaker.failed()
    clock.now = 2 * OPEN_S - 0.1
    assert not breaker.enter()


def test_when_the_try_succeeds_all_may_pass() -> None:
    clock = Clock()
    breaker = broken(clock)
    clock.now = OPEN_S
    assert breaker.enter()
    breaker.succeeded()
    assert breaker.enter()
    assert breaker.enter()
