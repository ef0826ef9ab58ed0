"""Show me advances by what was done: by pointer, keyboard or touch, on any element that a step means."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.unit.conftest import Visitor, after_timers
from browser.unit.stand_in import StandIn, offer, tour

CARD = "rasa-autoplay-tour .card:not(.done)"
DONE = "rasa-autoplay-tour .done .title"

#: A table whose rows can be ticked; a toolbar appears with the first tick, and goes when it is applied.
_ROWS = """() => {
  const rows = ["P-1042", "P-1043", "P-1044"].map((id) =>
    `<label><input type="checkbox" id="project-checkbox-${id}" /> Select ${id}</label>`);
  const place = Object.assign(document.createElement("div"), { id: "rows", innerHTML: rows.join("") });
  const toolbar = Object.assign(document.createElement("div"), { id: "toolbar", hidden: true });
  toolbar.innerHTML = '<button id="apply" type="button">Apply</button>';
  document.querySelector("main").append(place, toolbar);
  const ticked = () => place.querySelectorAll(":checked").length;
  place.addEventListener("change", () => (toolbar.hidden = !ticked()));
  document.querySelector("#apply").onclick = () => {
    place.querySelectorAll("input").forEach((it) => (it.checked = false));
    toolbar.hidden = true;
  };
}"""
_ROWS_TOUR = tour(
    ("select", "[id^=project-checkbox-]", "Select projects"), ("apply", "#apply", "Apply the change")
)

#: A form whose last field is a list.
_FORM = """() => {
  const form = document.createElement("form");
  form.innerHTML = '<label>Name <input id="name" /></label>' +
    '<label>Priority <select id="priority"><option>Low</option><option>High</option></select></label>' +
    '<button id="save" type="button">Save</button>';
  document.querySelector("main").append(form);
}"""


def _title(page: Page) -> Locator:
    return page.locator("rasa-autoplay-tour .title")


def _start(page: Page, server: StandIn, shown: dict[str, object]) -> None:
    server.send(offer(tours=[shown]))
    page.get_by_role("button", name="Show me").click()
    expect(page.locator(CARD)).to_be_visible()


def _expect_success(page: Page, visitor: Visitor, server: StandIn) -> None:
    expect(page.locator(DONE)).to_have_text("Done")
    expect(page.locator("rasa-autoplay-tour")).to_have_count(0)
    ends = server.until_posted("tour/end")
    assert [end["outcome"] for end in ends] == ["finished"]
    assert visitor.settled().posted("proactive/inject") == []


def test_ticking_other_rows_and_applying_is_success(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open(anchor_seconds=1)
    page.evaluate(_ROWS)
    _start(page, server, _ROWS_TOUR)
    for row in ("P-1043", "P-1044"):
        page.get_by_label(f"Select {row}").click()
    page.locator("#apply").click()
    _expect_success(page, visitor, server)


def test_a_tick_neither_advances_nor_moves_the_focus(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    page.evaluate(_ROWS)
    _start(page, server, _ROWS_TOUR)
    page.locator("#project-checkbox-P-1043").click()
    after_timers(page, 300)  # it looks every 100 ms
    expect(_title(page)).to_have_text("Select projects")
    expect(page.locator("#project-checkbox-P-1043")).to_be_focused()
    page.locator("rasa-autoplay-tour .next").click()
    expect(_title(page)).to_have_text("Apply the change")
    page.locator("#apply").click()
    _expect_success(page, visitor, server)


def test_any_visible_element_of_a_step_is_shown(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    page.evaluate(_ROWS)
    page.evaluate("document.querySelector('#project-checkbox-P-1042').parentNode.hidden = true")
    _start(page, server, _ROWS_TOUR)
    _expect_ring_at(page, "#project-checkbox-P-1043")
    page.evaluate("document.querySelector('#project-checkbox-P-1043').parentNode.hidden = true")
    _expect_ring_at(page, "#project-checkbox-P-1044")


def _expect_ring_at(page: Page, selector: str) -> None:
    page.wait_for_function(
        """(selector) => {
          const ring = document.querySelector("rasa-autoplay-tour").shadowRoot.querySelector(".ring");
          const [a, b] = [ring, document.querySelector(selector)].map((it) => it.getBoundingClientRect());
          return Math.abs(a.left + 4 - b.left) < 1 && Math.abs(a.top + 4 - b.top) < 1;
        }""",
        arg=selector,
    )


@pytest.mark.parametrize("several", [True, False])
def test_a_path_says_whether_a_step_wants_several_things(
    visitor: Visitor, server: StandIn, several: bool
) -> None:
    page = visitor.open()
    steps = (("one", "#before", "First"), ("two", "#options", "Second"))
    _start(page, server, tour(*steps, one={"several": several}))
    page.locator("#before").click()
    after_timers(page, 300)
    expect(_title(page)).to_have_text("First" if several else "Second")


def test_the_last_step_of_several_things_ends_by_the_button(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    page.evaluate(_ROWS)
    _start(page, server, tour(("select", "[id^=project-checkbox-]", "Select projects")))
    page.locator("#project-checkbox-P-1043").click()
    page.locator("rasa-autoplay-tour").get_by_role("button", name="Done").click()
    _expect_success(page, visitor, server)


_FORM_TOUR = tour(("priority", "#priority", "Choose a priority"), ("save", "#save", "Save it"))


def test_a_list_that_opens_does_not_advance(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    page.evaluate(_FORM)
    _start(page, server, _FORM_TOUR)
    page.locator("#priority").click()
    after_timers(page, 300)
    expect(_title(page)).to_have_text("Choose a priority")


def _by_keyboard(page: Page) -> None:
    page.locator("#priority").focus()
    page.keyboard.press("H")


def _by_choice(page: Page) -> None:
    page.locator("#priority").select_option("High")


@pytest.mark.parametrize("choose", [_by_keyboard, _by_choice])
def test_a_field_advances_when_its_value_changes(
    visitor: Visitor, server: StandIn, choose: Callable[[Page], None]
) -> None:
    page = visitor.open()
    page.evaluate(_FORM)
    _start(page, server, _FORM_TOUR)
    choose(page)
    expect(_title(page)).to_have_text("Save it")
    expect(page.locator("#priority")).to_be_focused()


def test_choosing_the_last_field_by_keyboard_is_success(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open(anchor_seconds=1)
    page.evaluate(_FORM)
    _start(page, server, tour(("name", "#name", "Name it"), ("priority", "#priority", "Choose")))
    page.locator("#name").fill("New")
    page.keyboard.press("Tab")
    expect(_title(page)).to_have_text("Choose")
    page.keyboard.press("H")
    _expect_success(page, visitor, server)


def test_a_click_on_a_fields_label_does_not_advance(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    page.evaluate(_FORM)
    _start(page, server, tour(("name", "label:has(#name)", "Name it"), ("save", "#save", "Save it")))
    page.get_by_text("Name", exact=True).click()
    after_timers(page, 300)
    expect(_title(page)).to_have_text("Name it")


def test_touch_advances(new_visitor: Callable[..., Visitor], server: StandIn) -> None:
    visitor = new_visitor(has_touch=True, viewport={"width": 375, "height": 667})
    page = visitor.open()
    server.send(offer())
    page.get_by_role("button", name="Show me").tap()
    expect(_title(page)).to_have_text("Open table options")
    page.locator("#options").tap()
    expect(_title(page)).to_have_text("Pick Bulk edit")
    page.locator("#toggle").tap()
    _expect_success(page, visitor, server)


def test_a_menu_that_is_closed_again_leads_back(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open(anchor_seconds=1)
    server.send(offer())
    page.get_by_role("button", name="Show me").click()
    expect(_title(page)).to_have_text("Open table options")
    page.locator("#options").click()
    expect(_title(page)).to_have_text("Pick Bulk edit")
    page.evaluate("document.querySelector('#menu').remove()")
    expect(_title(page)).to_have_text("Open table options")
    page.locator("#options").click()
    expect(_title(page)).to_have_text("Pick Bulk edit")
    page.locator("#toggle").click()
    _expect_success(page, visitor, server)


_THREE = tour(("one", "#before", "First"), ("two", "#options", "Second"), ("three", "#log", "Third"))


def test_steps_that_are_done_already_are_skipped(visitor: Visitor, server: StandIn) -> None:
    server.details["tour/start"] = {"done": ["one"]}
    page = visitor.open()
    server.send(offer(tours=[_THREE]))
    page.get_by_role("button", name="Show me").click()
    expect(_title(page)).to_have_text("Second")
    expect(page.locator("rasa-autoplay-tour .progress")).to_have_text("2 / 3")


def test_a_done_step_is_shown_again_where_only_it_leads_on(visitor: Visitor, server: StandIn) -> None:
    server.details["tour/start"] = {"done": ["options"]}
    page = visitor.open(anchor_seconds=1)
    server.send(offer())
    page.get_by_role("button", name="Show me").click()
    expect(_title(page)).to_have_text("Open table options")
    page.locator("#options").click()
    expect(_title(page)).to_have_text("Pick Bulk edit")


def test_what_only_the_engine_sees_done_advances(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    _start(page, server, _THREE)
    server.report_progress("one")
    expect(_title(page)).to_have_text("Second")


def test_a_done_step_that_only_the_chat_explains_advances(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    page.evaluate(_ROWS)
    _start(page, server, _ROWS_TOUR)
    page.locator("#project-checkbox-P-1043").click()
    server.report_progress("priority", following="apply")
    expect(_title(page)).to_have_text("Apply the change")


def test_a_path_that_the_engine_sees_complete_is_success(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    _start(page, server, _THREE)
    server.report_progress("two", complete=True)
    _expect_success(page, visitor, server)


def test_progress_reaches_the_tab_of_the_tour(visitor: Visitor, server: StandIn) -> None:
    """Only one tab has the feed."""
    visitor.open()
    server.until_open(1)
    page = visitor.open()
    _start(page, server, _THREE)
    server.report_progress("one")
    expect(_title(page)).to_have_text("Second")


def test_a_step_that_waits_is_not_done_by_its_element(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    _start(page, server, tour(("one", "#before", "First"), ("two", "#x", "Second"), one={"waits": True}))
    page.locator("#before").click()
    after_timers(page, 300)
    expect(_title(page)).to_have_text("First")
    expect(page.locator("rasa-autoplay-tour .next")).to_be_visible()


def test_an_element_in_an_open_shadow_root_is_a_step(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    page.evaluate("""() => {
      const host = document.createElement("x-grid");
      host.attachShadow({ mode: "open" }).innerHTML = '<button id="inner" type="button">Inner</button>';
      document.querySelector("main").append(host);
    }""")
    _start(page, server, tour(("one", "x-grid >> #inner", "First"), ("two", "#before", "Second")))
    page.locator("#inner").click()
    expect(_title(page)).to_have_text("Second")


@pytest.mark.parametrize(("selector", "problem"), [("#gone", "missing"), ("##more[", "invalid")])
def test_a_first_element_that_the_page_lacks_is_reported(
    visitor: Visitor, server: StandIn, selector: str, problem: str
) -> None:
    page = visitor.open()
    server.send(offer(tours=[tour(("one", selector, "First"))]))
    expect(page.get_by_role("button", name="Open chat")).to_be_visible()
    expect(page.get_by_role("button", name="Show me")).to_be_hidden()
    (report,) = server.until_posted("tour/problem")
    assert (report["tour_id"], report["step"], report["problem"]) == ("bulk-edit", "one", problem)
    assert report["url"] == page.url


def test_an_element_of_a_page_that_the_user_has_left_is_not_reported(
    visitor: Visitor, server: StandIn
) -> None:
    page = visitor.open()
    server.send(offer(tours=[tour(("one", "#before", "First"))]))
    expect(page.get_by_role("button", name="Show me")).to_be_visible()
    page.evaluate("""() => {
      history.pushState({}, "", "/other");
      document.querySelector("#before").remove();
    }""")
    after_timers(page, 3500)  # it would be reported after 3 s
    assert visitor.settled().posted("tour/problem") == []


def test_late_rows_are_waited_for_although_apply_is_there(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    steps = (("one", "#before", "First"), ("rows", ".row", "Rows"), ("apply", "#options", "Apply"))
    _start(page, server, tour(*steps, rows={"several": True}))
    page.locator("#before").click()
    after_timers(page, 500)
    page.evaluate("""document.querySelector("main")
        .insertAdjacentHTML("beforeend", "<input type=checkbox class=row aria-label=Row>")""")
    expect(_title(page)).to_have_text("Rows")


def test_a_tour_that_is_left_names_its_step(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    _start(page, server, _THREE)
    page.locator("#before").click()
    expect(_title(page)).to_have_text("Second")
    page.keyboard.press("Escape")
    (end,) = server.until_posted("tour/end")
    assert (end["outcome"], end["step"], end["offer_id"]) == ("left", "two", "offer_1")
