"""The finite state machine (FSM) of one session, which decides whether the copilot may speak first.

                    toast is shown, no cooldown runs
        THINKING ─────────────────────────────────────► PROACTIVE
           ▲ │ ▲                                            │
           │ │ └──────── interaction timeout, by tick() ────┘
           │ │
           │ └───── user asks; clears the cooldown ────► REACTIVE
           └──────────── interaction timeout, by tick() ────┘

A timeout starts the cooldown. PROACTIVE and REACTIVE never turn into each other.

Names, defaults and rules are those of the vendor's SDK, except where noted here:

* Times are wall-clock epoch seconds and can be passed in as ``now``; the SDK reads a monotonic clock, whose
  values mean nothing after a restart or on another host.
* A timeout or cooldown ends exactly *at* its due time; the SDK's timeout ends after it. Both sides compute
  the same sum, so a timer set to ``next_change_at()`` sees the change whatever floating point rounds.
* A tour is found by its own id or by its provider's flow id; the SDK knows only the flow id.
* ``session_id`` is optional, and nothing is logged, because the caller knows what it did.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any, Protocol

from rasa_autoplay.engine.sessions.phases import ProactiveState, ReactiveState, ThinkingState, wall_clock
from rasa_autoplay.errors import AutoplayError

__all__ = [
    "AgentStateV2",
    "ConversationLink",
    "InvalidTransitionError",
    "ProactiveState",
    "ReactiveState",
    "SessionState",
    "ThinkingState",
    "TourTimes",
    "ToursById",
]

_SNAPSHOT_VERSION = 1


class AgentStateV2(str, Enum):
    """What the copilot is doing in a session."""

    THINKING = "thinking"
    PROACTIVE = "proactive_assistance"
    REACTIVE = "reactive_assistance"


class InvalidTransitionError(AutoplayError, ValueError):
    """The FSM does not allow this transition from its current state."""


class TourTimes(Protocol):
    """A tour's timeout and cooldown, in seconds."""

    @property
    def interaction_timeout_s(self) -> float:
        """After this long without an interaction, the session times out."""

    @property
    def cooldown_period_s(self) -> float:
        """After the timeout, no offers are made for this long."""


class ToursById(Protocol):
    """Finds tours for the FSM; ``TourRegistry`` implements it."""

    def resolve(self, tour_id: str) -> TourTimes | None:
        """Return the tour with that id, its own or its provider's; None if there is none."""


class ConversationLink(Protocol):
    """A chat that belongs to the session."""

    @property
    def conversation_id(self) -> str:
        """Id of the chat."""

    @property
    def is_reply_existing(self) -> bool:
        """Whether an earlier chat continues, rather than a new one."""


