"""The report is one file that loads nothing, shows every session, and escapes untrusted text."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from support.engine_parts import action, predicate_trigger, save, settings
from support.recorded import moments, simulate

from rasa_autoplay.engine.replay.comparison import compare
from rasa_autoplay.engine.replay.results import Fire, NearMiss, Outcome
from rasa_autoplay.engine.triggers.decorators import only_events
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext
from rasa_autoplay.tools.simulation.html import document
from rasa_autoplay.tools.simulation.html.document import as_html
from rasa_autoplay.tools.simulation.html.formatting import offset, path_of, roughly
from rasa_autoplay.tools.simulation.recordings import Recordings, Unreadable

EVIL = '"><script>alert(1)</script><img src=x>'
VOID = {"meta", "input", "img", "br"}


@only_events
def _three_saves(ctx: ProactiveTriggerContext) -> bool:
    return sum("Save" in action.title for action in ctx.recent_actions) >= 3


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

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def with_class(self, name: str) -> list[dict[str, str | None]]:
        return [attrs for _, attrs in self.tags if name in (attrs.get("class") or "").split()]


def _outcome(sessions: int = 1) -> Outcome:
    what = [
        moment
        for n in range(sessions)
        for moment in moments(save(1), save(2), save(3), save(40), session=f"s{n}", user=f"u{n}")
    ]
    return simulate(what, [predicate_trigger(_three_saves, "three_saves")], settings())


def test_shows_every_fire_and_near_miss_in_its_session() -> None:
    outcome = _outcome(2)
    outcome.near_misses.append(NearMiss("other", "u1", "s1", outcome.fires[0].at, 0.7, "2 of 3 clicks"))
    page = _Page(as_html(Recordings([]), outcome, None))
    assert [card["data-kinds"] for card in page.with_class("session")] == ["fire", "fire near"]
    assert [card["data-triggers"] for card in page.with_class("session")] == [
        "three_saves",
        "other three_saves",
    ]
    assert page.text.count("May I, for three_saves?") == 2
    assert "2 of 3 clicks" in page.text


def test_report_loads_nothing_external() -> None:
    html = as_html(Recordings([]), _outcome(), None)
    page = _Page(html)
    assert not [attrs for _, attrs in page.tags if "src" in attrs or "href" in attrs]
    assert not re.search(r"url\(|@import|fetch\(|https?:", html.replace("https://app.example.com", ""))
    policy = next(attrs["content"] for tag, attrs in page.tags if tag == "meta" and "http-equiv" in attrs)
    assert policy
    assert policy.startswith("default-src 'none'")


def test_escapes_the_content_of_recordings() -> None:
    evil = [action(EVIL, at, f"https://x/{EVIL}", type=EVIL, signal=EVIL) for at in (1, 2)]
    outcome = simulate(moments(*evil, user=EVIL, session=EVIL), [], settings())
    outcome.fires.append(Fire(EVIL, EVIL, EVIL, outcome.sessions["demo", EVIL].times[0], EVIL))
    recordings = Recordings([], unreadable=[Unreadable(EVIL, EVIL)])
    page = _Page(as_html(recordings, outcome, None))
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert "img" not in [tag for tag, _ in page.tags]
    assert page.with_class("session")[0]["data-user"] == EVIL


def test_shows_where_the_other_version_differs() -> None:
    outcome, other = _outcome(2), _outcome(2)
    other.config = "next.yml"
    other.fires = [Fire("three_saves", "u0", "s0", outcome.fires[0].at + 30, "Later?")]
    page = _Page(as_html(Recordings([]), outcome, compare(outcome, other)))
    assert "30s later with next.yml" in page.text
    assert "no longer with next.yml" in page.text
    assert [card["data-kinds"] for card in page.with_class("session")] == ["fire moved", "fire lost"]


def test_folds_long_runs_without_losing_actions() -> None:
    many = moments(*(action(f"Click {n}", n) for n in range(30)))
    page = _Page(as_html(Recordings([]), simulate(many, [], settings()), None))
    assert "25 more actions" in page.text
    assert len(page.with_class("action")) == 30


def test_lists_actions_and_entries_in_order_under_their_page() -> None:
    pages = ("a", "a", "b", "a")
    outcome = simulate(
        moments(*(action("x", n, f"https://x/{page}") for n, page in enumerate(pages))), [], settings()
    )
    ((_, session_id), story) = next(iter(outcome.sessions.items()))
    outcome.fires += [Fire("t", "u1", session_id, at, "Hi") for at in (story.times[0], story.times[3] + 1)]
    page = _Page(as_html(Recordings([]), outcome, None))
    rows = [str(attrs["class"]).split()[0] for tag, attrs in page.tags if tag == "li"]
    assert rows == ["page", "action", "entry", "action", "page", "action", "page", "action", "entry"]


def test_shows_the_most_relevant_of_too_many_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "_MAX_SHOWN", 2)
    dull = [moment for n in range(5) for moment in moments(action("x", n), session=f"d{n}", user="dull")]
    telling = moments(save(11), save(12), save(13), session="last", user="telling")
    outcome = simulate(dull + telling, [predicate_trigger(_three_saves, "three_saves")], settings())
    html = as_html(Recordings([]), outcome, None)
    page = _Page(html)
    assert [card["data-user"] for card in page.with_class("session")] == ["telling", "dull"]
    assert "2 of 6 sessions are shown in full." in page.text
    # The others can be found by their user.
    (others,) = re.findall(r'<script type="application/json" id="unshown">(.*?)</script>', html)
    assert [(user, session) for user, session, *_ in json.loads(others)] == [
        ("dull", f"d{n}") for n in (1, 2, 3, 4)
    ]


def test_the_most_interesting_sessions_come_first() -> None:
    plain = moments(action("x", 1), action("y", 2), session="plain", user="plain")
    long = moments(*(action("x", n) for n in range(9)), session="long", user="long")
    angry = moments(action("x", 1, signal="rage_click"), session="angry", user="angry")
    telling = moments(save(11), save(12), save(13), session="telling", user="telling")
    near = moments(action("x", 1), session="near", user="near")
    triggers = [predicate_trigger(_three_saves, "three_saves")]
    outcome = simulate(plain + long + angry + near + telling, triggers, settings())
    outcome.near_misses.append(NearMiss("three_saves", "near", "near", 1.0, 0.9, "2 of 3"))
    page = _Page(as_html(Recordings([]), outcome, None))
    order = [card["data-user"] for card in page.with_class("session")]
    assert order == ["telling", "near", "angry", "long", "plain"]
    assert (
        "those with offers, then withheld and suppressed offers, near misses, signs of struggle" in page.text
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1s"), (59, "59s"), (250, "4m 10s"), (93_700, "1d 2h"), (float("inf"), "forever")],
)
def test_durations_omit_insignificant_units(seconds: float, text: str) -> None:
    assert roughly(seconds) == text


def test_shortens_times_and_pages() -> None:
    assert [offset(7), offset(3727)] == ["0:07", "1:02:07"]
    assert path_of("https://app.example.com/projects/:id?tab=a") == "/projects/:id?tab=a"
    assert [path_of("https://app.example.com"), path_of("")] == ["/", "unknown page"]
