"""A trigger made of a function: true means fire."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, cast

from rasa_autoplay.engine.triggers.remembering import Matcher
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext, ProactiveTriggerResult

__all__ = ["PredicateProactiveTrigger", "adopt_hints"]

_HINTS = ("wakes_at", "remembers", "interest", "explain")


def adopt_hints(trigger: object, source: object) -> None:
    """Give a trigger what its parts say of themselves (``wakes_at``, ``remembers`` and so on).

    They are set on the instance only then, since a trigger without them means something else to the engine.
    """
    for name in _HINTS:
        if hasattr(source, name):
            setattr(trigger, name, getattr(source, name))


class PredicateProactiveTrigger:
    """Fires with a fixed text while ``predicate(ctx)`` is true.

    Args:
        trigger_id: its name in logs, caps and receipts.
        body: what is said.
        predicate: looks at the context; it may be ``async``. Its attributes ``wakes_at`` and ``remembers``,
            where it has them (``only_events``, ``remembers``), become the trigger's own.
        reply_option_labels: buttons, where the surface has them.
        metadata: goes into every result.
        metadata_fn: makes the metadata of each context instead.
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
        self._reply_option_labels = tuple(reply_option_labels)
        self._metadata = dict(metadata or {})
        self._metadata_fn = metadata_fn
        adopt_hints(self, predicate)

    @property
    def trigger_id(self) -> str:
        """The name given."""
        return self._trigger_id

    def evaluate(self, ctx: ProactiveTriggerContext) -> ProactiveTriggerResult | None:
        """The offer while the predicate is true, else None; to be awaited if the predicate is ``async``."""
        if inspect.iscoroutinefunction(self._predicate):
            return cast(ProactiveTriggerResult, self._awaited(ctx, self._predicate))
        return self._answer(ctx, self._predicate(ctx))

    async def _awaited(
        self,
        ctx: ProactiveTriggerContext,
        predicate: Callable[[ProactiveTriggerContext], Awaitable[bool]],
    ) -> ProactiveTriggerResult | None:
        return self._answer(ctx, await predicate(ctx))

    def _answer(self, ctx: ProactiveTriggerContext, fires: object) -> ProactiveTriggerResult | None:
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
