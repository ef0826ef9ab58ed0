"""The gate that lets newcomers explore, and that only opens for certain roles."""

from __future__ import annotations

from rasa_autoplay.engine.courtesy.gate_contract import GateContext, GateResult
from rasa_autoplay.settings.durations import format_duration
from rasa_autoplay.settings.limits import ExploreFirst

__all__ = ["explore_first", "fits_role"]

#: A gate that does not open by itself is checked again after this long.
_RECHECK_S = 5.0


def explore_first(s: GateContext) -> GateResult:
    """Closed while a newcomer explores, and for roles that get no offers."""
    wanted = s.own.explore_first or s.limits.explore_first
    if wanted is None:
        return GateResult("explore_first", False, "newcomers get offers at once")
    if not fits_role(s):
        role = _role_of(s, wanted)
        text = f"the user's role is {role or 'not known'!r}; it must be one of {', '.join(wanted.roles)}"
        return GateResult("explore_first", True, text, s.now + _RECHECK_S)
    if s.newcomer is None:
        return GateResult("explore_first", False, "the user has been here before")
    ready_at, pages = s.newcomer.began_at + wanted.min_time, s.newcomer.pages
    here_for = format_duration(max(round(s.now - s.newcomer.began_at), 0))
    text = (
        f"a newcomer, here for {here_for} of {format_duration(wanted.min_time)}, "
        f"on {pages} of {wanted.min_pages} pages"
    )
    if pages < wanted.min_pages:
        return GateResult("explore_first", True, text, max(ready_at, s.now + _RECHECK_S))
    return GateResult("explore_first", s.now < ready_at, text, ready_at if s.now < ready_at else 0.0)


def fits_role(s: GateContext) -> bool:
    """Whether users with this role get offers."""
    wanted = s.own.explore_first or s.limits.explore_first
    roles = {one.strip().lower() for one in wanted.roles} if wanted else set()
    return wanted is None or not roles or _role_of(s, wanted).lower() in roles


def _role_of(s: GateContext, wanted: ExploreFirst) -> str:
    return str(s.properties.get(wanted.role_property) or "").strip()
