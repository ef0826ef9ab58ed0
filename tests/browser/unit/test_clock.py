"""A browser whose time of day is wrong, or is set while the page is open."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.unit.conftest import NOTE_CARDS, Visitor, shown
from browser.unit.stand_in import StandIn, offer

_TWO_MINUTES_S, _A_DAY_S = 120, 86_400
_WRONG_BY_S = [-_A_DAY_S, -_TWO_MINUTES_S, _TWO_MINUTES_S, _A_DAY_S]


def wrong_by(seconds: float) -> str:
    """JavaScript that puts the time of day forward; `window.setClock` changes it again."""
    return f"""(() => {{
      const right = Date.now;
      let shift = {seconds * 1000};
      Date.now = () => right() + shift;
      window.setClock = (seconds) => (shift = seconds * 1000);
    }})();"""


def _card(page: Page) -> Locator:
    return page.locator("rasa-autoplay .card")


@pytest.mark.parametrize("seconds", _WRONG_BY_S)
def test_shows_the_toast_when_the_clock_is_wrong(visitor: Visitor, server: StandIn, seconds: int) -> None:
    page = visitor.open(init=wrong_by(seconds))
    server.send(offer())
    expect(_card(page)).to_be_visible()
    server.until_receipt("rendered")


@pytest.mark.parametrize("seconds", _WRONG_BY_S)
def test_hides_the_toast_on_time_when_the_clock_is_wrong(
    visitor: Visitor, server: StandIn, seconds: int
) -> None:
    visitor.stop_the_clock()
    page = visitor.open(init=wrong_by(seconds))
    server.send(offer(expires_in_s=60))
    expect(_card(page)).to_be_visible()
    visitor.pass_time(55)
    expect(_card(page)).to_be_visible()
    visitor.pass_time(6)
    expect(_card(page)).to_be_hidden()


@pytest.mark.parametrize("seconds", _WRONG_BY_S)
def test_tabs_and_page_loads_agree_on_the_expiry(visitor: Visitor, server: StandIn, seconds: int) -> None:
    visitor.stop_the_clock()
    first, second = visitor.open(init=wrong_by(seconds)), visitor.open(init=wrong_by(seconds))
    server.send(offer(expires_in_s=60))
    expect(_card(first)).to_be_visible()
    expect(_card(second)).to_be_visible()
    visitor.pass_time(30)
    second.reload()
    expect(_card(second)).to_be_visible()
    visitor.pass_time(31)
    expect(_card(first)).to_be_hidden()
    expect(_card(second)).to_be_hidden()


@pytest.mark.parametrize("seconds", _WRONG_BY_S)
def test_hides_the_toast_on_time_when_the_clock_is_changed(
    visitor: Visitor, server: StandIn, seconds: int
) -> None:
    visitor.stop_the_clock()
    page = visitor.open(init=wrong_by(0))
    server.send(offer(expires_in_s=60))
    expect(_card(page)).to_be_visible()
    page.evaluate("(seconds) => setClock(seconds)", seconds)
    visitor.pass_time(61)
    expect(_card(page)).to_be_hidden()


@pytest.mark.parametrize("seconds", _WRONG_BY_S)
def test_shows_a_later_offer_after_the_clock_is_changed(
    visitor: Visitor, server: StandIn, seconds: int
) -> None:
    page = visitor.open(init=wrong_by(0))
    server.send(offer())
    expect(_card(page)).to_be_visible()
    page.get_by_role("button", name="Close").click()
    page.evaluate("(seconds) => setClock(seconds)", seconds)
    server.send(offer("offer_2", body="Another one"))
    expect(page.get_by_role("status")).to_contain_text("Another one")


def test_hides_an_expired_toast_after_the_computer_slept(visitor: Visitor, server: StandIn) -> None:
    """Asleep, the clock that nobody can set stands still; the time of day goes on."""
    page = visitor.open(init=wrong_by(0))
    server.send(offer(expires_in_s=60))
    expect(_card(page)).to_be_visible()
    page.evaluate("setClock(3600)")
    expect(_card(page)).to_be_hidden()


def test_neither_shows_nor_reports_an_expired_offer(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open(init=NOTE_CARDS)
    server.send(offer(expires_in_s=0))
    server.send(offer("offer_2", body="Another one"))
    expect(page.get_by_role("status")).to_contain_text("Another one")
    assert shown(page) == ["Another one"]
    assert visitor.settled().receipts() == []


def test_the_feed_request_announces_receipts(visitor: Visitor, server: StandIn) -> None:
    visitor.open()
    assert server.until_feeds(1)[0]["receipts"] == "1"


def test_accepts_an_offer_without_expires_in_s(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    older = offer()
    del older["expires_in_s"]
    server.send(older)
    expect(_card(page)).to_be_visible()
