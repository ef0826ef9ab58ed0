"""axe finds nothing in any state of a tour, and no rule is muted."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from browser.unit.conftest import Visitor
from browser.unit.stand_in import StandIn, offer, tour

_STEPS = (("one", "#before", "Open the table's options"), ("two", "#options", "Second"))
_ROWS = "[...Array(3)].map((_, at) => `<label><input type=checkbox class=row>Row ${at}</label>`).join('')"

#: What is done to the page in each state, before the tour starts.
_PAGES = {
    "rtl": "document.documentElement.dir = 'rtl'",
    "zoomed": "document.documentElement.style.zoom = 2",
    "several": f"document.querySelector('main').insertAdjacentHTML('beforeend', {_ROWS})",
}

_OPEN_DIALOG = """() => {
      const dialog = document.createElement("dialog");
      dialog.ariaLabel = "Edit";
      document.querySelector("main").append(dialog);
      dialog.append(document.querySelector("#before"));
      dialog.showModal();
    }"""


def _violations(page: Page, server: StandIn) -> list[Any]:
    axe = server.library("axe-core/axe.min.js")
    if axe is None:
        pytest.skip("axe-core is not among the browser libraries")
    page.evaluate(axe)
    look = "axe.run(document).then((r) => r.violations.map((v) => [v.id, v.nodes.map((n) => n.html)]))"
    found: list[Any] = page.evaluate(look)
    return found


def _picture(page: Page, name: str) -> None:
    """Keep a picture where AUTOPLAY_PICTURES names a folder, for people to look at."""
    folder = os.environ.get("AUTOPLAY_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"tour-{name}.png")


@pytest.mark.parametrize(
    ("state", "options"),
    [
        ("light", {}),
        ("dark", {"color_scheme": "dark"}),
        ("forced", {"forced_colors": "active"}),
        ("still", {"reduced_motion": "reduce"}),
        ("narrow", {"viewport": {"width": 320, "height": 568}}),
        ("phone", {"viewport": {"width": 375, "height": 667}, "has_touch": True, "color_scheme": "dark"}),
        ("rtl", {}),
        ("zoomed", {}),
        ("several", {}),
        ("dialog", {}),
    ],
)
def test_axe_finds_nothing_in_a_step(
    new_visitor: Callable[..., Visitor], server: StandIn, state: str, options: dict[str, Any]
) -> None:
    page = new_visitor(**options).open()
    page.evaluate(_PAGES.get(state, "0"))
    steps = (("rows", ".row", "Tick some rows"), _STEPS[1]) if state == "several" else _STEPS
    shown = tour(*steps)
    shown["steps"][0]["text"] = "This menu holds **what you need**:\n\n1. Press `⋯`\n2. [Read more](/help)"
    server.send(offer(tours=[shown]))
    expect(page.get_by_role("button", name="Show me")).to_be_visible()
    if state == "dialog":
        page.evaluate(_OPEN_DIALOG)  # the toast would wait for it
    page.evaluate("void rasaAutoplay.copilot.showTour('bulk-edit')")
    expect(page.locator("rasa-autoplay-tour .card")).to_be_visible()
    # What fades in has less contrast for a moment.
    page.evaluate("""() => Promise.all(document.querySelector("rasa-autoplay-tour").shadowRoot
        .getAnimations().map((it) => it.finished))""")
    _picture(page, state)
    assert _violations(page, server) == []


def test_axe_finds_nothing_in_done(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.send(offer(tours=[tour(("one", "#before", "First"))]))
    page.get_by_role("button", name="Show me").click()
    expect(page.locator("rasa-autoplay-tour .title")).to_have_text("First")
    page.locator("#before").click()
    done = page.locator("rasa-autoplay-tour .done")
    expect(done).to_be_visible()
    _picture(page, "done")
    assert _violations(page, server) == []


def test_axe_finds_nothing_in_the_offer_to_continue(visitor: Visitor, server: StandIn) -> None:
    server.details["tour/step"] = {"on_path": False}
    page = visitor.open()
    server.send(offer(tours=[tour(*_STEPS)]))
    page.get_by_role("button", name="Show me").click()
    expect(page.locator("rasa-autoplay-tour .card")).to_be_visible()
    page.evaluate("""() => {
      history.pushState({}, "", "/other");
      document.querySelector("#before").hidden = true;
    }""")
    server.until_tours("tour/start", "tour/step", "tour/end")
    page.evaluate("document.querySelector('#before').hidden = false")
    expect(page.get_by_role("button", name="Continue")).to_be_visible()
    _picture(page, "continue")
    assert _violations(page, server) == []
