"""A trigger made from a function that returns whether to fire."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, cast

from rasa_autoplay.engine.triggers.decorators import Matcher
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext, ProactiveTriggerResult

__all__ = ["PredicateProactiveTrigger", "copy_hints"]

_HINTS = ("wakes_at", "remembers", "interest", "explain")


def copy_hints(trigger: object, source: object) -> None:
    """Copy the hints to the engine (``wakes_at``, ``remembers`` and so on) that ``source`` has.

    Only existing hints are set, because the engine treats a trigger without a hint differently.
    """
    for name in _HINTS:
        if hasattr(source, name):
            setattr(trigger, name, getattr(source, name))


class PredicateProactiveTrigger:
    """Fires with a fixed text while ``predicate(ctx)`` is true.

    Args:
        trigger_id: its name in logs, caps and receipts.
        body: the text of the toast.
        predicate: decides from the context; it may be ``async``. The trigger copies its hints, which the
            decorators ``only_events`` and ``remembers`` set.
        reply_option_labels: labels of buttons, if the surface has buttons.
        metadata: copied into every result.
        metadata_fn: computes the metadata from the context instead.
    """

    wakes_at: Callable[[ProactiveTriggerContext], float | None]
    remembers: Mapping[str, Matcher]

    def __init__(
        self,
        *,
        trigger_id: str,
        body: str,
        predicate: Callable[[ProactiveTriggerContext], bool | Awaitable[bool]],
        reply_option_labels: Sequence[str] = (),
        metadata: Mapping[str, Any] | None = None,
        metadata_fn: Callable[[ProactiveTriggerContext], Mapping[str, Any]] | None = None,
    ) -> None:
        self._trigger_id = trigger_id
        self._body = body
        self._predicate = predicate
        # Asked once, because every event evaluates the trigger.
        self._is_async = inspect.iscoroutinefunction(predicate)
        self._reply_option_labels = tuple(reply_option_labels)
        self._metadata = dict(metadata or {})
        self._metadata_fn = metadata_fn
        copy_hints(self, predicate)

    @property
    def trigger_id(self) -> str:
        """The trigger's id."""
        return self._trigger_id

    def evaluate(self, ctx: ProactiveTriggerContext) -> ProactiveTriggerResult | None:
        """Return the offer while the predicate is true; awaitable if the predicate is ``async``."""
        if self._is_async:
            predicate = cast(Callable[[ProactiveTriggerContext], Awaitable[bool]], self._predicate)
            return cast(ProactiveTriggerResult, self._awaited(ctx, predicate))
        fires = self._predicate(ctx)
        return self._result(ctx, fires) if fires else None

    async def _awaited(
        self,
        ctx: ProactiveTriggerContext,
        predicate: Callable[[ProactiveTriggerContext], Awaitable[bool]],
    ) -> ProactiveTriggerResult | None:
        return self._result(ctx, await predicate(ctx))

    def _result(self, ctx: ProactiveTriggerContext, fires: object) -> ProactiveTriggerResult | None:
        if inspect.iscoroutine(fires):
            fires.close()
            raise TypeError('the predicate gives a coroutine: write it with "async def"')
        if not fires:
            return None
        metadata = self._metadata if self._metadata_fn is None else self._metadata_fn(ctx)
        return ProactiveTriggerResult(
            trigger_id=self._trigger_id,
            body=self._body,
            reply_option_labels=self._reply_option_labels,
            metadata=dict(metadata),
        )
