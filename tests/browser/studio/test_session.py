"""The screen Session: the timeline, its cursor, and the explanation of the moment under it."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from support.axe import AXE, RUN_AXE

from browser.studio.recorded_session import BEGAN, explanation, nearness, session_answers, timeline
from browser.studio.stand_in import Refused, StudioStandIn

ROUTE = "#/session/s1?user=ann"
REMEDY = "Add to autoplay.yml, and restart the engine:\n\nrecording: {keep: 7d}"
HOSTILE = '<img src=x onerror="document.title=1">"\'</script>\u202e{{7*7}}'
Open = Callable[..., Page]


@pytest.fixture(autouse=True)
def _recorded(answers: dict[str, Any]) -> None:
    answers.update(session_answers())


def _asked(server: StudioStandIn) -> list[float]:
    return [float(each.query["at"]) for each in server.asked if each.path == "explain/ann"]


def _violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text("utf-8"))
    found: list[str] = page.evaluate(RUN_AXE)
    return found


def test_explains_the_moment_under_the_cursor(studio: Open, server: StudioStandIn) -> None:
    page = studio(ROUTE)
    expect(page.locator(".headline-text")).to_have_text("It fires, but answered stops it for another 23h.")
    expect(page.get_by_role("listitem").filter(has_text="Closed: answered")).to_contain_text("23 h")
    meter = page.get_by_role("meter", name="count 3 ×").first
    expect(meter).to_have_attribute("aria-valuetext", "3 of 3")
    slider = page.get_by_role("slider")
    # At first, it is at the last decision.
    expect(slider).to_have_attribute("aria-valuetext", re.compile("workflow_stall is withheld by chance"))
    expect(page.locator(".heat").first).to_be_attached()
    slider.press("PageUp")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("nearly fires: 2 of 3"))
    slider.press("PageUp")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("min_interval stops it"))
    # The sentence is about the trigger whose decision is under the cursor.
    expect(page.locator(".headline-text")).to_have_text("It does not fire: 42 s on this page.")
    slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("nearly fires"))
    slider.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("^2 of .* < 1 s in|^2 of "))
    expect(page.locator(".explanation[aria-busy]")).to_have_count(0)
    assert _asked(server)[-1] == BEGAN
    assert page.url.endswith(f"at={BEGAN:.0f}"), "every moment is a URL"


def test_moves_the_cursor_by_mouse_and_asks_once_per_rest(studio: Open, server: StudioStandIn) -> None:
    page = studio(ROUTE)
    expect(page.locator(".headline-text")).to_be_visible()
    before = len(_asked(server))
    box = page.get_by_role("slider").bounding_box()
    assert box is not None
    y = box["y"] + 40
    page.mouse.move(box["x"] + 10, y)
    # The cursor rests when no time passes any more in which it moves.
    page.clock.install()
    page.clock.pause_at(time.time() + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, y, steps=20)
    page.mouse.up()
    assert len(_asked(server)) == before, "a moving cursor asks nothing"
    page.clock.run_for(1_000)
    expect(page.locator(".explanation[aria-busy]")).to_have_count(0)
    [asked] = _asked(server)[before:]
    assert asked > BEGAN + 60


def test_draws_each_kind_of_event(studio: Open) -> None:
    page = studio(ROUTE)
    expect(page.locator(".heat").first).to_be_attached()
    for shape, count in (
        (".page-band", 4),
        (".mark-fired", 2),
        (".mark-stopped", 1),
        (".mark-withheld", 1),
        (".offer-bar", 2),
        (".tour-bar circle", 2),
        (".bubble", 3),
        (".pause", 2),  # a near miss is in the middle of it
    ):
        expect(page.locator(f".timeline-plot {shape}")).to_have_count(count)
    # The peaks of the two triggers that never fired.
    expect(page.locator(".timeline-plot .mark-near")).to_have_count(2)
    page.get_by_text("events as a table").click()
    row = page.get_by_role("row").filter(has_text="fires, but min_interval stops it")
    row.get_by_role("button").click()
    expect(page.get_by_role("slider")).to_have_attribute("aria-valuetext", re.compile("min_interval"))


def test_draws_a_thousand_actions_in_200_ms(studio: Open, answers: dict[str, Any]) -> None:
    recorded = timeline(1_000)
    answers["recordings/demo/ann"] = recorded
    answers["nearness/demo/ann"] = nearness(recorded, 200, 20)
    page = studio(ROUTE)
    expect(page.locator(".heat").first).to_be_attached()
    took = page.evaluate(
        """async ([recorded, heat]) => {
          const { timelineChart } = await import("/webhooks/autoplay/studio/screens/session_timeline.js");
          const { eventsOf } = await import("/webhooks/autoplay/studio/screens/session_layout.js");
          const times = [];
          for (let round = 0; round < 5; round++) {
            const box = document.createElement("div");
            document.querySelector("main").append(box);
            const begun = performance.now();
            const events = eventsOf(recorded, heat);
            const given = { timeline: recorded, start: recorded.began_at, onMove() {} };
            const chart = timelineChart({ ...given, events, nearness: heat });
            box.append(chart);
            chart.update(recorded, events, heat);
            box.getBoundingClientRect();
            times.push(performance.now() - begun);
            box.remove();
          }
          return times.sort((a, b) => a - b)[2];
        }""",
        [recorded, nearness(recorded, 200, 20)],
    )
    assert took < 200, f"{took:.0f} ms"


def test_layout_holds_for_random_sessions(studio: Open) -> None:
    page = studio(ROUTE)
    wrong = page.evaluate(
        """async () => {
          const layout = await import("/webhooks/autoplay/studio/screens/session_layout.js");
          const random = (most) => Math.random() * most;
          const wrong = [];
          const check = (holds, what) => holds || wrong.push(what);
          for (let round = 0; round < 400; round++) {
            const times = [...Array(Math.floor(random(40)))].map(() => random(5000)).sort((a, b) => a - b);
            const scale = layout.timeScale(times, 0, 5000);
            const others = Array(20).fill(0).map(() => random(5000));
            const sample = [...times, 0, 5000, ...others].sort((a, b) => a - b);
            const places = sample.map(scale.at);
            check(places.every((x, at) => x >= 0 && x <= 1 && (!at || x >= places[at - 1])), "monotonic");
            check(sample.every((time, at) => Math.abs(scale.timeAt(places[at]) - time) < 1e-3), "inverse");
            const decisions = times.map((at, index) => ({ at, outcome: "offered", offer_id: `o${index}` }));
            const end = { event: "offer", status: "expired" };
            const events = decisions.map((one) => ({ ...one, ...end, at: one.at + random(900) }));
            const lives = layout.offerLives({ began_at: 0, ended_at: 5000, decisions, events });
            for (const a of lives) for (const b of lives)
              check(a === b || a.lane !== b.lane || a.until < b.from || b.until < a.from, "lanes overlap");
            const cells = Array(30).fill(0).map(() => (Math.random() < 0.1 ? null : random(1)));
            const ticks = cells.map((_, at) => at + 1);
            const runs = layout.heatRuns(cells, 0, ticks);
            const isDrawn = (at) => runs.some(({ from, until }) => from <= at && until > at);
            check(cells.every((cell, at) => (cell !== null) === isDrawn(at)), "heat");
            check(runs.every((run, at) => !at || runs[at - 1].until <= run.from), "runs overlap");
          }
          return [...new Set(wrong)];
        }"""
    )
    assert wrong == []


def test_follows_a_session_that_goes_on(studio: Open, answers: dict[str, Any]) -> None:
    now = time.time()
    shift = now - timeline()["ended_at"]

    def at(seconds: float) -> dict[str, Any]:
        action = {"at": now + seconds, "happened_at": now + seconds, "type": "click", "page": "/a"}
        return {
            **timeline(),
            "began_at": BEGAN + shift,
            "ended_at": now + seconds,
            "actions": [{**action, "title": f"Click {seconds}"}],
            "pages": [],
            "decisions": [],
            "events": [],
            "offers": [],
        }

    answers["recordings/demo/ann"] = at(0)
    answers["nearness/demo/ann"] = {"from": BEGAN + shift, "until": now, "times": [now], "triggers": []}
    faster = "const every = setInterval; window.setInterval = (work, ms) => every(work, ms / 50);"
    page = studio(ROUTE, init=faster)
    slider = page.get_by_role("slider")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("Click 0"))
    answers["recordings/demo/ann"] = at(3)
    expect(slider).to_have_attribute("aria-valuetext", re.compile("Click 3"))


def test_a_session_without_a_recording_says_how_to_record(studio: Open, answers: dict[str, Any]) -> None:
    answers["recordings/demo/ann"] = Refused(404, "sessions are not recorded", REMEDY)
    del answers["users/demo/ann/person"]
    page = studio(ROUTE)
    expect(page.get_by_text("recording: {keep: 7d}")).to_be_visible()
    expect(page.locator(".headline-text")).to_be_visible()
    expect(page.get_by_role("button", name="Copy as a test")).to_have_count(0)


def test_memory_names_the_proofs_and_moves_the_cursor(studio: Open) -> None:
    page = studio(ROUTE)
    memory = page.get_by_role("region", name="Memory")
    memory.get_by_role("button", name="Click ⋯").click()
    expect(page.get_by_role("slider")).to_have_attribute("aria-valuetext", re.compile(r"\b25 s in"))
    expect(memory.get_by_role("link", name="Click Apply (error)")).to_have_attribute(
        "href", re.compile("#/session/s0.user=ann&at=")
    )
    expect(page.get_by_role("region", name="Goal")).to_contain_text("2 of 4 steps. Next: Apply.")
    expect(page.get_by_role("region", name="Past offers")).to_contain_text("5 min")


def test_the_copied_test_runs(studio: Open, answers: dict[str, Any], tmp_path: Path) -> None:
    saves = [
        {
            "at": BEGAN + at,
            "happened_at": BEGAN + at - 0.1,
            "type": "click",
            "title": f"Click Save changes {HOSTILE}",
            "page": "/projects",
        }
        for at in (1, 2, 3)
    ]
    fires = [{"at": BEGAN + 3, "outcome": "fired", "trigger_id": "saves"}]
    answers["recordings/demo/ann"] = {**timeline(), "actions": saves, "decisions": fires, "events": []}
    told = explanation(BEGAN + 3)
    told["triggers"] = [{**told["triggers"][0], "trigger_id": name} for name in ("saves", "many")]
    answers["explain/ann"] = {**told, "headline": None}
    (tmp_path / "autoplay.yml").write_text(
        "product_id: demo\ntriggers:\n"
        "  - {id: saves, body: 'Shall I?', when: {count: {title: save changes, at_least: 3}}}\n"
        "  - {id: many, body: 'Shall I?', when: {count: {title: save changes, at_least: 4}}}\n"
    )
    page = studio(f"{ROUTE}&at={BEGAN + 3}")
    for name in ("saves", "many"):
        card = page.locator("details.trigger").filter(has=page.locator(f"summary:has-text('{name}')"))
        if card.get_attribute("open") is None:
            card.locator("summary").first.click()
        card.get_by_role("button", name="Copy as a test").click()
        text = page.get_by_label("The test").text_content()
        assert text
        assert text.isascii(), "no character can hide in it"
        compile(text, name, "exec")
        (tmp_path / f"test_{name}.py").write_text(text)
        page.get_by_role("button", name="Close").click()
    assert "stays_silent" in (tmp_path / "test_many.py").read_text()
    environment = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment)
    assert "2 passed" in done.stdout


def test_replays_with_a_changed_rule_and_deletes_the_user(
    studio: Open, server: StudioStandIn, answers: dict[str, Any]
) -> None:
    answers["users/demo/ann/delete"] = {"deleted": {"sessions": 2, "offers": 0}, "fingerprint": "f00"}
    page = studio(ROUTE)
    link = page.get_by_role("link", name="Replay with a changed rule").first
    expect(link).to_have_attribute(
        "href", re.compile(r"#/rules/bulk_edit_opportunity\?user=ann&session=s1&at=")
    )
    page.get_by_role("button", name="Delete…").click()
    page.get_by_label("Your name").fill("Cleo")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Deleted 2 sessions. The log of changes names the user f00.")).to_be_visible()
    (deleted,) = [each for each in server.asked if each.path == "users/demo/ann/delete"]
    assert deleted.body == {"by": "Cleo"}
    expect(page).to_have_url(re.compile("#/people$"))


def test_hostile_texts_stay_text(studio: Open, answers: dict[str, Any]) -> None:
    recorded = timeline(pages=(HOSTILE, "/b"))
    for one in (*recorded["actions"], *recorded["decisions"]):
        one.update(title=HOSTILE, detail=HOSTILE)
    answers["recordings/demo/ann"] = recorded
    told = explanation(BEGAN, user_id=HOSTILE)
    told["headline"]["text"] = f"It fires, but answered {HOSTILE}"
    for trigger in told["triggers"]:
        trigger.update(text=HOSTILE, about=HOSTILE, trigger_id=HOSTILE)
    told["session"]["goal"]["title"] = HOSTILE
    answers["explain/ann"] = told
    page = studio(ROUTE)
    expect(page.locator(".headline-text")).to_contain_text("<img src=x")
    page.get_by_text("events as a table").click()
    expect(page.locator(".event-list td").filter(has_text="<img").first).to_be_visible()
    assert page.locator("main img").count() == 0
    assert page.title() == "Session · Studio"


@pytest.mark.parametrize(
    ("scheme", "width"),
    [
        ("light", 1280),
        ("dark", 375),
        pytest.param("dark", 1280, marks=pytest.mark.slow),
        pytest.param("light", 375, marks=pytest.mark.slow),
    ],
)
def test_is_accessible_in_both_themes_and_on_a_phone(studio: Open, scheme: Any, width: int) -> None:
    page = studio(ROUTE, color_scheme=scheme, viewport={"width": width, "height": 800})
    expect(page.locator(".headline-text")).to_be_visible()
    expect(page.locator(".heat").first).to_be_attached()
    expect(page.locator(".workflow").first).to_be_visible()
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    expect(page.locator(".explanation[aria-busy]")).to_have_count(0)
    assert not _violations(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_lists_recorded_and_live_sessions(studio: Open, answers: dict[str, Any]) -> None:
    live = {"user_id": "ben", "session_id": "s9", "page": "/reports", "state": "THINKING"}
    answers["sessions"] = {"sessions": [live, {**live, "user_id": ""}]}
    one = {"session_id": "s1", "began_at": BEGAN, "ended_at": BEGAN + 90, "actions": 12, "decisions": 3}
    answers["recordings/demo/ann"] = {"sessions": [one]}
    answers["recordings/demo/eve"] = Refused(404, "sessions are not recorded", REMEDY)
    page = studio("#/session")
    expect(page.get_by_role("link", name="ben")).to_have_attribute("href", "#/session/s9?user=ben")
    page.get_by_label("User id").fill("ann")
    page.keyboard.press("Enter")
    expect(page.get_by_role("row").filter(has_text="s1")).to_contain_text("1 min 30 s")
    assert page.url.endswith("#/session?user=ann")
    page.get_by_role("textbox", name="User id").fill("eve")
    page.keyboard.press("Enter")
    expect(page.get_by_text("recording: {keep: 7d}")).to_be_visible()
