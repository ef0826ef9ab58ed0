"""A trigger with its own interaction timeout and cooldown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import cast

from rasa_autoplay.engine.triggers.decorators import Matcher
from rasa_autoplay.engine.triggers.predicate import copy_hints
from rasa_autoplay.engine.triggers.types import (
    ProactiveTrigger,
    ProactiveTriggerContext,
    ProactiveTriggerResult,
    ProactiveTriggerTimings,
)

__all__ = ["META_TRIGGERING_TYPE", "TRIGGERING_TYPE_LLM_JUDGE", "ProactiveTriggerEntity"]

META_TRIGGERING_TYPE = "triggering_type"
TRIGGERING_TYPE_LLM_JUDGE = "llm_judge_validation"


class ProactiveTriggerEntity:
    """Fires when the inner trigger fires, with its own timings.

    Args:
        inner: the trigger that decides.
        timings: copied into every result.
        triggering_type: added to the metadata unless the inner trigger has set one.
    """

    wakes_at: Callable[[ProactiveTriggerContext], float | None]
    remembers: Mapping[str, Matcher]

    def __init__(
        self,
        inner: ProactiveTrigger,
        timings: ProactiveTriggerTimings | None = None,
        *,
        triggering_type: str | None = None,
    ) -> None:
        self._inner = inner
        self._timings = timings or ProactiveTriggerTimings()
        self._triggering_type = triggering_type
        copy_hints(self, inner)

    @property
    def trigger_id(self) -> str:
        """The inner trigger's id."""
        return self._inner.trigger_id

    @property
    def timings(self) -> ProactiveTriggerTimings:
        """The timings of every result."""
        return self._timings

    def evaluate(self, ctx: ProactiveTriggerContext) -> ProactiveTriggerResult | None:
        """Return the inner trigger's offer with these timings; awaitable if that trigger is ``async``."""
        result = self._inner.evaluate(ctx)
        if isinstance(result, Awaitable):
            return cast(ProactiveTriggerResult, self._awaited(result))
        return self._timed(result)

    async def _awaited(
        self, promised: Awaitable[ProactiveTriggerResult | None]
    ) -> ProactiveTriggerResult | None:
        return self._timed(await promised)

    def _timed(self, result: ProactiveTriggerResult | None) -> ProactiveTriggerResult | None:
        if result is None:
            return None
        metadata = dict(result.metadata)
        if self._triggering_type is not None:
            metadata.setdefault(META_TRIGGERING_TYPE, self._triggering_type)
        return replace(
            result,
            interaction_timeout_s=self._timings.interaction_timeout_s,
            cooldown_s=self._timings.cooldown_s,
            metadata=metadata,
        )
