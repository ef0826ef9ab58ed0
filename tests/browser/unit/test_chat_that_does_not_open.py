"""Open chat says at once what happens. If the chat does not open, the card explains the steps."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.unit.conftest import Visitor
from browser.unit.stand_in import StandIn, offer, tour

STEPS = (
    "Bulk edit projects:\n1. Open the **⋯** menu.\n2. Choose `Bulk edit`.\n3. Read [more](https://a.example)."
)
SIZES = [(1366, 768), (375, 667)]


def _card(page: Page) -> Locator:
    return page.locator("rasa-autoplay .card")


def _open_chat(page: Page) -> None:
    page.get_by_role("button", name="Open chat").click()


@pytest.fixture(params=SIZES, ids=["large", "phone"])
def sized(request: pytest.FixtureRequest, new_visitor: Callable[..., Visitor]) -> Visitor:
    """A browser profile with a laptop's window, and one with a phone's."""
    width, height = request.param
    return new_visitor(viewport={"width": width, "height": height})


def test_it_says_at_once_that_the_chat_opens(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open(init="window.sessionDelay = 1e9")
    server.send(offer())
    _open_chat(page)
    expect(page.get_by_role("status")).to_contain_text("Opening …")
    expect(page.locator(".rw-chat-open")).to_be_visible()
    page.evaluate("localStorage.chat_session = JSON.stringify({ session_id: 'late' })")
    server.until_posted("proactive/inject")
    expect(_card(page)).to_be_hidden()


def test_the_card_explains_where_the_chat_does_not_open(sized: Visitor, server: StandIn) -> None:
    server.answers["proactive/inject"] = [404]
    server.details["proactive/explain"] = {"text": STEPS}
    page = sized.open()
    server.send(offer())
    _open_chat(page)
    expect(page.get_by_role("status")).to_contain_text("The chat didn’t open.")
    expect(_card(page).locator("ol > li")).to_have_text(
        ["Open the ⋯ menu.", "Choose Bulk edit.", "Read more."]
    )
    expect(_card(page).locator("ol")).to_have_attribute("dir", "auto")
    expect(_card(page).locator("ol b, ol code, ol a")).to_have_count(3)
    (asked,) = server.until_posted("proactive/explain")
    assert (asked["user_id"], asked["offer_id"]) == ("u1", "offer_1")
    box, size = _card(page).bounding_box(), page.viewport_size
    assert box
    assert size
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= size["width"]
    # Other offers wait until the user has read it.
    server.send(offer("offer_2"))
    page.wait_for_function("localStorage['rasa-autoplay']?.includes('offer_2')")
    expect(_card(page)).to_contain_text("Choose Bulk edit.")
    page.get_by_role("button", name="Close").click()
    expect(_card(page)).to_contain_text("Shall I show you how?")


def test_a_retry_opens_the_chat(visitor: Visitor, server: StandIn) -> None:
    server.answers["proactive/inject"] = [404]
    page = visitor.open()
    server.send(offer())
    _open_chat(page)
    page.get_by_role("button", name="Try again").click()
    server.until_posted("proactive/inject", 2)
    expect(_card(page)).to_be_hidden()
    expect(page.locator(".rw-chat-open")).to_be_visible()


@pytest.mark.parametrize("status", [500, 404])
def test_the_tours_steps_do_where_the_server_cannot_explain(
    visitor: Visitor, server: StandIn, status: int
) -> None:
    server.answers["proactive/explain"] = [status]
    page = visitor.open("bare.html", chat_seconds=1)
    server.send(offer())
    _open_chat(page)
    expect(_card(page).locator("ol > li")).to_have_text(["About options", "About toggle"])


def test_a_server_that_is_away_does_not_take_the_steps_with_it(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open(chat_seconds=1)
    server.send(offer())
    expect(_card(page)).to_be_visible()
    visitor.settled()
    page.context.set_offline(True)
    _open_chat(page)
    expect(_card(page).locator("ol > li")).to_have_text(["About options", "About toggle"])
    page.context.set_offline(False)


def test_without_any_steps_the_failure_is_said_and_can_be_tried_again(
    visitor: Visitor, server: StandIn
) -> None:
    page = visitor.open("bare.html", chat_seconds=1)
    server.send(offer(tours=[]))
    _open_chat(page)
    expect(page.get_by_role("status")).to_contain_text("The chat didn’t open.")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def test_a_tour_that_loses_its_way_is_explained_from_there_on(visitor: Visitor, server: StandIn) -> None:
    server.answers["proactive/inject"] = [404]
    server.answers["proactive/explain"] = [503]
    page = visitor.open(anchor_seconds=1)
    lost = tour(("options", "#options", "Open"), ("gone", "#nowhere", "Nowhere"), ("last", "#toggle", "Last"))
    server.order(offer("order_1", tours=[lost]))
    server.until_tours("tour/start")
    page.locator("#options svg").click()
    expect(_card(page).locator("ol > li")).to_have_text(["About gone", "About last"])
    expect(_card(page).locator("ol")).to_have_attribute("start", "2")


def test_a_destroyed_copilot_shows_nothing_more(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open("bare.html", chat_seconds=1)
    server.send(offer())
    _open_chat(page)
    page.evaluate("rasaAutoplay.copilot.destroy()")
    page.wait_for_timeout(1500)
    expect(page.locator("rasa-autoplay")).to_have_count(0)
