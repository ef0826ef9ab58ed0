"""The conversation over page loads, in several tabs, and after the user has signed out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from browser.chat_window.conftest import ChatTab, ChatVisitor, texts_of
from browser.chat_window.stand_in import ChatServer


def _kept(page: Page) -> list[str]:
    """The names under which the page keeps something."""
    keys: list[str] = page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]")
    return keys


def test_the_next_page_shows_the_same_conversation(tab: ChatTab, server: ChatServer) -> None:
    tab.open()
    server.until_windows(1)
    server.say({"text": "Shall I?", "quick_replies": [{"title": "Yes", "payload": "/yes"}]})
    tab.write("Hello")
    expect(tab.bot).to_have_count(2)
    session = tab.page.evaluate("chat.sessionId()")
    tab.page.get_by_role("link", name="Next page").click()
    # The window is open as before, connected, and leaves the focus to the page.
    expect(tab.window).to_be_visible()
    assert texts_of(tab.log.locator(".row")) == ["Shall I?", "Hello", "You said: Hello"]
    expect(tab.input).not_to_be_focused()
    expect(tab.host.get_by_role("button", name="Yes")).to_have_count(0)
    tab.write("Again")
    expect(tab.bot).to_have_count(3)
    assert [data["session_id"] for data in server.heard] == [session, session]
    tab.page.keyboard.press("Escape")
    tab.page.reload()
    expect(tab.launcher).to_be_visible()
    expect(tab.window).to_be_hidden()


@pytest.mark.slow
def test_a_phone_shows_the_next_page_instead_of_the_window(
    new_visitor: Callable[..., ChatVisitor], server: ChatServer
) -> None:
    tab = new_visitor(viewport={"width": 375, "height": 667}, has_touch=True, is_mobile=True).visit()
    tab.launcher.tap()
    tab.write("Hello")
    expect(tab.bot).to_have_count(1)
    tab.page.reload()
    expect(tab.launcher).to_be_visible()
    tab.launcher.tap()
    expect(tab.bot).to_have_count(1)


def test_tabs_share_one_conversation_and_one_connection(
    new_visitor: Callable[..., ChatVisitor], server: ChatServer
) -> None:
    visitor = new_visitor()
    one, other = visitor.visit(), visitor.visit()
    for tab in (one, other):
        tab.open()
    one.write("From one")
    expect(one.bot).to_have_count(1)
    expect(other.bot).to_have_count(1)
    other.write("From the other")
    for tab in (one, other):
        expect(tab.bot).to_have_count(2)
        assert texts_of(tab.own) == ["From one", "From the other"]
    assert server.messages == ["From one", "From the other"]
    assert len(server.transports) == 1
    assert one.page.evaluate("chat.sessionId()") == other.page.evaluate("chat.sessionId()")
    # When the tab with the connection is closed, the other one takes over.
    one.page.close()
    other.write("Alone")
    expect(other.bot).to_have_count(3)
    assert server.messages[2:] == ["Alone"]


def test_no_tab_overwrites_what_another_one_writes(
    new_visitor: Callable[..., ChatVisitor], server: ChatServer
) -> None:
    visitor = new_visitor()
    # Tabs without an opener have processes of their own, which learn of each other's changes late.
    tabs = [visitor.visit() for _ in range(3)]
    for tab in tabs:
        tab.open()
    server.until_windows(1)
    server.answers = lambda _text: []
    said = [f"Note {number} of tab {index}" for index in range(3) for number in range(10)]
    for index, tab in enumerate(tabs):
        tab.page.evaluate(
            """(index) => { for (let it = 0; it < 10; it++)
                 setTimeout(() => chat.say(`Note ${it} of tab ${index}`), it * 3); }""",
            index,
        )
    for tab in tabs:
        expect(tab.own).to_have_count(len(said))
        assert sorted(texts_of(tab.own)) == sorted(said)
    server.until(lambda: len(server.messages) >= len(said), "all notes are sent")
    assert sorted(server.messages) == sorted(said)


def test_messages_come_with_a_badge_while_the_window_is_closed(tab: ChatTab, server: ChatServer) -> None:
    tab.open()
    tab.write("Hello")
    expect(tab.bot).to_have_count(1)
    tab.page.keyboard.press("Escape")
    expect(tab.launcher).to_be_focused()
    expect(tab.host.locator(".badge")).to_be_hidden()
    server.say({"text": "One"}, {"text": "Two"})
    expect(tab.host.locator(".badge")).to_have_text("2")
    expect(tab.launcher).to_have_accessible_name("Open the chat. New messages: 2")
    expect(tab.host.get_by_role("status").filter(has_text="New messages: 2")).to_have_count(1)
    tab.open()
    expect(tab.bot).to_have_count(3)
    tab.page.keyboard.press("Escape")
    expect(tab.host.locator(".badge")).to_be_hidden()


def test_signing_out_removes_the_window_and_all_that_is_kept(
    new_visitor: Callable[..., ChatVisitor], server: ChatServer
) -> None:
    visitor = new_visitor()
    tab, other = visitor.visit(), visitor.visit()
    tab.open()
    tab.write("My salary is 1")
    expect(tab.bot).to_have_count(1)
    other.open()
    expect(other.bot).to_have_count(1)
    tab.page.evaluate("chat.reset()")
    expect(tab.host).to_have_count(0)
    # The other tab forgets it too; its copilot removes its window.
    expect(other.bot).to_have_count(0)
    other.page.evaluate("chat.reset()")
    server.until_windows(0)
    assert tab.page.evaluate("chat.open()") is False
    for page in (tab.page, other.page):
        assert [key for key in _kept(page) if key.startswith("rasa-autoplay")] == []


@pytest.mark.slow
def test_another_user_sees_nothing_of_the_former_one(
    new_visitor: Callable[..., ChatVisitor], server: ChatServer
) -> None:
    visitor = new_visitor()
    tab = visitor.visit()
    tab.open()
    tab.write("My salary is 1")
    expect(tab.bot).to_have_count(1)
    # Nobody has signed out: the next page is simply another user's.
    tab.page.goto(f"{server.origin}/host.html?user=u2")
    expect(tab.host).to_have_count(1)
    tab.page.evaluate("chat.open()")
    server.until_windows(1)
    tab.write("Who am I?")
    expect(tab.bot).to_have_count(1)
    assert "salary" not in tab.page.evaluate("JSON.stringify(localStorage)")
    first, second = server.heard
    assert first["session_id"] != second["session_id"]
    assert second["customData"] == {"userId": "u2"}


@pytest.mark.slow
def test_without_storage_the_conversation_lasts_as_long_as_the_page(
    new_visitor: Callable[..., ChatVisitor], server: ChatServer
) -> None:
    visitor = new_visitor()
    visitor.context.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage'])"
        " Object.defineProperty(window, name, { get() { throw new Error('blocked'); } });"
        " delete Navigator.prototype.locks;"
    )
    tab = visitor.visit()
    tab.open()
    tab.write("Hello")
    expect(tab.bot).to_have_count(1)
    tab.page.reload()
    tab.open()
    expect(tab.bot).to_have_count(0)
    tab.write("Again")
    expect(tab.bot).to_have_count(1)


@pytest.mark.slow
def test_destroy_keeps_the_conversation_for_the_next_window(tab: ChatTab, server: ChatServer) -> None:
    tab.open()
    tab.write("Hello")
    expect(tab.bot).to_have_count(1)
    tab.page.evaluate("chat.destroy()")
    expect(tab.host).to_have_count(0)
    server.until_windows(0)
    tab.page.evaluate("start()")
    expect(tab.bot).to_have_count(1)
    assert server.messages == ["Hello"]
