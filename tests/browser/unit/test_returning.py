"""Connections that die silently, users who come back, and browsers that block what tabs share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from support.chromium import ARGUMENTS, require_browser

from browser.unit.conftest import NOTE_CARDS, Visitor, shown
from browser.unit.stand_in import StandIn, offer, tour
from browser.unit.test_feed import NOTE_TRIES

REJECTING_LOCKS = """LockManager.prototype.request =
  () => Promise.reject(new DOMException('The request was denied.', 'SecurityError'))"""
THROWING_LOCKS = "LockManager.prototype.request = () => { throw new DOMException('', 'SecurityError'); }"
NO_CHANNEL = "BroadcastChannel = class { constructor() { throw new DOMException('', 'SecurityError'); } }"
NO_STORAGE = """for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, {
  get() { throw new DOMException('The operation is insecure.', 'SecurityError'); }
})"""
BLOCKED = {
    "locks-reject": REJECTING_LOCKS,
    "locks-throw": THROWING_LOCKS,
    "no-channel": NO_CHANNEL,
    "nothing": f"{REJECTING_LOCKS}\n{NO_CHANNEL}\n{NO_STORAGE}",
}
#: As in a tab that the browser has put to sleep: what should happen later does not.
NO_TIMERS = "{ const soon = setTimeout; setTimeout = (act, ms) => (ms > 400 ? 0 : soon(act, ms)); }"


def _card(page: Page) -> Locator:
    return page.locator("rasa-autoplay .card")


def _tries(page: Page) -> int:
    tries: int = page.evaluate("window.tries.length")
    return tries


# --- half-open connections ---------------------------------------------------------------------------------


def test_a_half_open_connection_is_replaced_and_a_toast_lost_in_it_is_shown_once(
    visitor: Visitor, server: StandIn
) -> None:
    server.heartbeat_s = 1.0
    page = visitor.open(init=NOTE_CARDS)
    server.until_open(1)
    server.lose_connections()
    server.send(offer())
    with server.another_feed():
        assert shown(page) == []
    assert server.until_feeds(2)[-1]["last_event_id"] == "", "it has had nothing"
    server.send(offer())
    expect(_card(page)).to_be_visible()
    server.send(offer())
    server.send(offer("offer_2", body="Another one"))
    expect(page.get_by_role("status")).to_contain_text("Another one")
    assert len(shown(page)) == 2
    assert visitor.settled().receipts().count("rendered") == 1


def test_a_connection_with_heartbeats_or_toasts_is_kept(visitor: Visitor, server: StandIn) -> None:
    server.heartbeat_s = 0.4
    page = visitor.open()
    server.until_open(1)
    page.wait_for_timeout(2000)
    assert len(visitor.settled().feeds) == 1


def test_it_is_replaced_within_two_heartbeats(visitor: Visitor, server: StandIn) -> None:
    visitor.stop_the_clock()
    page = visitor.open(init=NOTE_TRIES)
    server.until_open(1)
    page.wait_for_function("window.tries.length === 1")
    server.lose_connections()
    visitor.pass_time(29)
    assert _tries(page) == 1
    with server.another_feed():
        visitor.pass_time(2)


def test_a_connection_that_never_opens_is_given_up(visitor: Visitor, server: StandIn) -> None:
    visitor.stop_the_clock()
    server.answers["feed"] = [StandIn.NO_ANSWER]
    page = visitor.open()
    server.until_feeds(1)
    visitor.pass_time(31)
    server.until_open(1)
    server.send(offer())
    expect(_card(page)).to_be_visible()


def test_a_visible_tab_wakes_the_leader_whose_timers_sleep(visitor: Visitor, server: StandIn) -> None:
    server.heartbeat_s = 0.5
    leader = visitor.open(init=NO_TIMERS)
    server.until_open(1)
    follower = visitor.open()
    server.lose_connections()
    leader.wait_for_timeout(1500)
    assert len(visitor.settled().feeds) == 1
    with server.another_feed():
        follower.evaluate("dispatchEvent(new Event('focus'))")
    server.send(offer())
    expect(_card(follower)).to_be_visible()


# --- back again --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "event",
    [
        "window: online",
        "window: focus",
        pytest.param("window: pageshow", marks=pytest.mark.slow),
        pytest.param("document: visibilitychange", marks=pytest.mark.slow),
    ],
)
def test_who_comes_back_has_a_feed_at_once(visitor: Visitor, server: StandIn, event: str) -> None:
    server.answers["feed"] = [503] * 4
    page = visitor.open(init=NOTE_TRIES)
    # The fifth try would come 8 s later.
    page.wait_for_function("window.tries.length === 4")
    page.wait_for_timeout(500)
    target, name = event.split(": ")
    waited_ms = page.evaluate(
        f"""async () => {{
          const since = Date.now();
          {target}.dispatchEvent(new Event("{name}"));
          while (window.tries.length < 5) await new Promise((done) => setTimeout(done, 5));
          return window.tries[4] - since;
        }}"""
    )
    assert waited_ms < 1000
    server.send(offer())
    expect(_card(page)).to_be_visible()


def test_a_kept_receipt_is_sent_when_the_network_is_back(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.send(offer())
    server.until_receipt("seen")
    server.answers["proactive/ack"] = [503] * 3
    page.get_by_role("button", name="Later").click()
    server.until_receipt("snoozed", times=3)
    before = page.evaluate("Date.now()")
    page.wait_for_timeout(2600)
    page.evaluate("dispatchEvent(new Event('online'))")
    server.until_receipt("snoozed", times=4)
    assert page.evaluate("Date.now()") - before < 8000, "the fifth try alone would come after 10 s or more"


def test_offline_it_tries_seldom_and_online_at_once(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open(init=NOTE_TRIES)
    server.until_open(1)
    visitor.context.set_offline(True)
    server.drop()
    page.wait_for_timeout(5000)
    assert 2 <= _tries(page) <= 4
    with server.another_feed():
        visitor.context.set_offline(False)
    server.send(offer())
    expect(_card(page)).to_be_visible()
    server.until_receipt("rendered")
    assert visitor.settled().receipts().count("rendered") == 1


# --- the back/forward cache --------------------------------------------------------------------------------


@pytest.fixture
def caching_visitor(chromium: Browser, server: StandIn) -> Iterator[Visitor]:
    """A browser with a back/forward cache, which Playwright switches off otherwise."""
    browser = chromium.browser_type.launch(
        executable_path=require_browser(),
        args=list(ARGUMENTS),
        ignore_default_args=["--disable-back-forward-cache"],
    )
    visitor = Visitor(browser.new_context(), server)
    yield visitor
    browser.close()
    assert not visitor.complaints


def test_a_page_from_the_back_forward_cache_gets_its_toast(caching_visitor: Visitor, server: StandIn) -> None:
    page = caching_visitor.open(init=NOTE_CARDS)
    page.evaluate("addEventListener('pageshow', ({ persisted }) => (window.wasKept = persisted))")
    server.send(offer())
    expect(_card(page)).to_be_visible()
    server.until_receipt("rendered")
    address = page.url
    page.goto(f"{server.origin}/empty.html")
    server.until_open(0)
    page.go_back(wait_until="commit")
    assert page.url == address
    assert page.evaluate("window.wasKept"), "the copilot keeps no page out of the cache"
    server.until_open(1)
    expect(_card(page)).to_be_visible()
    server.send(offer())
    server.send(offer("offer_2", body="Another one"))
    expect(page.get_by_role("status")).to_contain_text("Another one")
    server.until_receipt("rendered", "offer_2")
    assert len(shown(page)) == 2
    asked = caching_visitor.settled()
    assert asked.receipts().count("rendered") == asked.receipts("offer_2").count("rendered") == 1


def test_a_page_that_is_left_gives_the_lead_to_another_tab(visitor: Visitor, server: StandIn) -> None:
    first, second = visitor.open(), visitor.open()
    server.until_open(1)
    with server.another_feed():
        first.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    server.send(offer())
    expect(_card(second)).to_be_visible()
    first.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(_card(first)).to_be_visible()
    second.close()
    server.send(offer("offer_2", body="Another one"))
    expect(first.get_by_role("status")).to_contain_text("Another one")
    server.until_open(1)


# --- what the browser blocks -------------------------------------------------------------------------------


@pytest.mark.parametrize("init", BLOCKED.values(), ids=BLOCKED.keys())
def test_a_browser_that_blocks_what_tabs_share_shows_it_all_the_same(
    visitor: Visitor, server: StandIn, init: str
) -> None:
    page = visitor.open("bare.html", init=init)
    assert server.until_feeds(1)[0]["wait"] == "1", "short connections: each tab has its own"
    server.answers["proactive/ack"] = [503]
    server.send(offer(tours=[]))
    expect(_card(page)).to_be_visible()
    server.until_receipt("rendered", times=2)
    page.get_by_role("button", name="Later").click()
    server.until_receipt("snoozed")


@pytest.mark.parametrize("init", BLOCKED.values(), ids=BLOCKED.keys())
def test_a_browser_that_blocks_what_tabs_share_follows_an_ordered_tour(
    visitor: Visitor, server: StandIn, init: str
) -> None:
    visitor.open("bare.html", init=init)
    server.order(offer(tours=[tour(("title", "h1", "Here"))]))
    server.until_posted("tour/start")
