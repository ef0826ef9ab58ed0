"""The results as one web page that loads nothing and needs no script."""

from __future__ import annotations

from typing import NamedTuple

import jinja2

from rasa_autoplay.engine.results import wording
from rasa_autoplay.engine.results.comparison import Comparison
from rasa_autoplay.engine.results.funnel import Funnel
from rasa_autoplay.engine.results.report import OVERALL_GOAL
from rasa_autoplay.engine.results.results import Results, TriggerGoal, TriggerResult
from rasa_autoplay.engine.results.uplift import Difference
from rasa_autoplay.tools.results.table import BUTTONS, day

__all__ = ["as_html"]

#: The plot is this wide, in the units of its picture.
_PLOT_WIDTH = 600.0
_WORDS = {
    "helps": "It helps",
    "hinders": "It hinders",
    "unclear": "Not known yet",
    "no_difference": "Hardly any difference",
    "too_few_users": "Not known yet",
    "untrustworthy": "Do not trust this",
    "no_comparison": "No comparison",
}


class _Bar(NamedTuple):
    """One step of a funnel.

    Args:
        name: the step.
        occasions: how many.
        percent: its length, 0 to 100.
        note: more about it; may be empty.
    """

    name: str
    occasions: int
    percent: float
    note: str


class _Plot(NamedTuple):
    """An interval on an axis with 0 in the middle; positions are in the picture's units."""

    text: str
    low: float
    high: float
    estimate: float
    left: str
    right: str


def as_html(results: Results) -> str:
    """Build the page."""
    loader = jinja2.PackageLoader("rasa_autoplay.tools.results", "")
    environment = jinja2.Environment(
        loader=loader,
        autoescape=True,  # names of triggers and workflows are untrusted text
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(day=day, percent=wording.percent)
    return environment.get_template("page.html.jinja").render(
        results=results,
        overall=None if results.overall is None else _card("All triggers together", results.overall),
        triggers=[_trigger(result) for result in results.triggers],
        gates=[(price.gate, wording.price_of(price)) for price in results.gates],
    )


def _card(title: str, comparison: Comparison, goal: TriggerGoal = OVERALL_GOAL) -> dict[str, object]:
    verdict = wording.verdict_of(comparison)
    return {
        "title": title,
        "verdict": verdict,
        "word": _WORDS[verdict],
        "answer": wording.answer_of(comparison, goal),
        "plot": _plot(comparison.goal),
        "comparison": comparison,
        "times": wording.times_of(comparison),
        "warnings": list(wording.warnings_of(comparison, goal)),
        "bars": [],
        "stops": [],
        "harm": [],
    }


def _trigger(result: TriggerResult) -> dict[str, object]:
    title = result.trigger_id + (f", variant {result.variant}" if result.variant else "")
    funnel = result.funnel
    harm = [wording.refusals_of(funnel)] if funnel.seen else []
    if result.comparison is None:
        card: dict[str, object] = {
            "title": title,
            "verdict": "no_comparison",
            "word": _WORDS["no_comparison"],
            "answer": wording.no_comparison(result),
            "plot": None,
            "comparison": None,
            "times": "",
            "warnings": [],
        }
    else:
        card = _card(title, result.comparison, result.goal)
        harm.append(wording.failures_of(result.comparison))
    return {**card, "bars": _bars(funnel), "stops": sorted(funnel.stopped.items()), "harm": harm}


def _bars(funnel: Funnel) -> list[_Bar]:
    buttons = ", ".join(
        f"{BUTTONS.get(name, name)} {count:,}" for name, count in funnel.accepted_by.items() if count
    )
    left = ", ".join(f"{step} {count:,}" for step, count in funnel.tour_left.items() if count)
    steps = (
        ("fired", funnel.fired, ""),
        ("offered", funnel.offered, _withheld(funnel)),
        ("sent", funnel.sent, ""),
        ("shown", funnel.rendered, ""),
        ("seen", funnel.seen, ""),
        ("accepted", funnel.accepted, buttons),
        ("tour finished", funnel.tour_finished, f"left at {left}" if left else ""),
        ("goal reached", funnel.goal_reached.get("shown", 0), ""),
    )
    most = max(count for _, count, _ in steps) or 1
    return [_Bar(name, count, 100 * count / most, note) for name, count, note in steps]


def _withheld(funnel: Funnel) -> str:
    withheld = ", ".join(f"{arm} {count:,}" for arm, count in sorted(funnel.withheld.items()) if count)
    return f"withheld: {withheld}" if withheld else ""


def _plot(found: Difference) -> _Plot | None:
    if found.low is None or found.high is None:
        return None
    reach = max(abs(found.low), abs(found.high)) * 1.1
    low, high, estimate = (
        round(_PLOT_WIDTH * (0.5 + value / reach / 2), 1)
        for value in (found.low, found.high, found.difference)
    )
    return _Plot(wording.span(found), low, high, estimate, wording.points(-reach), wording.points(reach))
