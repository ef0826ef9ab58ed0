"""The page of results is one file that loads nothing, escapes names, and says its pictures in words."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from rasa_autoplay.engine.results.comparison import Comparison, compare
from rasa_autoplay.engine.results.first_decisions import Against, ArmKey, Tally
from rasa_autoplay.engine.results.funnel import Funnel, FunnelRow
from rasa_autoplay.engine.results.gate_prices import GateTally, gate_prices
from rasa_autoplay.engine.results.results import Results, TriggerGoal, TriggerResult
from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.tools.results.page import as_html
from rasa_autoplay.tools.results.project_results import only_variant
from rasa_autoplay.tools.results.table import as_text, gates_as_text

EVIL = '"><script>alert(1)</script><img src=x>'
VOID = {"meta", "line", "rect", "circle"}
FUNNEL = Funnel(
    stopped={"min_interval": 12},
    withheld={"control": 100},
    offered=100,
    sent=90,
    rendered=80,
    seen=60,
    accepted=20,
    accepted_by={"show_me": 15, "open_chat": 5},
    tour_finished=9,
    tour_left={EVIL: 3},
    goal_reached={"shown": 40, "control": 20},
    dismissed=6,
)


class _Page(HTMLParser):
    """What a browser would see."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def _tally(users: int, reached: int) -> Tally:
    tally = Tally()
    tally.users = tally.over = tally.watched = users
    tally.reached, tally.since = reached, 1_790_000_000.0
    return tally


def _comparison(treated: int, control: int) -> Comparison:
    tallies = {
        ArmKey(Against.CONTROL, "t", "", arm, 0.5, 0.0): _tally(1_000, reached)
        for arm, reached in (("shown", treated), ("control", control))
    }
    return compare(Against.CONTROL, tallies)


def _results(*comparisons: Comparison | None) -> Results:
    opened, closed = GateTally(), GateTally()
    opened.users = opened.over = closed.users = closed.over = 5
    triggers = [
        TriggerResult(
            f"{EVIL} {number}",
            "a" if number else "",
            TriggerGoal(f'finished "{EVIL}"'),
            FUNNEL,
            [FunnelRow("t", "", "2026-11-29", FUNNEL)],
            comparison,
        )
        for number, comparison in enumerate(comparisons)
    ]
    gates = gate_prices({("mastered", True): opened, ("mastered", False): closed})
    return Results(EVIL, 1_796_000_000.0, 1_790_000_000.0, triggers, comparisons[0], gates)


def test_page_escapes_names_and_loads_nothing() -> None:
    page = _Page(as_html(_results(_comparison(300, 200), None)))
    assert {"script", "img", "link", "iframe"}.isdisjoint(tag for tag, _ in page.tags)
    assert not [attributes for _, attributes in page.tags if {"src", "href", "onload"} & attributes.keys()]
    assert EVIL in page.text


def test_each_plot_says_the_interval_in_words() -> None:
    page = _Page(as_html(_results(_comparison(300, 200), _comparison(200, 300), None)))
    labels = [attributes["aria-label"] or "" for attributes in page.of("svg") if "role" in attributes]
    assert [label.partition(" ")[0] for label in labels] == ["+10", "+10", "-10"]
    assert all("(between " in label and ", 95 %)" in label for label in labels)
    assert all(label in page.text for label in labels)
    words = [attributes["class"] for attributes in page.of("p") if "verdict" in (attributes["class"] or "")]
    assert words == ["verdict helps", "verdict helps", "verdict hinders", "verdict no_comparison"]


def test_interval_lies_within_its_picture() -> None:
    page = _Page(as_html(_results(_comparison(1_000, 0))))
    (interval, *_) = [each for each in page.of("rect") if "interval" in (each.get("class") or "")]
    left, width = float(interval["x"] or 0), float(interval["width"] or 0)
    assert 0 <= left < left + width <= 600
    assert left > 300  # right of no difference


def test_tables_have_headings_for_rows_and_columns() -> None:
    page = _Page(as_html(_results(_comparison(300, 200))))
    assert all(attributes["scope"] in ("row", "col") for attributes in page.of("th"))
    assert len(page.of("table")) == 3
    assert "withheld: control 100" in page.text
    assert "Show me 15, Open chat 5" in page.text
    assert "min_interval 12" in page.text
    assert "Not enough data: 5 users with the gate opened by chance, 5 with it closed" in page.text


def test_page_without_triggers_says_so() -> None:
    page = _Page(as_html(Results("demo", 1_796_000_000.0, 0.0, [], None)))
    assert "No trigger has fired yet." in page.text


def test_only_one_variant_is_shown_if_asked() -> None:
    both = _results(_comparison(300, 200), _comparison(200, 300))
    chosen = only_variant(both, "a")
    assert chosen.triggers == both.triggers[1:]
    assert chosen.overall is None
    with pytest.raises(AutoplayError, match="There are no results of a variant 'c'"):
        only_variant(both, "c")


def test_table_shows_the_same() -> None:
    text = " ".join(as_text(_results(_comparison(300, 200))).split())
    assert (
        "fired 212 → offered 100 → sent 90 → shown 80 → seen 60 → accepted 20 (Show me 15, Open chat 5)"
        in text
    )
    assert "stopped by gates: min_interval 12 withheld by chance: control 100" in text
    assert "of 60 who saw it, 10 % closed it and 0 % chose" in text
    assert "mastered Not enough data: " in " ".join(gates_as_text(_results(None)).split())
