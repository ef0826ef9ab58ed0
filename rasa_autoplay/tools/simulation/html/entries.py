"""The entries of a session's timeline: what the copilot did or did not do, in order of time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rasa_autoplay.engine.replay.comparison import Comparison
from rasa_autoplay.engine.replay.results import Fire, NearMiss, Outcome, Suppression
from rasa_autoplay.tools.simulation.html.formatting import clock, roughly

__all__ = ["KINDS", "Entry", "entries_of"]

#: The label of each kind in the filter.
KINDS: Mapping[str, str] = {
    "fire": "offers",
    "withheld": "withheld offers",
    "held": "suppressed",
    "near": "near misses",
    "newly": "newly offered",
    "lost": "no longer offered",
    "moved": "at another time",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that the copilot did or did not do.

    Args:
        at: when, in epoch seconds.
        kind: one of :data:`KINDS`.
        trigger_id: the trigger's id.
        text: the toast's text, or a description.
        note: more details, shown in small letters.
    """

    at: float
    kind: str
    trigger_id: str
    text: str
    note: str = ""


def entries_of(outcome: Outcome, comparison: Comparison | None) -> Iterable[tuple[str, Entry]]:
    """Yield all entries, each with its session's id."""
    for fire in outcome.fires:
        yield fire.session_id, _of_fire(fire)
    for fire in outcome.withheld:
        yield fire.session_id, _of_fire(fire)
    for held in outcome.suppressed:
        yield held.session_id, _of_suppression(held)
    for miss in outcome.near_misses:
        yield miss.session_id, _of_near_miss(miss)
    if comparison is not None:
        yield from _of_comparison(comparison)


def _of_fire(fire: Fire) -> Entry:
    note = f"then quiet until {clock(fire.quiet_until)}"
    if fire.variant:
        note = f"variant {fire.variant}; {note}"
    if fire.arm != "shown":
        return Entry(fire.at, "withheld", fire.trigger_id, fire.body, f"withheld ({fire.arm}); {note}")
    if fire.after_last_action:
        note += "; after the last recorded action, so the user may have left"
    return Entry(fire.at, "fire", fire.trigger_id, fire.body, note)


def _of_suppression(held: Suppression) -> Entry:
    if held.outcome == "deferred":
        text = f"waits for a natural pause, for {roughly(held.until - held.at)} at most"
    elif held.outcome == "dropped":
        text = "waited for a natural pause, and then no longer held"
    else:
        text = f"suppressed by {held.gate}: {roughly(held.until - held.at)}"
    return Entry(held.at, "held", held.trigger_id, text, held.detail)


def _of_near_miss(miss: NearMiss) -> Entry:
    return Entry(miss.at, "near", miss.trigger_id, miss.missing)


def _of_comparison(comparison: Comparison) -> Iterable[tuple[str, Entry]]:
    name = comparison.config
    for fire in comparison.newly:
        yield fire.session_id, Entry(fire.at, "newly", fire.trigger_id, fire.body, f"new with {name}")
    for fire in comparison.no_longer:
        yield fire.session_id, Entry(fire.at, "lost", fire.trigger_id, f"no longer with {name}")
    for fire, other in comparison.moved:
        shift = f"{roughly(abs(other.at - fire.at))} {'later' if other.at > fire.at else 'earlier'}"
        yield fire.session_id, Entry(other.at, "moved", fire.trigger_id, fire.body, f"{shift} with {name}")
