"""Open chat: the window opens, its session is found, and the bot is asked to speak in it."""

from __future__ import annotations

import json

from playwright.sync_api import Page, expect

from browser.unit.conftest import Visitor, after_timers
from browser.unit.stand_in import StandIn, offer


def _open_chat(page: Page) -> None:
    page.get_by_role("button", name="Open chat").click()


def _session_of(page: Page) -> str:
    stored = page.evaluate("localStorage.chat_session")
    return str(json.loads(stored)["session_id"])


def test_the_bot_speaks_in_the_window_that_clicked(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.send(offer())
    _open_chat(page)
    (asked,) = server.until_posted("proactive/inject")
    assert asked["sender_id"] == _session_of(page)
    assert (asked["user_id"], asked["offer_id"], asked["trigger_id"]) == (
        "u1",
        "offer_1",
        "bulk_edit_opportunity",
    )
    expect(page.locator(".rw-chat-open")).to_be_visible()
    server.until_receipt("accepted")
    assert visitor.settled().receipts().count("accepted") == 1
    expect(page.locator("rasa-autoplay .card")).to_be_hidden()


def test_keeps_an_open_chat_open(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    page.locator(".rw-launcher").click()
    server.send(offer())
    _open_chat(page)
    server.until_posted("proactive/inject")
    expect(page.locator(".rw-chat-open")).to_be_visible()
    expect(page.locator("#log")).to_have_text("chat;")


def test_waits_for_a_late_chat_session(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open(init="window.sessionDelay = 1e9")
    server.send(offer())
    _open_chat(page)
    expect(page.locator(".rw-chat-open")).to_be_visible()
    assert visitor.settled().posted("proactive/inject") == []
    page.evaluate("localStorage.chat_session = JSON.stringify({ session_id: 'late' })")
    assert server.until_posted("proactive/inject")[0]["sender_id"] == "late"


def test_retries_while_the_chat_window_is_connecting(visitor: Visitor, server: StandIn) -> None:
    server.answers["proactive/inject"] = [502, 502]
    page = visitor.open()
    server.send(offer())
    _open_chat(page)
    server.until_posted("proactive/inject", 3)
    visitor.settled()
    after_timers(page, 600)  # it would try again after 500 ms
    assert len(visitor.settled().posted("proactive/inject")) == 3
    expect(page.locator("rasa-autoplay .card")).to_be_hidden()


def test_shows_a_failure_and_allows_a_retry(visitor: Visitor, server: StandIn) -> None:
    server.answers["proactive/inject"] = [404]
    page = visitor.open()
    server.send(offer())
    _open_chat(page)
    expect(page.get_by_role("status")).to_contain_text("The chat didn’t open.")
    page.get_by_role("button", name="Try again").click()
    server.until_posted("proactive/inject", 2)
    expect(page.locator("rasa-autoplay .card")).to_be_hidden()


def test_shows_a_failure_when_there_is_no_widget(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open("bare.html", chat_seconds=1)
    server.send(offer())
    _open_chat(page)
    expect(page.get_by_role("status")).to_contain_text("The chat didn’t open.")


def test_supports_any_widget_through_three_functions(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open("module.html")
    server.send(offer())
    _open_chat(page)
    assert server.until_posted("proactive/inject")[0]["sender_id"] == "own-session"
    assert page.evaluate("window.opened") == 1


def test_each_page_load_starts_a_fresh_chat(visitor: Visitor) -> None:
    page = visitor.open()
    page.wait_for_function("localStorage.chat_session")
    first = _session_of(page)
    page.reload()
    page.wait_for_function("localStorage.chat_session")
    assert _session_of(page) != first


def test_keeps_the_chat_across_page_loads_when_configured(visitor: Visitor) -> None:
    page = visitor.open(fresh_chat=False)
    page.wait_for_function("localStorage.chat_session")
    first = _session_of(page)
    page.reload()
    page.wait_for_function("localStorage.chat_session")
    assert _session_of(page) == first


def test_a_second_tab_does_not_reset_the_first_tabs_chat(visitor: Visitor, server: StandIn) -> None:
    first = visitor.open()
    first.wait_for_function("localStorage.chat_session")
    session = _session_of(first)
    server.until_open(1)
    visitor.open().wait_for_function("localStorage.chat_session")
    assert _session_of(first) == session
