"""Steps that can be done in several ways: the tour shows one that the page has, and each does the step."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.unit.conftest import Visitor, after_timers
from browser.unit.stand_in import StandIn, offer, tour

CARD = "rasa-autoplay-tour .card:not(.done)"

#: A button in the bar, the same in a menu, and the same in an open shadow root; then the next step.
_SAVE = """() => {
  const main = document.querySelector("main");
  main.insertAdjacentHTML("beforeend", '<button id="bar-save" type="button">Save</button>' +
    '<button id="menu-save" type="button">Save in the menu</button><div id="panel"></div>' +
    '<button id="send" type="button">Send</button><button id="close" type="button">Close</button>');
  const root = main.querySelector("#panel").attachShadow({ mode: "open" });
  root.innerHTML = '<button id="inner">Save here</button>';
}"""
_SAVE_TOUR = tour(
    ("save", "#bar-save", "Save it"),
    ("send", "#send", "Send it"),
    ("close", "#close", "Close it"),
    save={"any": ["#menu-save", "#panel >> #inner"]},
)
#: Rows to tick, and one box that ticks all of them.
_ROWS = """() => {
  const boxes = ["all", "row-1", "row-2"].map((id) =>
    `<label><input type="checkbox" id="${id}" /> ${id}</label>`);
  const apply = '<button id="apply">Apply</button>';
  document.querySelector("main").insertAdjacentHTML("beforeend", boxes.join("") + apply);
}"""


def _title(page: Page) -> Locator:
    return page.locator("rasa-autoplay-tour .title")


def _start(page: Page, server: StandIn, shown: dict[str, object], offer_id: str = "offer_1") -> None:
    server.send(offer(offer_id, tours=[shown]))
    page.get_by_role("button", name="Show me").click()
    expect(page.locator(CARD)).to_be_visible()


def _expect_ring_at(page: Page, element: Locator) -> None:
    page.wait_for_function(
        """(element) => {
          const ring = document.querySelector("rasa-autoplay-tour").shadowRoot.querySelector(".ring");
          const [a, b] = [ring, element].map((it) => it.getBoundingClientRect());
          return Math.abs(a.left + 4 - b.left) < 1 && Math.abs(a.top + 4 - b.top) < 1;
        }""",
        arg=element.element_handle(),
    )


def test_shows_the_first_way_that_the_page_has_now(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    page.evaluate(_SAVE)
    page.evaluate("document.querySelectorAll('#bar-save, #menu-save').forEach((it) => (it.hidden = true))")
    _start(page, server, _SAVE_TOUR)
    for way in ("#inner", "#menu-save", "#bar-save"):
        page.evaluate("(way) => { for (const it of document.querySelectorAll(way)) it.hidden = false; }", way)
        _expect_ring_at(page, page.locator(way))
    page.locator("#bar-save").evaluate("(it) => it.remove()")
    _expect_ring_at(page, page.locator("#menu-save"))
    expect(_title(page)).to_have_text("Save it")


def test_using_any_of_the_elements_does_the_step(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    page.evaluate(_SAVE)
    for way in ("#menu-save", "#inner", "#bar-save"):
        _start(page, server, _SAVE_TOUR, f"offer of {way}")
        expect(_title(page)).to_have_text("Save it")
        page.locator(way).focus()
        page.keyboard.press("Enter")
        expect(_title(page)).to_have_text("Send it")
        page.keyboard.press("Escape")
        expect(page.locator("rasa-autoplay-tour")).to_have_count(0)
    assert [end["outcome"] for end in server.until_posted("tour/end", 3)] == ["left"] * 3


def test_several_things_in_several_ways_stay_until_a_later_step(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    page.evaluate(_ROWS)
    steps = (("select", "#all", "Select"), ("apply", "#apply", "Apply"))
    _start(page, server, tour(*steps, select={"several": True, "any": ["[id^=row-]"]}))
    for box in ("row-2", "all", "row-2"):
        page.locator(f"#{box}").click()
        after_timers(page, 300)  # it looks every 100 ms
        expect(_title(page)).to_have_text("Select")
        _expect_ring_at(page, page.locator("#all"))
    page.locator("#apply").click()
    expect(page.locator("rasa-autoplay-tour .done .title")).to_have_text("Done")


@pytest.mark.slow
def test_checkboxes_of_one_way_may_be_ticked_several_times(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    page.evaluate(_ROWS)
    steps = (("select", "#gone", "Select"), ("apply", "#apply", "Apply"))
    _start(page, server, tour(*steps, select={"any": ["[id^=row-]"]}))
    page.locator("#row-2").click()
    after_timers(page, 300)
    expect(_title(page)).to_have_text("Select")
    page.locator("rasa-autoplay-tour .next").click()
    expect(_title(page)).to_have_text("Apply")


@pytest.mark.slow
def test_waits_for_the_server_if_the_page_cannot_tell_the_ways_apart(
    visitor: Visitor, server: StandIn
) -> None:
    page = visitor.open()
    page.evaluate(_SAVE)
    waiting = tour(
        ("save", "#bar-save", "Save it"),
        ("send", "#send", "Send it"),
        save={"any": ["#menu-save"], "waits": True},
    )
    _start(page, server, waiting)
    page.locator("#menu-save").click()
    after_timers(page, 300)
    expect(_title(page)).to_have_text("Save it")
    server.report_progress("save")
    expect(_title(page)).to_have_text("Send it")


@pytest.mark.slow
def test_reports_a_step_of_which_the_page_has_no_way(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.send(offer(tours=[tour(("one", "#gone", "First"), one={"any": [".gone", "#away"]})]))
    (missing,) = server.until_posted("tour/problem")
    assert (missing["step"], missing["problem"]) == ("one", "missing")
    server.send(offer("offer_2", tours=[tour(("one", "#gone", "First"), one={"any": ["##more["]})]))
    _, invalid = server.until_posted("tour/problem", 2)
    assert (invalid["step"], invalid["problem"]) == ("one", "invalid")
    expect(page.get_by_role("button", name="Show me")).to_be_hidden()
