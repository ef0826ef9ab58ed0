"""Consent: what the check costs for each event that the gateway passes on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, cast

from benchmarks.figures import Figure
from rasa_autoplay.events.models import ActionsPayload, SlimAction
from rasa_autoplay.gateway.consent.not_required import ConsentNotRequired
from rasa_autoplay.gateway.consent.required_consent import RequiredConsent
from rasa_autoplay.link.messages import Event

__all__ = ["measure"]

_USERS = 10_000
_EVENTS = 200_000


async def measure() -> list[Figure]:
    """Measure the check for users who have given consent, for users who have not, and without the setting."""
    required = RequiredConsent(time.time, time.monotonic, lambda *_told: None, lambda *_told: None)
    required.guarded(cast(Any, _NoEngine()))
    for number in range(_USERS):
        required.learn(f"user-{number}", 0.0)
        required.learn(f"stranger-{number}", float("inf"))
    off = ConsentNotRequired()
    return [
        Figure(
            "consent: the check, CPU an event, users with consent", _cost(required.admitted, "user"), "µs"
        ),
        Figure("the same, users without consent", _cost(required.admitted, "stranger"), "µs"),
        Figure("the same, without the setting", _cost(off.admitted, "user"), "µs"),
    ]


class _NoEngine:
    async def ask(self, *_request: object) -> object:
        await asyncio.sleep(0)
        raise AssertionError("every user is known")


def _cost(admitted: Callable[..., object], kind: str) -> float:
    now = time.time()
    action = SlimAction("Click Save", "", "/projects", timestamp_start=now)
    events = [
        Event(ActionsPayload("demo", f"s-{each}", f"{kind}-{each}", None, [action]), "capture")
        for each in range(_USERS)
    ]
    begun = time.process_time()
    for number in range(_EVENTS):
        admitted(events[number % _USERS], bool)
    return (time.process_time() - begun) / _EVENTS * 1e6
