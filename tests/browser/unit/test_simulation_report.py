"""The simulation's report in a browser: it fits, is accessible, and finds every user."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from support.axe import AXE, RUN_AXE
from support.engine_parts import action, predicate_trigger, save, settings
from support.recorded import moments, simulate

from rasa_autoplay.engine.triggers.decorators import only_events
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext
from rasa_autoplay.tools.simulation.html.document import as_html
from rasa_autoplay.tools.simulation.recordings import Recordings

_SESSIONS = 320


@only_events
def _three_saves(ctx: ProactiveTriggerContext) -> bool:
    return sum("Save" in action.title for action in ctx.recent_actions) >= 3


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report on more sessions than it shows; every 40th has an offer."""
    what = []
    for n in range(_SESSIONS):
        actions = (
            [save(k + 1) for k in range(3)]
            if n % 40 == 0
            else [action("Click x", k) for k in range(1 + n % 5)]
        )
        user = f"user-{n:03d}-with-a-long-name@fernway.example"
        what += moments(*actions, session=f"0199a7b2-4c1e-7d3f-8a90-{n:012d}", user=user)
    triggers = [predicate_trigger(_three_saves, "three_saves")]
    # Playwright's synchronous form runs an event loop in this thread.
    with ThreadPoolExecutor(1) as thread:
        outcome = thread.submit(simulate, what, triggers, settings()).result()
    file = tmp_path_factory.mktemp("report") / "report.html"
    file.write_text(as_html(Recordings([]), outcome, None), "utf-8")
    return file


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_fits_and_is_accessible(chromium: Browser, report: Path, scheme: str) -> None:
    context = chromium.new_context(color_scheme="dark" if scheme == "dark" else "light", bypass_csp=True)
    page = context.new_page()
    page.goto(report.as_uri())
    page.get_by_label("User").fill("user-")
    for width in (375, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(RUN_AXE) == []
    context.close()


def test_finds_every_user_with_the_keyboard(chromium: Browser, report: Path) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(report.as_uri())
    found = page.locator("#others li")
    expect(found).to_have_count(0)
    page.get_by_label("User").focus()
    shown = {card.get_attribute("data-user") for card in page.locator(".session").all()}
    hidden = next(
        n for n in range(_SESSIONS) if f"user-{n:03d}-with-a-long-name@fernway.example" not in shown
    )
    page.keyboard.type(f"USER-{hidden:03d}")
    expect(found).to_have_count(1)
    expect(found).to_contain_text(f"user-{hidden:03d}-")
    expect(page.locator("#count")).to_have_text("0 of 200 sessions, and 1 that are not shown in full")
    expect(page.locator(".session:visible")).to_have_count(0)
    context.close()
