"""Show me while the page changes under it: in a single-page app, and with full page loads."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from browser.unit.conftest import Visitor
from browser.unit.stand_in import StandIn, offer, tour

CARD = "rasa-autoplay-tour .card:not(.done)"
_TWO = tour(("one", "#before", "First"), ("two", "#options", "Second"))

#: Shows another page of the app, without the elements of this one.
_LEAVE = """() => {
  history.pushState({}, "", "/other.html");
  window.main = document.querySelector("main");
  window.main.remove();
}"""
_RETURN = """() => {
  history.back();
  document.body.prepend(window.main);
}"""


def _title(page: Page) -> Locator:
    return page.locator("rasa-autoplay-tour .title")


def _second_step(visitor: Visitor, server: StandIn) -> Page:
    page = visitor.open()
    server.send(offer(tours=[_TWO]))
    page.get_by_role("button", name="Show me").click()
    expect(_title(page)).to_have_text("First")
    page.locator("#before").click()
    expect(_title(page)).to_have_text("Second")
    return page


def test_leaving_the_paths_pages_ends_it_quietly_and_it_continues(visitor: Visitor, server: StandIn) -> None:
    server.details["tour/step"] = {"on_path": False}
    page = _second_step(visitor, server)
    page.evaluate(_LEAVE)
    (end,) = server.until_posted("tour/end")
    assert (end["outcome"], end["step"]) == ("elsewhere", "two")
    expect(page.locator("rasa-autoplay-tour")).to_have_count(0)
    expect(page.get_by_role("button", name="Continue")).to_have_count(0)
    page.evaluate(_RETURN)
    page.get_by_role("button", name="Continue").click()
    expect(_title(page)).to_have_text("Second")
    page.locator("#options").click()
    assert server.until_posted("tour/end", 2)[1]["outcome"] == "finished"
    assert visitor.settled().posted("proactive/inject") == []


def test_nothing_is_drawn_while_the_next_page_is_awaited(visitor: Visitor, server: StandIn) -> None:
    server.details["tour/step"] = {"on_path": True}
    page = _second_step(visitor, server)
    page.evaluate(_LEAVE)
    expect(page.locator(CARD)).to_have_count(0)
    asked = server.until_posted("tour/step", 2)[1]
    assert asked["url"].endswith("/other.html")
    page.evaluate("document.body.append(window.main)")
    expect(_title(page)).to_have_text("Second")


def test_it_continues_after_a_full_page_load(visitor: Visitor, server: StandIn) -> None:
    page = _second_step(visitor, server)
    page.reload()
    expect(_title(page)).to_have_text("Second")
    page.locator("#options").click()
    (end,) = server.until_posted("tour/end")
    assert end["outcome"] == "finished"
    page.reload()
    expect(page.locator("h1")).to_be_visible()
    assert visitor.settled().posted("tour/start")[-1]["tour_id"] == "bulk-edit"
    assert len(visitor.settled().posted("tour/start")) == 2


def test_another_user_does_not_get_the_tour(visitor: Visitor, server: StandIn) -> None:
    page = _second_step(visitor, server)
    page.goto(page.url.replace("u1", "u2"))
    expect(page.locator("h1")).to_be_visible()
    server.until_feeds(2)
    asked = visitor.settled()
    assert len(asked.posted("tour/start")) == 1
    expect(page.locator("rasa-autoplay-tour")).to_have_count(0)


def test_a_tab_that_was_closed_leaves_nothing_to_the_next(visitor: Visitor, server: StandIn) -> None:
    page = _second_step(visitor, server)
    url = page.url
    page.close()
    following = visitor.context.new_page()
    following.goto(url)
    expect(following.locator("h1")).to_be_visible()
    server.until_feeds(2)
    assert len(visitor.settled().posted("tour/start")) == 1
