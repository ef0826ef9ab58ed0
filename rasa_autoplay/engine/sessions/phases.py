"""The data of the FSM's three states."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["ProactiveState", "ReactiveState", "ThinkingState", "wall_clock"]


def wall_clock(now: float | None) -> float:
    """Return ``now``, or the current time if it is None; epoch seconds."""
    return time.time() if now is None else now


@dataclass(slots=True)
class ThinkingState:
    """The cooldown, while the session is THINKING.

    Args:
        cooldown_active: whether a cooldown blocks offers.
        cooldown_started_at: epoch seconds.
        active_cooldown_period_s: a tour's own period; None for the session's.
    """

    cooldown_active: bool = False
    cooldown_started_at: float = 0.0
    active_cooldown_period_s: float | None = None

    @property
    def can_go_proactive(self) -> bool:
        """Whether no cooldown was running at the last tick."""
        return not self.cooldown_active

    def start_cooldown(self, override_period_s: float | None = None, *, now: float | None = None) -> None:
        """Start the cooldown, with a tour's own period if given."""
        self.cooldown_active = True
        self.cooldown_started_at = wall_clock(now)
        self.active_cooldown_period_s = override_period_s

    def clear_cooldown(self) -> None:
        """End the cooldown at once."""
        self.cooldown_active = False
        self.cooldown_started_at = 0.0
        self.active_cooldown_period_s = None

    def ends_at(self, cooldown_period_s: float) -> float | None:
        """When the cooldown ends, epoch seconds; None if none is running."""
        if not self.cooldown_active:
            return None
        period = self.active_cooldown_period_s
        return self.cooldown_started_at + (cooldown_period_s if period is None else period)

    def tick(self, cooldown_period_s: float, *, now: float | None = None) -> None:
        """End the cooldown if its time is over; the argument is the session's period."""
        due = self.ends_at(cooldown_period_s)
        if due is not None and wall_clock(now) >= due:
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
        """Restore a snapshot; missing fields get their defaults."""
        return cls(
            cooldown_active=bool(d.get("cooldown_active")),
            cooldown_started_at=d.get("cooldown_started_at") or 0.0,
            active_cooldown_period_s=d.get("active_cooldown_period_s"),
        )


@dataclass(slots=True)
class _QuietTimer:
    """The common data of PROACTIVE and REACTIVE: the time since the user's last interaction."""

    time_since_last_interaction_s: float = 0.0
    last_interaction_at: float = field(default_factory=time.time, repr=False)

    def record_user_interaction(self, *, now: float | None = None) -> None:
        """Record that the user wrote in the chat."""
        self.last_interaction_at = wall_clock(now)
        self.time_since_last_interaction_s = 0.0

    def record_reaction(self, *, now: float | None = None) -> None:
        """Record that the user reacted to a message."""
        self.record_user_interaction(now=now)

    def record_tour_step(self, *, now: float | None = None) -> None:
        """Record the next step of a tour."""
        self.record_user_interaction(now=now)

    def tick(self, *, now: float | None = None) -> None:
        """Bring ``time_since_last_interaction_s`` up to date."""
        self.time_since_last_interaction_s = wall_clock(now) - self.last_interaction_at

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able snapshot."""
        return {
            "time_since_last_interaction_s": self.time_since_last_interaction_s,
            "last_message_at": self.last_interaction_at,
        }


@dataclass(slots=True)
class ProactiveState(_QuietTimer):
    """The data of PROACTIVE.

    Args:
        time_since_last_interaction_s: as of the last tick; interactions of any kind count.
        last_interaction_at: epoch seconds.
        user_clicked_option: whether a button of the offer was pressed.
    """

    user_clicked_option: bool = False

    def record_option_click(self, *, now: float | None = None) -> None:
        """Record that the user pressed a button of the offer."""
        self.user_clicked_option = True
        self.record_user_interaction(now=now)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able snapshot."""
        return {"user_clicked_option": self.user_clicked_option, **_QuietTimer.to_dict(self)}

    @classmethod
    def from_dict(cls, d: Mapping[str, Any], *, now: float | None = None) -> ProactiveState:
        """Restore a snapshot; missing fields get their defaults."""
        return cls(*_quiet_since(d, now), user_clicked_option=bool(d.get("user_clicked_option")))


@dataclass(slots=True)
class ReactiveState(_QuietTimer):
    """The data of REACTIVE.

    Args:
        time_since_last_interaction_s: as of the last tick; interactions of any kind count.
        last_interaction_at: epoch seconds.
    """

    @classmethod
    def from_dict(cls, d: Mapping[str, Any], *, now: float | None = None) -> ReactiveState:
        """Restore a snapshot; missing fields get their defaults."""
        return cls(*_quiet_since(d, now))


def _quiet_since(d: Mapping[str, Any], now: float | None) -> tuple[float, float]:
    anchor = d.get("last_message_at")
    return d.get("time_since_last_interaction_s") or 0.0, wall_clock(now) if anchor is None else anchor
