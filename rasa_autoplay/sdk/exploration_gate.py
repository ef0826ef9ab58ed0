"""Decides when onboarding help may be offered, so that newcomers can explore first."""

from __future__ import annotations

from dataclasses import dataclass

from rasa_autoplay.sdk.onboarding import JourneyState, UserAdoptionState

__all__ = ["ExplorationGateConfig", "evaluate_hard_gate"]


@dataclass(frozen=True)
class ExplorationGateConfig:
    """The conditions; names and defaults are the vendor SDK's.

    Args:
        role_allowlist: the roles that get onboarding help, compared case-insensitively; empty for all.
        min_seconds_on_app: minimum seconds in the app before the first offer.
        min_distinct_features: minimum number of pages or features used before the first offer.
        welcome_cooldown_s: minimum seconds between two offers.
        max_proactive_support: maximum number of offers to a user, ever.
    """

    role_allowlist: frozenset[str] = frozenset()
    min_seconds_on_app: float = 60.0
    min_distinct_features: int = 3
    welcome_cooldown_s: float = 600.0
    max_proactive_support: int = 3


def evaluate_hard_gate(
    state: UserAdoptionState,
    *,
    now: float,
    seconds_on_app: float,
    distinct_features_seen: int,
    cfg: ExplorationGateConfig,
) -> tuple[bool, str]:
    """Decide whether onboarding help may be offered.

    Args:
        state: the user.
        now: epoch seconds.
        seconds_on_app: how many seconds the user has been in the app.
        distinct_features_seen: how many different pages or features the user has used.
        cfg: the conditions.

    Returns:
        ``(True, "ok")``, or False and the SDK's name of the first unmet condition.
    """
    onboarding, last = state.onboarding, state.onboarding.last_welcome_at
    role = (state.role or "").strip()
    reasons = (
        (state.journey_state is JourneyState.ONBOARDED, "already_onboarded"),
        (not _is_allowed(role, cfg.role_allowlist), f"role_not_allowed:{role or 'unknown'}"),
        (onboarding.proactive_support_count >= cfg.max_proactive_support, "nudge_cap_reached"),
        (last is not None and now - last < cfg.welcome_cooldown_s, "within_cooldown"),
        (seconds_on_app < cfg.min_seconds_on_app, "exploring_min_time_not_met"),
        (distinct_features_seen < cfg.min_distinct_features, "exploring_min_features_not_met"),
    )
    return next(((False, reason) for holds, reason in reasons if holds), (True, "ok"))


def _is_allowed(role: str, allowed: frozenset[str]) -> bool:
    return not allowed or role.lower() in {one.strip().lower() for one in allowed}
