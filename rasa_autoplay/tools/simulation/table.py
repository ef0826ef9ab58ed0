"""Formats a simulation's result for the terminal."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone

from rasa_autoplay.engine.replay.comparison import Comparison
from rasa_autoplay.engine.replay.results import Fire, Outcome
from rasa_autoplay.settings.durations import format_duration
from rasa_autoplay.tools.simulation.figures import figures_of
from rasa_autoplay.tools.simulation.recordings import Recordings, notes_on_skipped

__all__ = ["as_text", "notes_on"]

_MAX_MISSES = 10
_MAX_CHANGES = 20
_HEAD = (
    "trigger",
    "fires",
    "users",
    "per user and day",
    "most a day",
    "suppressed by",
    "deferred",
    "near misses",
)


def as_text(recordings: Recordings, outcome: Outcome, comparison: Comparison | None) -> str:
    """Format title, tables, near misses, comparison and notes, separated by empty lines."""
    parts = [
        [_title(outcome)],
        _table([_HEAD, *_rows(outcome)]),
        _withheld(outcome),
        _variants(outcome),
        _nearest(outcome),
        _changes(comparison) if comparison else [],
        [f"note: {note}" for note in notes_on(recordings, outcome)],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part)


def _title(outcome: Outcome) -> str:
    stories = outcome.sessions.values()
    users = len({story.user_id for story in stories if story.user_id})
    began, ended = min(s.times[0] for s in stories), max(s.times[-1] for s in stories)
    return (
        f"{outcome.config}: {outcome.counts['actions']:,} events, {len(stories):,} sessions, "
        f"{users:,} users, {_time(began)} to {_time(ended)} UTC"
    )


def _rows(outcome: Outcome) -> Iterator[Sequence[str]]:
    for figures in figures_of(outcome):
        yield (
            figures.trigger_id,
            f"{figures.fires:,}",
            f"{figures.users:,}",
            f"{figures.per_user_and_day:.2f}",
            f"{figures.most_per_user_and_day:,}",
            _counted(figures.suppressed) or "-",
            f"{figures.deferred:,}",
            f"{figures.near_misses:,}",
        )


def _withheld(outcome: Outcome) -> list[str]:
    """Offers that chance withholds; they count towards no column of the first table."""
    rows = [
        (figures.trigger_id, f"{sum(figures.withheld.values()):,}", _counted(figures.withheld))
        for figures in figures_of(outcome)
        if figures.withheld
    ]
    return _table([("trigger", "withheld", "arms"), *rows]) if rows else []


def _variants(outcome: Outcome) -> list[str]:
    rows = [
        (figures.trigger_id, each.variant, f"{each.fires:,}", f"{each.users:,}", f"{each.withheld:,}")
        for figures in figures_of(outcome)
        for each in figures.variants
    ]
    return _table([("trigger", "variant", "fires", "users", "withheld"), *rows]) if rows else []


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def _table(rows: Iterable[Sequence[str]]) -> list[str]:
    """Align the columns; numbers are right-aligned."""
    columns = list(zip(*rows, strict=True))
    numeric = [all(cell[:1].isdigit() for cell in column[1:]) for column in columns]
    padded = [
        [cell.rjust(max(map(len, column))) if right else cell.ljust(max(map(len, column))) for cell in column]
        for column, right in zip(columns, numeric, strict=True)
    ]
    return ["  ".join(row).rstrip() for row in zip(*padded, strict=True)]


def _nearest(outcome: Outcome) -> list[str]:
    misses = sorted(outcome.near_misses, key=lambda miss: (-miss.nearness, miss.at))
    lines = [f"  {_time(m.at)}  {m.user_id}  {m.trigger_id}: {m.missing}" for m in misses[:_MAX_MISSES]]
    return [f"nearest misses ({len(lines)} of {len(misses):,}):", *lines] if lines else []


def _changes(comparison: Comparison) -> list[str]:
    lines = [
        f"offers with {comparison.config}: {len(comparison.newly):,} new, {len(comparison.no_longer):,} "
        f"dropped, {len(comparison.moved):,} at another time"
    ]
    changes = [
        *(("+", fire, "") for fire in comparison.newly),
        *(("-", fire, "") for fire in comparison.no_longer),
        *(("~", fire, f", {_shift(fire, other)}") for fire, other in comparison.moved),
    ]
    for sign, fire, shift in changes[:_MAX_CHANGES]:
        place = f"{_time(fire.at)}  {fire.user_id}  {fire.session_id}"
        lines.append(f"  {sign} {fire.trigger_id}  {place}{shift}")
    if len(changes) > _MAX_CHANGES:
        lines.append(f"  … and {len(changes) - _MAX_CHANGES:,} more: see --json")
    return lines


def _shift(fire: Fire, other: Fire) -> str:
    seconds = other.at - fire.at
    return f"{format_duration(abs(seconds))} {'later' if seconds > 0 else 'earlier'}"


def notes_on(recordings: Recordings, outcome: Outcome) -> list[str]:
    """Return the notes that a reader needs to judge the result."""
    notes = [outcome.assumptions.to_text()]
    if outcome.external_ids:
        notes.append(
            f"Your own code makes the offers of {', '.join(outcome.external_ids)}: no simulation knows them."
        )
    for product_id, count in recordings.other_products.items():
        notes.append(
            f"{count:,} batches of the product {product_id!r} were left out, because {outcome.config} is for "
            f"{outcome.product_id!r}."
        )
    anonymous = sum(not story.user_id for story in outcome.sessions.values())
    if anonymous:
        notes.append(f"{anonymous:,} sessions have no known user, so nothing can be offered in them.")
    if outcome.looked_at < len(outcome.sessions):
        notes.append(
            f"Near misses were searched in an even sample of {outcome.looked_at:,} of "
            f"{len(outcome.sessions):,} sessions."
        )
    if errors := outcome.counts["trigger_errors"]:
        notes.append(f"Triggers raised {errors:,} errors; each of these evaluations counts as not fired.")
    late = sum(fire.after_last_action for fire in outcome.fires)
    if late:
        notes.append(
            f"{late:,} fires come after the last action of their session, so the user may have left."
        )
    return [*notes, *notes_on_skipped(recordings)]


def _time(at: float) -> str:
    if not math.isfinite(at):
        return "-"
    return datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
