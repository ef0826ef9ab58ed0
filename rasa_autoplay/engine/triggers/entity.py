"""A trigger with times of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import cast

from rasa_autoplay.engine.triggers.predicate import adopt_hints
from rasa_autoplay.engine.triggers.remembering import Matcher
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
    """Fires when the inner trigger fires, with other times.

    Args:
        inner: decides.
        timings: put into every result.
        triggering_type: put into the metadata, unless the inner trigger has put one there.
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
        adopt_hints(self, inner)

    @property
    def trigger_id(self) -> str:
        """The inner trigger's."""
        return self._inner.trigger_id

    @property
    def timings(self) -> ProactiveTriggerTimings:
        """What it puts into every result."""
        return self._timings

    def evaluate(self, ctx: ProactiveTriggerContext) -> ProactiveTriggerResult | None:
        """The inner trigger's offer with these times, else None; to be awaited if the inner trigger's is."""
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
