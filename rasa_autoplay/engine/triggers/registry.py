"""Triggers in order of priority."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Awaitable, Coroutine, Iterator, Sequence

from rasa_autoplay.engine.triggers.types import (
    MaybeAwaited,
    ProactiveTrigger,
    ProactiveTriggerContext,
    ProactiveTriggerResult,
)

__all__ = ["ProactiveTriggerRegistry"]

logger = logging.getLogger(__name__)


class ProactiveTriggerRegistry:
    """Evaluates triggers in order, the most important first.

    A trigger that raises counts as not firing, so that a mistake in one does not silence the others (the
    vendor's SDK propagates the exception). Its first exception is logged with a traceback; all are counted in
    ``failures``. Only the engine can await a trigger: here, an ``async`` ``evaluate`` counts as raising.

    Args:
        triggers: in order of priority.
    """

    def __init__(self, triggers: Sequence[ProactiveTrigger]) -> None:
        self._triggers = tuple(triggers)
        #: Number of exceptions by trigger id.
        self.failures: Counter[str] = Counter()

    @property
    def triggers(self) -> tuple[ProactiveTrigger, ...]:
        """The triggers, in order of priority."""
        return self._triggers

    def evaluate_first(self, ctx: ProactiveTriggerContext) -> ProactiveTriggerResult | None:
        """Return the offer of the first trigger that fires; the rest are not evaluated."""
        return next(self._firing(ctx), None)

    def evaluate_all(self, ctx: ProactiveTriggerContext) -> list[ProactiveTriggerResult]:
        """Return the offers of all triggers that fire, in order of priority."""
        return list(self._firing(ctx))

    def _firing(self, ctx: ProactiveTriggerContext) -> Iterator[ProactiveTriggerResult]:
        for trigger in self._triggers:
            try:
                result = _without_await(trigger.evaluate(ctx))
            except Exception:
                self._count_failure(trigger.trigger_id)
                continue
            if result is not None:
                yield result

    def _count_failure(self, trigger_id: str) -> None:
        self.failures[trigger_id] += 1
        if self.failures[trigger_id] == 1:
            logger.exception(
                "trigger %s raised an exception; it counts as not firing and will be evaluated again",
                trigger_id,
            )


def _without_await(result: MaybeAwaited) -> ProactiveTriggerResult | None:
    if not isinstance(result, Awaitable):
        return result
    if isinstance(result, Coroutine):
        result.close()
    raise TypeError("evaluate is async: name the trigger in autoplay.yml, so that the engine awaits it")
