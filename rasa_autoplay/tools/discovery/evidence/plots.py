"""The pictures of a proposal's evidence: few, each with a text that says the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rasa_autoplay.tools.discovery.evidence.figures import BackTest, Evidence, Found
from rasa_autoplay.tools.discovery.evidence.intervals import Share
from rasa_autoplay.tools.discovery.evidence.svg import Drawing
from rasa_autoplay.tools.discovery.evidence.wording import amount, interval, percent, words_for

__all__ = ["AFTER", "KINDS", "Plot", "plots_of"]

#: What users did after a fire, by the names in the figures; in the order of the bars.
KINDS = ("went_on", "neither", "found")
AFTER = "after.svg"
#: The same in short, with the width of the entry.
_LEGEND = (("went_on", "went on", 94.0), ("neither", "neither", 90.0), ("found", "managed alone", 140.0))
_LEFT, _RIGHT = 16.0, 464.0
#: With more days, days are joined.
_MAX_BARS = 21


@dataclass(frozen=True)
class Plot:
    """A picture.

    Args:
        name: its file.
        alt: what it shows, in a sentence or two.
        content: the file's content.
    """

    name: str
    alt: str
    content: str


def plots_of(evidence: Evidence) -> list[Plot]:
    """Draw the pictures for which there are numbers."""
    plots = [_cost(evidence.found)] if evidence.found.slow_way.act_count is not None else []
    test, words = evidence.backtest, words_for(evidence.kind)
    if test is not None and test.fires:
        plots.append(_days(test, words))
        if test.went_on is not None:
            plots.append(_after(test, words))
    return plots


def _cost(found: Found) -> Plot:
    slow, fast = found.slow_way, found.fast_way
    measures: list[tuple[str, float, float | None, Callable[[float], str]]] = []
    if slow.act_count is not None:
        measures.append(("acts", slow.act_count, fast.act_count, lambda value: f"{value:,.0f}"))
    if slow.seconds is not None:
        measures.append(("seconds", slow.seconds, fast.seconds, lambda value: f"{value:,.0f}"))
    said = [
        f"{show(one)} {unit} the slow way" + ("" if other is None else f", {show(other)} the fast way")
        for unit, one, other, show in measures
    ]
    alt = f"What it costs each time: {'; '.join(said)}."
    rows = sum(1 + (other is not None) for _, _, other, _ in measures)
    drawing = Drawing(44 + 26 * rows + 14 * len(measures), "What it costs, each time", alt)
    drawing.text(_LEFT, 28, "What it costs, each time", "strong")
    y = 40.0
    for unit, one, other, show in measures:
        longest = max(one, other or 0.0) or 1.0
        bars = [("slow way", one, "went_on")] + ([("fast way", other, "found")] if other is not None else [])
        for name, value, kind in bars:
            drawing.text(_LEFT, y + 19, name)
            width = 200 * (value or 0.0) / longest
            drawing.rect(110, y + 5, max(width, 1), 18, kind)
            drawing.text(118 + width, y + 19, f"{show(value or 0.0)} {unit}", "quiet")
            y += 26
        y += 14
    return Plot("cost.svg", alt, drawing.to_text())


def _days(test: BackTest, words: Mapping[str, str]) -> Plot:
    days = _joined(test)
    title = f"Fires {'for the held-out users' if test.by_users else 'on the held-out days'}"
    alt = (
        f"{title}: {test.fires:,} in all, on {len(test.by_day)} days. "
        + "; ".join(
            f"{name} {sum(getattr(day, kind) for day in test.by_day):,}" for kind, name in words.items()
        )
        + "."
    )
    drawing = Drawing(250, title, alt)
    drawing.text(_LEFT, 28, title, "strong")
    top, bottom = 84.0, 206.0
    x = _LEFT
    for kind, name, width in _LEGEND:
        drawing.rect(x, 42, 12, 12, kind)
        drawing.text(x + 17, 53, name, "quiet")
        x += width
    most = max(sum(counts) for _, counts in days) or 1
    step = (_RIGHT - 52) / len(days)
    drawing.text(44, top + 5, f"{most:,}", "quiet", "end")
    drawing.text(44, bottom + 5, "0", "quiet", "end")
    drawing.line(52, top, _RIGHT, top, "axis")
    drawing.line(52, bottom, _RIGHT, bottom, "axis")
    for place, (_, counts) in enumerate(days):
        y = bottom
        for kind, count in zip(KINDS, counts, strict=True):
            height = (bottom - top) * count / most
            if count:
                drawing.rect(52 + step * (place + 0.15), y - height, step * 0.7, height, kind)
            y -= height
    shown = {0, len(days) - 1} if len(days) > 4 else set(range(len(days)))
    for place in sorted(shown):
        anchor = "middle" if len(days) <= 4 else "start" if place == 0 else "end"
        at = 52 + step * (place + 0.5) if len(days) <= 4 else 52.0 if place == 0 else _RIGHT
        drawing.text(at, bottom + 24, days[place][0], "quiet", anchor)
    return Plot("days.svg", alt, drawing.to_text())


def _joined(test: BackTest) -> list[tuple[str, Sequence[int]]]:
    size = -(-len(test.by_day) // _MAX_BARS)
    parts = [test.by_day[at : at + size] for at in range(0, len(test.by_day), size)]
    return [(part[0].day, [sum(getattr(day, kind) for day in part) for kind in KINDS]) for part in parts]


def _after(test: BackTest, words: Mapping[str, str]) -> Plot:
    shares: list[tuple[str, str, Share]] = []
    for kind, name in words.items():
        share: Share | None = getattr(test, kind)
        if share is not None:
            shares.append((kind, name, share))
    said = (f"{name} {percent(each.share)} (95 % interval {interval(each)})" for _, name, each in shares)
    alt = f"What users did after a fire: {'; '.join(said)}."
    drawing = Drawing(70 + 48 * len(shares), "What users did after a fire", alt)
    drawing.text(_LEFT, 28, "What users did after a fire", "strong")
    for place, (kind, name, share) in enumerate(shares):
        y = 52.0 + 48 * place
        drawing.text(_LEFT, y + 6, name)
        drawing.text(
            _RIGHT,
            y + 6,
            f"{percent(share.share)} ({interval(share)})",
            "quiet",
            "end",
        )
        drawing.line(_LEFT, y + 22, _RIGHT, y + 22, "axis")
        drawing.line(_at(share.low), y + 22, _at(share.high), y + 22, f"{kind} stroke")
        drawing.dot(_at(share.share), y + 22, kind)
    end = 58.0 + 48 * len(shares)
    drawing.text(_LEFT, end, "0 %", "quiet")
    drawing.text(_RIGHT, end, f"100 % of {amount(test.fires, 'fire')}", "quiet", "end")
    return Plot(AFTER, alt, drawing.to_text())


def _at(share: float) -> float:
    return _LEFT + (_RIGHT - _LEFT) * share
