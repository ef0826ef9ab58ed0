"""The trigger protocol: its context, its result, and its optional hints to the engine.

A trigger is any object with ``trigger_id`` and ``evaluate(ctx)``. Protocol, names, fields and defaults are
those of the vendor's SDK. Two optional attributes spare the engine from polling it: see ``TimeAware`` and
``Remembering``.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from rasa_autoplay.common.languages.each_language import in_each_language
from rasa_autoplay.common.shortening import shorten
from rasa_autoplay.engine.triggers.scope import ScopePolicy, validate_proactive_scope_fields
from rasa_autoplay.events.models import ActionsPayload, SlimAction

__all__ = [
    "DEFAULT_COOLDOWN_S",
    "DEFAULT_INTERACTION_TIMEOUT_S",
    "DEFAULT_PROACTIVE_CONTEXT_LOOKBACK_S",
    "DEFAULT_PROACTIVE_CONTEXT_MAX_ACTIONS",
    "PLACEHOLDERS",
    "PROACTIVE_BODY_MAX_CHARS",
    "TEMPLATE",
    "MaybeAwaited",
    "ProactiveTrigger",
    "ProactiveTriggerContext",
    "ProactiveTriggerResult",
    "ProactiveTriggerTimings",
    "Remembering",
    "TimeAware",
    "fit_toast",
]

DEFAULT_INTERACTION_TIMEOUT_S = 10.0
DEFAULT_COOLDOWN_S = 30.0
PROACTIVE_BODY_MAX_CHARS = 150
#: The key of a result's metadata that has the values for the names in braces.
PLACEHOLDERS = "placeholders"
#: The key of a result's metadata that has the text of the toast before the names are filled in.
TEMPLATE = "template"
DEFAULT_PROACTIVE_CONTEXT_LOOKBACK_S = 120.0
DEFAULT_PROACTIVE_CONTEXT_MAX_ACTIONS = 50


@dataclass(frozen=True)
class ProactiveTriggerTimings:
    """How long an offer waits for an answer, and the pause after it; seconds."""

    interaction_timeout_s: float = DEFAULT_INTERACTION_TIMEOUT_S
    cooldown_s: float = DEFAULT_COOLDOWN_S


@dataclass(frozen=True)
class ProactiveTriggerContext:
    """The data that a trigger decides from.

    Args:
        canonical_urls: one per action, in the actions' order; None if unknown.
        session_id: the analytics session.
        conversation_id: a linked chat.
        action_count: a number that the caller counts.
        product_id: the app.
        recent_actions: the window; the engine sorts it by timestamp.
        latest_summary_text: prose about earlier actions.
        prior_session_summaries: summaries of the user's earlier sessions.
        context_extra: more data by name. The engine sets ``eval_now`` (epoch seconds), ``user_id`` and
            ``email`` (None while unknown), ``remembered`` (a frozenset, see ``Remembering``),
            ``session_action_count`` (including actions outside the window), ``window_actions`` (including
            those up to ``evidence_after``, which an offer has consumed), ``user_history`` and
            ``workflow_progress`` (see ``knowledge.user_progress``; None if not available), and ``silenced``
            (a frozenset of the golden paths and pages that this trigger may not offer help with now).
    """

    canonical_urls: Sequence[str | None] = ()
    session_id: str = ""
    conversation_id: str = ""
    action_count: int = 0
    product_id: str = ""
    recent_actions: tuple[SlimAction, ...] = ()
    latest_summary_text: str = ""
    prior_session_summaries: tuple[str, ...] = ()
    context_extra: dict[str, Any] = field(default_factory=dict)

    def validate_scope(
        self, *, policy: ScopePolicy = ScopePolicy.STRICT, require_conversation: bool = False
    ) -> None:
        """Reject a context without the identifiers that the policy requires.

        Raises:
            ValueError: the policy is strict and an identifier is blank.
        """
        validate_proactive_scope_fields(
            product_id=self.product_id,
            session_id=self.session_id,
            conversation_id=self.conversation_id,
            require_conversation=require_conversation,
            policy=policy,
        )

    @classmethod
    def from_slim_actions(
        cls,
        actions: Sequence[SlimAction],
        *,
        session_id: str = "",
        conversation_id: str = "",
        product_id: str = "",
        action_count: int = 0,
        latest_summary_text: str = "",
        prior_session_summaries: tuple[str, ...] = (),
        context_extra: dict[str, Any] | None = None,
        scope_policy: ScopePolicy = ScopePolicy.STRICT,
        require_conversation: bool = False,
    ) -> ProactiveTriggerContext:
        """Build a context of exactly these actions, in this order.

        Raises:
            ValueError: the policy is strict and an identifier is blank.
        """
        context = cls(
            canonical_urls=tuple(action.canonical_url or None for action in actions),
            session_id=session_id,
            conversation_id=conversation_id,
            action_count=action_count,
            product_id=product_id,
            recent_actions=tuple(actions),
            latest_summary_text=latest_summary_text,
            prior_session_summaries=prior_session_summaries,
            context_extra=dict(context_extra or {}),
        )
        context.validate_scope(policy=scope_policy, require_conversation=require_conversation)
        return context

    @classmethod
    def from_actions_payloads(
        cls,
        payloads: Sequence[ActionsPayload],
        *,
        lookback_seconds: float | None = DEFAULT_PROACTIVE_CONTEXT_LOOKBACK_S,
        max_actions: int | None = DEFAULT_PROACTIVE_CONTEXT_MAX_ACTIONS,
        now: float | None = None,
        session_id: str = "",
        conversation_id: str = "",
        product_id: str = "",
        action_count: int = 0,
        latest_summary_text: str = "",
        prior_session_summaries: tuple[str, ...] = (),
        context_extra: dict[str, Any] | None = None,
        scope_policy: ScopePolicy = ScopePolicy.STRICT,
        require_conversation: bool = False,
    ) -> ProactiveTriggerContext:
        """Build a context from the actions of batches, in the given order.

        Args:
            payloads: one session's batches.
            lookback_seconds: batches forwarded longer ago are ignored; None for no limit.
            max_actions: only the last this many actions are used; None for no limit.
            now: epoch seconds.
            session_id, conversation_id, product_id, action_count, latest_summary_text,
            prior_session_summaries, context_extra, scope_policy, require_conversation: as above.

        Raises:
            ValueError: a limit is not positive, or the policy is strict and an identifier is blank.
        """
        if lookback_seconds is not None and lookback_seconds <= 0:
            raise ValueError(f"lookback_seconds must be > 0 or None, got {lookback_seconds!r}")
        if max_actions is not None and max_actions < 1:
            raise ValueError(f"max_actions must be >= 1 or None, got {max_actions!r}")
        since = 0.0
        if lookback_seconds is not None:
            since = (time.time() if now is None else now) - lookback_seconds
        recent = payloads if lookback_seconds is None else [p for p in payloads if p.forwarded_at >= since]
        actions = [action for payload in recent for action in payload.actions]
        return cls.from_slim_actions(
            actions if max_actions is None else actions[-max_actions:],
            session_id=session_id,
            conversation_id=conversation_id,
            product_id=product_id,
            action_count=action_count,
            latest_summary_text=latest_summary_text,
            prior_session_summaries=prior_session_summaries,
            context_extra=context_extra,
            scope_policy=scope_policy,
            require_conversation=require_conversation,
        )


@dataclass(frozen=True)
class ProactiveTriggerResult:
    """A trigger's decision to make an offer.

    Args:
        trigger_id: the trigger.
        body: the question to the user.
        reply_option_labels: labels of buttons, if the surface has buttons.
        metadata: why it fired, for logs and for people.
        interaction_timeout_s: how long the offer waits for an answer.
        cooldown_s: how long no offer follows it.
    """

    trigger_id: str
    body: str
    reply_option_labels: Sequence[str] = ()
    metadata: dict[str, Any] = field(default_factory=dict)
    interaction_timeout_s: float = DEFAULT_INTERACTION_TIMEOUT_S
    cooldown_s: float = DEFAULT_COOLDOWN_S


def fit_toast(body: str) -> str:
    """Shorten a text to the length of a toast, in each of its languages."""
    return in_each_language(body, _fit_toast)


def _fit_toast(body: str) -> str:
    return shorten(body, PROACTIVE_BODY_MAX_CHARS)


#: Return type of ``evaluate``: the result, or an awaitable of it if ``evaluate`` is ``async``.
MaybeAwaited = ProactiveTriggerResult | None | Awaitable[ProactiveTriggerResult | None]


@runtime_checkable
class ProactiveTrigger(Protocol):
    """Decides whether to make one particular offer now."""

    @property
    def trigger_id(self) -> str:
        """A name that stays the same across deployments: logs, caps and receipts use it."""

    def evaluate(self, ctx: ProactiveTriggerContext) -> MaybeAwaited:
        """Return the offer to make now, or None. It may be ``async``, unlike in the vendor's SDK."""


@runtime_checkable
class TimeAware(Protocol):
    """A trigger that knows when time alone could make it fire (not in the vendor's SDK).

    A trigger without this attribute is opaque: the engine also evaluates it on a slow tick.
    """

    def wakes_at(self, ctx: ProactiveTriggerContext) -> float | None:
        """Return when to evaluate again if nothing happens, epoch seconds; None if only a new event matters.

        A time in the past means that waiting is over, not that the trigger fires.
        """


@runtime_checkable
class Remembering(Protocol):
    """A trigger that depends on actions anywhere in the session (not in the vendor's SDK).

    The engine passes every action to the matchers once. ``ctx.context_extra["remembered"]`` has the names of
    all matchers that ever matched, even after the action has left the window.
    """

    @property
    def remembers(self) -> Mapping[str, Callable[[SlimAction], bool]]:
        """The matchers, by name."""
