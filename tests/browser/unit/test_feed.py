"""The feed: one connection per browser, through restarts, refusals and page loads."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.unit.conftest import NOTE_CARDS, Visitor, shown
from browser.unit.stand_in import StandIn, offer

#: Has a page keep when it asks for a feed; the pauses between are as short as chance may make them.
NOTE_TRIES = """
Math.random = () => 0;
window.tries = [];
window.EventSource = class extends EventSource {
  constructor(address) {
    super(address);
    window.tries.push(Date.now());
  }
};
"""
WITHOUT_LOCKS = "Object.defineProperty(navigator, 'locks', {value: undefined})"


def _card(page: Page) -> Locator:
    return page.locator("rasa-autoplay .card")


def test_ten_tabs_share_one_connection(visitor: Visitor, server: StandIn) -> None:
    tabs = [visitor.open() for _ in range(10)]
    server.send(offer())
    for tab in tabs:
        expect(_card(tab)).to_be_visible()
    assert tabs[9].evaluate("fetch('/host.css').then((answer) => answer.ok)")
    tabs[9].bring_to_front()
    server.until_receipt("seen")
    asked = visitor.settled()
    assert asked.most_open == 1
    assert asked.receipts().count("rendered") == 1


def test_closing_a_toast_in_one_tab_closes_it_in_all(visitor: Visitor, server: StandIn) -> None:
    first, second = visitor.open(), visitor.open()
    server.send(offer())
    expect(_card(first)).to_be_visible()
    second.get_by_role("button", name="Close").click()
    expect(_card(first)).to_be_hidden()
    third = visitor.open(init=NOTE_CARDS)
    server.send(offer("offer_2", body="Another one"))
    expect(third.get_by_role("status")).to_contain_text("Another one")
    assert shown(third) == ["Another one"]
    assert visitor.settled().receipts().count("dismissed") == 1


def test_a_tab_that_opens_later_shows_the_toast(visitor: Visitor, server: StandIn) -> None:
    first = visitor.open()
    server.send(offer())
    expect(_card(first)).to_be_visible()
    second = visitor.open()
    expect(_card(second)).to_be_visible()
    assert visitor.settled().receipts().count("rendered") == 1


def test_a_page_load_keeps_the_toast(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.send(offer())
    expect(_card(page)).to_be_visible()
    server.until_receipt("rendered")
    with server.another_feed():
        page.reload()
    expect(_card(page)).to_be_visible()
    asked = visitor.settled()
    assert asked.feeds[-1]["last_event_id"] == "offer_1", "the feed goes on behind it"
    assert asked.receipts().count("rendered") == 1


def test_another_tab_opens_the_feed_when_the_first_one_closes(visitor: Visitor, server: StandIn) -> None:
    first, second = visitor.open(), visitor.open()
    server.until_open(1)
    with server.another_feed():
        first.close()
    server.send(offer())
    expect(_card(second)).to_be_visible()


def test_two_users_of_one_browser_have_separate_feeds(visitor: Visitor, server: StandIn) -> None:
    visitor.open(user="u1")
    visitor.open(user="ü/2")
    server.until_open(2)
    assert sorted(feed["user_id"] for feed in server.until_feeds(2)) == ["u1", "ü/2"]


def test_reconnects_after_a_server_restart(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.send(offer())
    expect(_card(page)).to_be_visible()
    server.until_receipt("rendered")
    with page.expect_event("requestfailed", lambda request: request.failure == "net::ERR_CONNECTION_REFUSED"):
        server.stop()
    with server.another_feed():
        server.start()
    assert server.until_feeds(2)[-1]["last_event_id"] == "offer_1"
    server.send(offer())
    server.send(offer("offer_2", body="Another one"))
    expect(page.get_by_role("status")).to_contain_text("Another one")
    assert visitor.settled().receipts().count("rendered") == 1


@pytest.mark.parametrize("status", [204, 401, 503])
def test_reconnects_after_a_refusal(visitor: Visitor, server: StandIn, status: int) -> None:
    server.answers["feed"] = [status, status]
    page = visitor.open(token="t1")
    server.until_open(1)
    assert [feed["token"] for feed in server.until_feeds(3)] == ["t1"] * 3
    server.send(offer())
    expect(_card(page)).to_be_visible()


@pytest.mark.slow
def test_waits_longer_after_each_failed_attempt(visitor: Visitor, server: StandIn) -> None:
    server.answers["feed"] = [503] * 20
    page = visitor.open(init=NOTE_TRIES)
    server.until_feeds(5)
    tries = page.evaluate("window.tries")
    # On a busy machine, the window may get the focus after the first try, and then the page tries at once.
    last_start = max(at for at in tries if at - tries[0] < 500)
    pauses_ms = [after - before for before, after in pairwise(at for at in tries if at >= last_start)]
    # Half of what they are at most. A timer may be late, but never early, beyond what a clock is read to.
    assert pauses_ms[0] >= 980
    assert pauses_ms[1] >= 1980
    assert pauses_ms[2] >= 3980


def test_accepts_a_function_as_token(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open("module.html")
    server.until_open(1)
    with server.another_feed():
        server.drop()
    assert [feed["token"] for feed in server.until_feeds(2)] == ["t1", "t2"]
    server.send(offer())
    expect(_card(page)).to_be_visible()


def test_polls_when_the_browser_has_no_web_locks(visitor: Visitor, server: StandIn) -> None:
    tabs = [visitor.open(init=WITHOUT_LOCKS) for _ in range(3)]
    assert {feed["wait"] for feed in server.until_feeds(5)} == {"1"}
    server.send(offer())
    for tab in tabs:
        expect(_card(tab)).to_be_visible()
    server.until_receipt("rendered")


def test_retries_receipts(visitor: Visitor, server: StandIn) -> None:
    server.answers["proactive/ack"] = [503]
    visitor.open()
    server.send(offer())
    server.until_receipt("rendered", times=2)


def test_ignores_frames_that_are_not_offers(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.send_text("no JSON")
    server.send_text("null")
    server.send_text("{}")
    server.send(offer())
    expect(_card(page)).to_be_visible()


def test_works_without_local_storage(visitor: Visitor, server: StandIn) -> None:
    blocked = "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('blocked'); }})"
    tabs = [visitor.open("bare.html", init=blocked) for _ in range(2)]
    server.send(offer())
    for tab in tabs:
        expect(_card(tab)).to_be_visible()
    tabs[0].get_by_role("button", name="Close").click()
    expect(_card(tabs[1])).to_be_hidden()


def test_destroy_closes_the_feed_and_removes_the_toast(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.send(offer())
    expect(_card(page)).to_be_visible()
    page.evaluate("window.rasaAutoplay.copilot.destroy()")
    server.until_open(0)
    expect(page.locator("rasa-autoplay")).to_have_count(0)


def test_defines_only_the_documented_global(visitor: Visitor, new_visitor: Callable[..., Visitor]) -> None:
    names = "Object.keys(window).filter((name) => !['log', 'options', 'driver'].includes(name))"
    with_script = set(visitor.open().evaluate(names))
    without = set(new_visitor().open("empty.html").evaluate(names))
    assert with_script - without - {"openMenu", "mountChat"} == {"rasaAutoplay"}


@pytest.mark.parametrize("user", ["tenant-7/anna", "a%2Fb", "..", "a//b", "a?b#c", "änna berg"])
def test_sends_a_user_id_that_a_proxy_might_change_in_the_query(
    visitor: Visitor, server: StandIn, user: str
) -> None:
    visitor.open(user=user)
    (feed,) = server.until_feeds(1)
    assert feed["user_id"] == user
    assert feed["path"] == "/proactive/stream"


@pytest.mark.parametrize("user", ["u1", "anna@example.com", "550e8400-e29b", "a.b_c+d"])
def test_sends_a_plain_user_id_in_the_path(visitor: Visitor, server: StandIn, user: str) -> None:
    visitor.open(user=user)
    (feed,) = server.until_feeds(1)
    assert feed["user_id"] == user
    assert feed["path"] == f"/proactive/stream/{user}"