@dataclass(slots=True)
class SessionState:
    """The FSM of one session.

    Args:
        session_id: id of the analytics session.
        metadata: any JSON-able data that the caller wants to store with it.
        current_state: the current state.
        last_interaction_at: time of the last chat message, click, reaction or tour step, epoch seconds.
        interaction_timeout_s: the session's timeout; a running tour may override it.
        cooldown_period_s: the session's cooldown; the tour that ran may override it.
        visual_guidance_active: whether a tour is running.
        active_tour_id: the running tour's own id or its provider's flow id.
        conversation_linked: whether a chat is known.
        conversation_id: id of that chat.
    """

    session_id: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    current_state: AgentStateV2 = AgentStateV2.THINKING
    last_interaction_at: float = field(default_factory=time.time)
    interaction_timeout_s: float = 20.0
    cooldown_period_s: float = 60.0
    visual_guidance_active: bool = False
    active_tour_id: str | None = None
    conversation_linked: bool = False
    conversation_id: str | None = None
    thinking: ThinkingState = field(default_factory=ThinkingState)
    proactive: ProactiveState = field(default_factory=ProactiveState)
    reactive: ReactiveState = field(default_factory=ReactiveState)

    def tick(self, tour_registry: ToursById | None = None, *, now: float | None = None) -> None:
        """Apply the passage of time: end the cooldown, or time out.

        Args:
            tour_registry: has the running tour's own timeout and cooldown.
            now: epoch seconds.
        """
        now = wall_clock(now)
        timer = self._quiet_timer()
        if timer is None:
            self.thinking.tick(self.cooldown_period_s, now=now)
            return
        timeout_s, cooldown_s = self._times(tour_registry)
        if now < self.last_interaction_at + timeout_s:
            timer.tick(now=now)
            return
        self.current_state = AgentStateV2.THINKING
        self.visual_guidance_active = False
        self.active_tour_id = None
        self.thinking.start_cooldown(cooldown_s, now=now)

    def next_change_at(self, tour_registry: ToursById | None = None) -> float | None:
        """When the state changes by itself, epoch seconds; None if only an event can change it.

        ``tick(tour_registry, now=…)`` at exactly that time makes the change.
        """
        if self.current_state is AgentStateV2.THINKING:
            return self.thinking.ends_at(self.cooldown_period_s)
        return self.last_interaction_at + self._times(tour_registry)[0]

    def _times(self, tours: ToursById | None) -> tuple[float, float]:
        """Return timeout and cooldown in seconds: the running tour's, or else the session's."""
        tour = tours.resolve(self.active_tour_id) if tours is not None and self.active_tour_id else None
        times = self if tour is None else tour
        return times.interaction_timeout_s, times.cooldown_period_s

    def _quiet_timer(self) -> ProactiveState | ReactiveState | None:
        if self.current_state is AgentStateV2.PROACTIVE:
            return self.proactive
        return self.reactive if self.current_state is AgentStateV2.REACTIVE else None

    def record_any_interaction(self, *, now: float | None = None) -> None:
        """Restart the interaction timer."""
        self.last_interaction_at = wall_clock(now)

    def record_user_interaction(self, *, now: float | None = None) -> None:
        """Record that the user wrote in the chat. In THINKING this does not change the state."""
        self.last_interaction_at = now = wall_clock(now)
        if (timer := self._quiet_timer()) is not None:
            timer.record_user_interaction(now=now)

    #: A reaction to a message, or a tour step, restarts the timer as a chat message does.
    record_reaction = record_tour_step = record_user_interaction

    def record_option_click(self, *, now: float | None = None) -> None:
        """Record that the user pressed a button of the offer."""
        self.last_interaction_at = now = wall_clock(now)
        if self.current_state is AgentStateV2.PROACTIVE:
            self.proactive.record_option_click(now=now)

    def on_conversation_linked(self, link: ConversationLink) -> None:
        """Remember the chat; a continued chat does not replace a known one."""
        if not (self.conversation_linked and link.is_reply_existing):
            self.conversation_linked = True
            self.conversation_id = link.conversation_id

    def transition_to_reactive(self, *, now: float | None = None) -> None:
        """Record that the user asks: THINKING → REACTIVE, which also ends a cooldown.

        Raises:
            InvalidTransitionError: the FSM is not in THINKING.
        """
        self._require_thinking("REACTIVE")
        now = wall_clock(now)
        self.current_state = AgentStateV2.REACTIVE
        self.last_interaction_at = now
        self.reactive = ReactiveState(last_interaction_at=now)
        self.thinking.clear_cooldown()

    def transition_to_proactive(self, trigger_id: str, *, now: float | None = None) -> bool:
        """Record a proactive message: THINKING → PROACTIVE, unless a cooldown is running.

        Args:
            trigger_id: the trigger's id, for the error's text.
            now: epoch seconds.

        Returns:
            False if a cooldown forbids it; then nothing changes.

        Raises:
            InvalidTransitionError: the FSM is not in THINKING.
        """
        self._require_thinking(f"PROACTIVE for trigger {trigger_id!r}")
        now = wall_clock(now)
        self.thinking.tick(self.cooldown_period_s, now=now)
        if not self.thinking.can_go_proactive:
            return False
        self.current_state = AgentStateV2.PROACTIVE
        self.last_interaction_at = now
        self.proactive = ProactiveState(last_interaction_at=now)
        return True

    def _require_thinking(self, target: str) -> None:
        if self.current_state is not AgentStateV2.THINKING:
            raise InvalidTransitionError(
                f"{self.current_state.name} cannot become {target}: only THINKING can, "
                "and tick() returns to it when the interaction timeout is over"
            )

    def can_deliver_proactive(self, *, now: float | None = None) -> tuple[bool, str]:
        """Return whether an offer may be made, and the reason.

        Args:
            now: epoch seconds; None for the answer as of the last tick.

        Returns:
            ``(True, "ok")``, ``(False, "v2_state_<state>")`` or ``(False, "v2_cooldown_active")``.
        """
        if self.current_state is not AgentStateV2.THINKING:
            return False, f"v2_state_{self.current_state.value}"
        ends_at = self.thinking.ends_at(self.cooldown_period_s)
        if ends_at is not None and (now is None or now < ends_at):
            return False, "v2_cooldown_active"
        return True, "ok"

    def set_visual_guidance(
        self, active: bool, tour_id: str | None = None, *, now: float | None = None
    ) -> None:
        """Record that a tour starts (which restarts the interaction timer) or ends.

        Raises:
            InvalidTransitionError: the FSM is in THINKING.
        """
        timer = self._quiet_timer()
        if timer is None:
            raise InvalidTransitionError(
                "a tour cannot start or end in THINKING: go to PROACTIVE or REACTIVE first"
            )
        self.visual_guidance_active = active
        self.active_tour_id = tour_id if active else None
        if active:
            self.record_user_interaction(now=now)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able snapshot, if ``metadata`` is JSON-able."""
        parts = {name: getattr(self, name).to_dict() for name in _PARTS}
        plain = {name: getattr(self, name) for name in _PLAIN}
        snapshot = {"_v": _SNAPSHOT_VERSION, "current_state": self.current_state.value, **plain, **parts}
        return {**snapshot, "metadata": dict(self.metadata)}

    @classmethod
    def from_dict(cls, d: Mapping[str, Any], *, now: float | None = None) -> SessionState:
        """Restore a snapshot; missing fields get their defaults, and an unknown state becomes THINKING.

        Raises:
            ValueError: the snapshot has another version.
        """
        if d.get("_v") != _SNAPSHOT_VERSION:
            raise ValueError(f"Unknown SessionState snapshot version: {d.get('_v')!r}")
        known = {name: d[name] for name in _PLAIN if d.get(name) is not None}
        now = wall_clock(now)
        known.setdefault("last_interaction_at", now)
        try:
            current_state = AgentStateV2(d.get("current_state"))
        except ValueError:
            current_state = AgentStateV2.THINKING
        return cls(
            **known,
            metadata=dict(d.get("metadata") or {}),
            current_state=current_state,
            thinking=ThinkingState.from_dict(d.get("thinking") or {}),
            proactive=ProactiveState.from_dict(d.get("proactive") or {}, now=now),
            reactive=ReactiveState.from_dict(d.get("reactive") or {}, now=now),
        )


_PARTS = ("thinking", "proactive", "reactive")
_PLAIN = tuple(f.name for f in fields(SessionState) if f.name not in (*_PARTS, "metadata", "current_state"))
