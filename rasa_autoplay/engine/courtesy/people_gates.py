"""The gates that look at who the user is: a newcomer, or somebody with another role."""

from __future__ import annotations

from rasa_autoplay.engine.courtesy.gate_contract import GateContext, GateResult
from rasa_autoplay.settings.durations import format_duration

__all__ = ["newcomers", "roles"]

#: A gate that does not open by itself is checked again after this long.
_RECHECK_S = 5.0


def roles(s: GateContext) -> GateResult:
    """Closed for users whose role gets no offers."""
    gate, wanted = "roles", s.limits.roles if s.own.roles is None else s.own.roles
    if not wanted:
        return GateResult(gate, False, "users with any role get offers")
    role = str(s.properties.get(s.own.role_property or s.limits.role_property) or "").strip()
    text = f"the user's role is {role or 'not known'!r}; offers are for {', '.join(wanted)}"
    if role.lower() in {one.strip().lower() for one in wanted}:
        return GateResult(gate, False, text)
    return GateResult(gate, True, text, s.now + _RECHECK_S)


def newcomers(s: GateContext) -> GateResult:
    """Closed while a newcomer looks around."""
    gate, wanted = "newcomers", s.own.newcomers or s.limits.newcomers
    if wanted is None:
        return GateResult(gate, False, "newcomers get offers at once")
    if s.newcomer is None:
        return GateResult(gate, False, "the user has been here before")
    ready_at, pages = s.newcomer.began_at + wanted.after, s.newcomer.pages
    here_for = format_duration(max(round(s.now - s.newcomer.began_at), 0))
    text = (
        f"a newcomer, here for {here_for} of {format_duration(wanted.after)}, "
        f"on {pages} of {wanted.pages} pages"
    )
    if pages < wanted.pages:
        return GateResult(gate, True, text, max(ready_at, s.now + _RECHECK_S))
    return GateResult(gate, s.now < ready_at, text, ready_at if s.now < ready_at else 0.0)
