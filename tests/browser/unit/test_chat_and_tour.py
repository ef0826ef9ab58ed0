"""While a tour runs the chat is out of its way, and afterwards it is as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.unit.conftest import Visitor, after_timers
from browser.unit.stand_in import StandIn, offer, tour

SIZES = [(1366, 768), (375, 667)]
ONE_STEP = tour(("options", "#options", "Open table options"))
#: Under the open chat window, and under its closed launcher.
UNDER_THE_WINDOW = "position: fixed; right: 60px; bottom: 250px"
UNDER_THE_LAUNCHER = "position: fixed; right: 30px; bottom: 30px"


def _receives_clicks(target: Locator) -> bool:
    """Whether a click at the middle of an element reaches it."""
    reached: bool = target.evaluate(
        """(it) => {
          const { x, y, width, height } = it.getBoundingClientRect();
          return it.contains(document.elementFromPoint(x + width / 2, y + height / 2));
        }"""
    )
    return reached


def _open(visitor: Visitor, style: str, **tag: Any) -> tuple[Page, Locator]:
    page = visitor.open(**tag)
    target = page.locator("#options")
    target.evaluate("(it, style) => (it.style.cssText = style)", style)
    return page, target


@pytest.fixture(params=SIZES, ids=["large", "phone"])
def sized(request: pytest.FixtureRequest, new_visitor: Callable[..., Visitor]) -> Visitor:
    """A browser profile with a laptop's window, and one with a phone's."""
    width, height = request.param
    return new_visitor(viewport={"width": width, "height": height})


def test_an_open_chat_steps_aside_and_comes_back(sized: Visitor, server: StandIn) -> None:
    page, target = _open(sized, UNDER_THE_WINDOW)
    page.locator(".rw-launcher").click()
    assert not _receives_clicks(target)
    session = page.evaluate("localStorage.chat_session")
    server.order(offer("order_1", tours=[ONE_STEP]))
    expect(page.locator(".rw-conversation-container")).to_be_hidden()
    expect(page.locator(".rw-launcher")).to_be_hidden()
    assert _receives_clicks(target)
    # A widget may draw itself anew at any time.
    page.evaluate(
        "document.querySelector('.rw-widget-container').className = 'rw-widget-container rw-chat-open'"
    )
    expect(page.locator(".rw-conversation-container")).to_be_hidden()
    target.click()
    server.until_tours("tour/start", "tour/end")
    expect(page.locator(".rw-conversation-container")).to_be_visible()
    assert page.evaluate("localStorage.chat_session") == session
    # The widget itself was not asked to close and open.
    expect(page.locator("#log")).to_have_text("chat;options;")


def test_a_launcher_goes_only_from_where_a_step_is(sized: Visitor, server: StandIn) -> None:
    page, target = _open(sized, "")
    launcher = page.locator(".rw-launcher")
    server.order(offer("order_1", tours=[ONE_STEP]))
    server.until_tours("tour/start")
    expect(launcher).to_be_visible()
    target.evaluate("(it, style) => (it.style.cssText = style)", UNDER_THE_LAUNCHER)
    expect(launcher).to_be_hidden()
    target.click()
    expect(launcher).to_be_visible()
    expect(page.locator("#log")).to_have_text("options;")


def test_a_chat_that_the_user_opens_during_a_tour_stays(visitor: Visitor, server: StandIn) -> None:
    page, _ = _open(visitor, "")
    server.order(offer("order_1", tours=[ONE_STEP]))
    server.until_tours("tour/start")
    page.locator(".rw-launcher").click()
    after_timers(page, 400)  # it looks every 200 ms
    expect(page.locator(".rw-conversation-container")).to_be_visible()


def test_where_a_tour_loses_its_way_the_chat_is_back(visitor: Visitor, server: StandIn) -> None:
    page, target = _open(visitor, UNDER_THE_WINDOW, anchor_seconds=1)
    page.locator(".rw-launcher").click()
    lost = tour(("options", "#options", "Open table options"), ("gone", "#nowhere", "Nowhere"))
    server.order(offer("order_1", tours=[lost]))
    server.until_tours("tour/start")
    target.click()
    server.until_posted("proactive/inject")
    expect(page.locator(".rw-conversation-container")).to_be_visible()


def test_a_destroyed_copilot_leaves_the_chat_visible(visitor: Visitor, server: StandIn) -> None:
    page, _ = _open(visitor, UNDER_THE_WINDOW)
    page.locator(".rw-launcher").click()
    server.order(offer("order_1", tours=[ONE_STEP]))
    expect(page.locator(".rw-launcher")).to_be_hidden()
    page.evaluate("rasaAutoplay.copilot.destroy()")
    expect(page.locator(".rw-launcher")).to_be_visible()


def test_another_widget_steps_aside_by_its_own_function(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open("module.html")
    page.evaluate("window.opened = 1")
    server.order(offer("order_1", tours=[ONE_STEP]))
    server.until_tours("tour/start")
    page.locator("#options").click()
    page.wait_for_function("window.visibility[0] === false && window.visibility.at(-1) === true")


def test_a_tour_that_was_asked_for_in_the_chat_starts(sized: Visitor, server: StandIn) -> None:
    page, target = _open(sized, UNDER_THE_WINDOW)
    page.locator(".rw-launcher").click()
    server.order(offer("order_1", tours=[ONE_STEP], from_chat=True))
    server.until_tours("tour/start")
    assert _receives_clicks(target)


def test_a_tour_that_the_page_cannot_show_is_explained_in_the_chat(visitor: Visitor, server: StandIn) -> None:
    tabs = [visitor.open(), visitor.open()]
    tabs[0].bring_to_front()
    gone = tour(("gone", "#nowhere", "Nowhere"))
    server.order(offer("order_1", tours=[gone], from_chat=True))
    (body,) = server.until_posted("proactive/inject")
    assert (body["offer_id"], body["step"]) == ("order_1", "gone")
    asked = visitor.settled()
    assert asked.tours == []
    assert len(asked.posted("proactive/inject")) == 1


def test_the_toast_is_above_a_chat_that_fills_the_window(sized: Visitor, server: StandIn) -> None:
    page, _ = _open(sized, "")
    page.locator(".rw-launcher").click()
    page.locator(".rw-widget-container").evaluate(
        "(it) => (it.style.cssText = 'position: fixed; inset: 0; width: 100%; background: white')"
    )
    server.send(offer())
    page.get_by_role("button", name="Open chat").click(trial=True)
