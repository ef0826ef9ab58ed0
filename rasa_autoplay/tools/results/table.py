"""Formats results for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timezone

from rasa_autoplay.engine.results import wording
from rasa_autoplay.engine.results.comparison import Comparison
from rasa_autoplay.engine.results.funnel import Funnel
from rasa_autoplay.engine.results.report import OVERALL_GOAL
from rasa_autoplay.engine.results.results import Results, TriggerGoal, TriggerResult

__all__ = ["BUTTONS", "as_text", "day", "gates_as_text"]

_WIDTH = 100
_LABEL = 12
#: The name of each button, by its name in receipts.
BUTTONS = {"show_me": "Show me", "open_chat": "Open chat", "reply": "a reply", "unknown": "unknown button"}


def as_text(results: Results) -> str:
    """Format a title, and a block for all triggers together and for each trigger."""
    blocks = [_title(results)]
    if results.overall is not None:
        blocks.append("\n".join(["All triggers together", *_comparison(results.overall, OVERALL_GOAL)]))
    blocks += ["\n".join(_trigger(result)) for result in results.triggers]
    return "\n\n".join(blocks)


def gates_as_text(results: Results) -> str:
    """Format what each explored gate spares and costs."""
    if not results.gates:
        return (
            f"{results.product_id}: no gate is explored. Write courtesy: {{explore: 5%}} in autoplay.yml, "
            "and chance opens gates for a few users."
        )
    blocks = [f"{results.product_id}: the price of each gate"]
    for price in results.gates:
        running = f"Still running: {price.running:,} users." if price.running else ""
        blocks.append("\n".join([price.gate, *_entry("", f"{wording.price_of(price)} {running}".rstrip())]))
    return "\n\n".join(blocks)


def _title(results: Results) -> str:
    since = f"since {day(results.since)}" if results.since else "of all time"
    return f"{results.product_id}: results {since}, as of {day(results.at, with_clock=True)} UTC"


def _trigger(result: TriggerResult) -> Iterator[str]:
    yield result.trigger_id + (f", variant {result.variant}" if result.variant else "")
    yield from _entry("funnel", _funnel(result.funnel))
    if stopped := _counted(result.funnel.stopped):
        yield from _entry("", f"stopped by gates: {stopped}")
    if withheld := _counted(result.funnel.withheld):
        yield from _entry("", f"withheld by chance: {withheld}")
    if result.comparison is None:
        yield from _entry("does it help", wording.no_comparison(result))
    else:
        yield from _comparison(result.comparison, result.goal)
    yield from _entry("harm", _harm(result))


def _comparison(comparison: Comparison, goal: TriggerGoal) -> Iterator[str]:
    yield from _entry("does it help", wording.answer_of(comparison, goal))
    found = comparison.goal
    users = f"{found.treated.users:,} users with, {found.control.users:,} without"
    yield from _entry("", f"compared: {users}, since {day(comparison.since)}")
    if times := wording.times_of(comparison):
        yield from _entry("time", times)
    for warning in wording.warnings_of(comparison, goal):
        yield from _entry("note", warning)


def _funnel(funnel: Funnel) -> str:
    steps = [
        f"fired {funnel.fired:,}",
        f"offered {funnel.offered:,}",
        f"sent {funnel.sent:,}",
        f"shown {funnel.rendered:,}",
        f"seen {funnel.seen:,}",
        f"accepted {funnel.accepted:,}{_buttons(funnel.accepted_by)}",
        f"tour finished {funnel.tour_finished:,}",
        f"goal reached {funnel.goal_reached.get('shown', 0):,}",
    ]
    return " → ".join(steps)


def _buttons(accepted_by: Mapping[str, int]) -> str:
    named = [f"{BUTTONS.get(name, name)} {count:,}" for name, count in accepted_by.items() if count]
    return f" ({', '.join(named)})" if named else ""


def _harm(result: TriggerResult) -> str:
    seen = result.funnel.seen
    parts = [wording.refusals_of(result.funnel)] if seen else ["nobody has seen it yet"]
    if result.comparison is not None:
        parts.append(wording.failures_of(result.comparison))
    return "; ".join(parts)


def _counted(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {count:,}" for name, count in ordered if count)


def _entry(label: str, text: str) -> Iterable[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=f"  {label:<{_LABEL}}  ",
        subsequent_indent=" " * (_LABEL + 4),
        break_long_words=False,
        break_on_hyphens=False,
    )


def day(at: float, with_clock: bool = False) -> str:
    """Format a date in UTC, with or without the time of day: ``29 Nov 2026, 14:05``."""
    text = "%d %b %Y, %H:%M" if with_clock else "%d %b %Y"
    return datetime.fromtimestamp(at, timezone.utc).strftime(text).lstrip("0")
