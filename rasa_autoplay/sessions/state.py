"""May the copilot speak first? The finite state machine of one session.

                    trigger fires, no cooldown runs
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
* A timeout or cooldown is over *at* its due time (the SDK's timeout only after it), and both sides compare the
  same sum: a timer set to ``next_change_at()`` sees the change however floating point rounds.
* A tour is found by its own id or by its provider's flow id; the SDK knows the flow id only.
* ``session_id`` may be left out, and nothing is logged: the caller knows what it did.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

__all__ = [
    "AgentStateV2",
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


class InvalidTransitionError(ValueError):
    """The FSM does not allow this step from the state that it is in."""


class TourTimes(Protocol):
    """What the FSM needs to know of a tour, in seconds."""

    @property
    def interaction_timeout_s(self) -> float:
        """Without an interaction for this long, the session times out."""

    @property
    def cooldown_period_s(self) -> float:
        """After that, no offer for this long."""


class ToursById(Protocol):
    """Where the FSM finds a tour; ``TourRegistry`` is one."""

    def resolve(self, tour_id: str) -> TourTimes | None:
        """The tour with this id, its own or its provider's; None when there is none."""


@dataclass(slots=True)
class ThinkingState:
    """The cooldown, while the session is THINKING.

    Args:
        cooldown_active: True blocks offers.
        cooldown_started_at: epoch seconds.
        active_cooldown_period_s: a tour's own period; None for the session's.
    """

    cooldown_active: bool = False
    cooldown_started_at: float = 0.0
    active_cooldown_period_s: float | None = None

    @property
    def can_go_proactive(self) -> bool:
        """True when no cooldown was running at the last tick."""
        return not self.cooldown_active

    def start_cooldown(self, override_period_s: float | None = None, *, now: float | None = None) -> None:
        """Start the cooldown, with a tour's own period where given."""
        self.cooldown_active = True
        self.cooldown_started_at = _at(now)
        self.active_cooldown_period_s = override_period_s

    def clear_cooldown(self) -> None:
        """End the cooldown, whether or not its time has come."""
        self.cooldown_active = False
        self.cooldown_started_at = 0.0
        self.active_cooldown_period_s = None

    def ends_at(self, cooldown_period_s: float) -> float | None:
        """When the cooldown ends, epoch seconds, given the session's own period; None when none runs."""
        if not self.cooldown_active:
            return None
        period = self.active_cooldown_period_s
        return self.cooldown_started_at + (cooldown_period_s if period is None else period)

    def tick(self, cooldown_period_s: float, *, now: float | None = None) -> None:
        """End the cooldown if its time has come, given the session's own period."""
        due = self.ends_at(cooldown_period_s)
        if due is not None and _at(now) >= due:
            self.clear_cooldown()

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able snapshot."""
        return {
            "cooldown_active": self.cooldown_active,
            "cooldown_started_at": self.cooldown_started_at,
            "active_cooldown_period_s": self.active_cooldown_period_s,
        }

    @classmethod
    def from_dict(cls, d: Mapping[str, Any]) -> ThinkingState:
        """Restore a snapshot; what it lacks becomes the default."""
        return cls(
            cooldown_active=bool(d.get("cooldown_active")),
            cooldown_started_at=d.get("cooldown_started_at") or 0.0,
            active_cooldown_period_s=d.get("active_cooldown_period_s"),
        )


@dataclass(slots=True)
class ReactiveState:
    """Since when the user has been quiet, while the session is REACTIVE.

    Args:
        time_since_last_interaction_s: as of the last tick; chat, reaction or tour step, whichever came last.
        last_interaction_at: epoch seconds.
    """

    time_since_last_interaction_s: float = 0.0
    last_interaction_at: float = field(default_factory=time.time, repr=False)

    def record_user_interaction(self, *, now: float | None = None) -> None:
        """The user wrote in the chat."""
        self.last_interaction_at = _at(now)
        self.time_since_last_interaction_s = 0.0

    def record_reaction(self, *, now: float | None = None) -> None:
        """The user reacted to a message."""
        self.record_user_interaction(now=now)

    def record_tour_step(self, *, now: float | None = None) -> None:
        """A tour went on, whether or not the chat was ever open."""
        self.record_user_interaction(now=now)

    def tick(self, *, now: float | None = None) -> None:
        """Bring ``time_since_last_interaction_s`` up to date."""
        self.time_since_last_interaction_s = _at(now) - self.last_interaction_at

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able snapshot."""
        return {
            "time_since_last_interaction_s": self.time_since_last_interaction_s,
            "last_message_at": self.last_interaction_at,
        }

    @classmethod
    def from_dict(cls, d: Mapping[str, Any], *, now: float | None = None) -> ReactiveState:
        """Restore a snapshot; what it lacks becomes the default."""
        return cls(
            time_since_last_interaction_s=d.get("time_since_last_interaction_s") or 0.0,
            last_interaction_at=_number_or(d.get("last_message_at"), now),
        )


@dataclass(slots=True)
class ProactiveState:
    """Since when the user has been quiet, and whether they took an option, while the session is PROACTIVE.

    Args:
        user_clicked_option: True once a button of the offer was pressed.
        time_since_last_interaction_s: as of the last tick; of any kind.
        last_interaction_at: epoch seconds.
    """

    user_clicked_option: bool = False
    time_since_last_interaction_s: float = 0.0
    last_interaction_at: float = field(default_factory=time.time, repr=False)

    def record_user_interaction(self, *, now: float | None = None) -> None:
        """The user wrote in the chat."""
        self.last_interaction_at = _at(now)
        self.time_since_last_interaction_s = 0.0

    def record_option_click(self, *, now: float | None = None) -> None:
        """The user pressed a button of the offer."""
        self.user_clicked_option = True
        self.record_user_interaction(now=now)

    def record_reaction(self, *, now: float | None = None) -> None:
        """The user reacted to a message."""
        self.record_user_interaction(now=now)

    def record_tour_step(self, *, now: float | None = None) -> None:
        """A tour went on, whether or not the chat was ever open."""
        self.record_user_interaction(now=now)

    def tick(self, *, now: float | None = None) -> None:
        """Bring ``time_since_last_interaction_s`` up to date."""
        self.time_since_last_interaction_s = _at(now) - self.last_interaction_at

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able snapshot."""
        return {
            "user_clicked_option": self.user_clicked_option,
            "time_since_last_interaction_s": self.time_since_last_interaction_s,
            "last_message_at": self.last_interaction_at,
        }

    @classmethod
    def from_dict(cls, d: Mapping[str, Any], *, now: float | None = None) -> ProactiveState:
        """Restore a snapshot; what it lacks becomes the default."""
        return cls(
            user_clicked_option=bool(d.get("user_clicked_option")),
            time_since_last_interaction_s=d.get("time_since_last_interaction_s") or 0.0,
            last_interaction_at=_number_or(d.get("last_message_at"), now),
        )
