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
    """Asks triggers in order, the most important first.

    Only the engine can await a trigger: here, one whose ``evaluate`` is ``async`` counts as one that raises.

    A trigger that raises counts as one that does not fire, so that a mistake in one does not silence the
    others (the vendor's SDK lets the exception through). Its first exception is logged with its traceback,
    all are counted in ``failures``.

    Args:
        triggers: in order of priority.
    """

    def __init__(self, triggers: Sequence[ProactiveTrigger]) -> None:
        self._triggers = tuple(triggers)
        #: How often each trigger has raised, by its id.
        self.failures: Counter[str] = Counter()

    @property
    def triggers(self) -> tuple[ProactiveTrigger, ...]:
        """The triggers, in order of priority."""
        return self._triggers

    def evaluate_first(self, ctx: ProactiveTriggerContext) -> ProactiveTriggerResult | None:
        """The offer of the first trigger that fires; the others are not asked."""
        return next(self._firing(ctx), None)

    def evaluate_all(self, ctx: ProactiveTriggerContext) -> list[ProactiveTriggerResult]:
        """The offers of all triggers that fire, in order of priority."""
        return list(self._firing(ctx))

    def _firing(self, ctx: ProactiveTriggerContext) -> Iterator[ProactiveTriggerResult]:
        for trigger in self._triggers:
            try:
                result = _at_once(trigger.evaluate(ctx))
            except Exception:
                self._count_failure(trigger.trigger_id)
                continue
            if result is not None:
                yield result

    def _count_failure(self, trigger_id: str) -> None:
        self.failures[trigger_id] += 1
        if self.failures[trigger_id] == 1:
            logger.exception("trigger %s raised; it counts as not firing, and is asked again", trigger_id)


def _at_once(answer: MaybeAwaited) -> ProactiveTriggerResult | None:
    if not isinstance(answer, Awaitable):
        return answer
    if isinstance(answer, Coroutine):
        answer.close()
    raise TypeError("evaluate is async: name the trigger in autoplay.yml, so that the engine awaits it")
