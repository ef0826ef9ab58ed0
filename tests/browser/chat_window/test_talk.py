"""A conversation: what both sides say, and how it is written."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from browser.chat_window.conftest import ChatTab, ChatVisitor, texts_of
from browser.chat_window.stand_in import ChatServer


def test_nobody_is_connected_until_the_window_is_opened(tab: ChatTab, server: ChatServer) -> None:
    expect(tab.launcher).to_be_visible()
    # A second is what the window's own timer takes.
    tab.page.evaluate("new Promise((done) => setTimeout(done, 1100))")
    assert server.transports == []
    tab.open()
    server.until_windows(1)
    assert server.transports == ["websocket"]


def test_a_message_is_sent_once_and_answered(tab: ChatTab, server: ChatServer) -> None:
    tab.open()
    expect(tab.input).to_be_focused()
    tab.write("What does **urgent** mean? 😀")
    expect(tab.bot).to_have_count(1)
    assert texts_of(tab.own) == ["What does **urgent** mean? 😀"]
    assert texts_of(tab.bot) == ["You said: What does urgent mean? 😀"]
    (heard,) = server.heard
    assert heard["message"] == "What does **urgent** mean? 😀"
    # As rasa-webchat and Rasa's own examples send the user.
    assert heard["customData"] == heard["metadata"] == {"userId": "u1"}
    assert heard["session_id"] == tab.page.evaluate("chat.sessionId()")
    expect(tab.notes).to_have_count(0)
    assert tab.violations() == []


def test_dots_are_shown_until_the_answer_is_complete(tab: ChatTab, server: ChatServer) -> None:
    tab.open()
    expect(tab.typing).to_be_hidden()
    server.hold_answers()
    tab.write("Hello")
    expect(tab.typing).to_be_visible()
    # The first part of an answer does not end it.
    server.say({"text": "First"})
    expect(tab.bot).to_have_count(1)
    expect(tab.typing).to_be_visible()
    server.release_answers()
    expect(tab.bot).to_have_count(2)
    expect(tab.typing).to_be_hidden()


def test_dots_announce_the_explanation_after_the_question(tab: ChatTab, server: ChatServer) -> None:
    assert tab.page.evaluate("chat.open()") is True
    server.until_windows(1)
    server.say({"text": "Shall I show you how?"})
    expect(tab.bot).to_have_count(1)
    expect(tab.typing).to_be_visible()
    server.say({"text": "1. Open the menu\n2. Pick it"})
    expect(tab.bot.last.locator("ol > li")).to_have_count(2)
    expect(tab.typing).to_be_hidden()


def test_buttons_say_their_title_and_send_their_payload(tab: ChatTab, server: ChatServer) -> None:
    tab.open()
    server.until_windows(1)
    show_me = '/autoplay_show_me{"tour":"bulk-edit"}'
    buttons = [{"title": "Show me on the page", "payload": show_me}, {"title": "Not now", "payload": "/deny"}]
    server.say({"text": "Shall I?", "quick_replies": buttons}, {"text": "Or?", "buttons": buttons})
    server.answers = lambda _text: []
    tab.bot.first.get_by_role("button", name="Not now").click()
    assert texts_of(tab.own) == ["Not now"]
    server.until(lambda: server.messages == ["/deny"], "the payload was sent")
    # Replies belong to the moment; a tour can be started again later.
    expect(tab.host.get_by_role("button", name="Not now")).to_have_count(0)
    tab.bot.first.get_by_role("button", name="Show me on the page").click()
    server.until(lambda: server.messages == ["/deny", show_me], "the tour was asked for")
    expect(tab.input).to_be_focused()


def test_shows_pictures_files_and_cards(tab: ChatTab, server: ChatServer) -> None:
    tab.open()
    server.until_windows(1)
    element = {
        "title": "Team plan",
        "subtitle": "For **20** people",
        "image_url": "/picture.svg",
        "buttons": [
            {"title": "Choose", "type": "postback", "payload": "/choose"},
            {"title": "Read more", "type": "web_url", "url": "/plans"},
        ],
    }
    template = {"type": "template", "payload": {"template_type": "generic", "elements": element}}
    server.say(
        {"attachment": {"type": "image", "payload": {"src": "/picture.svg"}}},
        {"attachment": template},
        {"attachment": {"type": "file", "payload": {"url": "/report.pdf", "title": "Report"}}},
        {"text": "With a picture", "image": "/picture.svg"},
    )
    expect(tab.bot).to_have_count(4)
    expect(tab.bot.first.get_by_role("img", name="Picture")).to_be_visible()
    card = tab.bot.nth(1)
    expect(card.get_by_role("img", name="Team plan")).to_be_visible()
    expect(card.locator("b")).to_have_text(["Team plan", "20"])
    expect(card.get_by_role("link", name="Read more")).to_have_attribute("href", f"{server.origin}/plans")
    expect(tab.bot.nth(2).get_by_role("link")).to_have_text("Report")
    card.get_by_role("button", name="Choose").click()
    server.until(lambda: server.messages == ["/choose"], "the card's button was pressed")
    assert tab.violations() == []


def test_enter_sends_but_not_while_characters_are_composed(tab: ChatTab, server: ChatServer) -> None:
    tab.open()
    client = tab.page.context.new_cdp_session(tab.page)
    tab.input.focus()
    client.send("Input.imeSetComposition", {"text": "保存", "selectionStart": 2, "selectionEnd": 2})
    # What browsers report of an Enter that ends a composition: the last is Safari's.
    enter = "new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, ...init })"
    for init in ({"isComposing": True}, {"keyCode": 229}):
        tab.input.evaluate(f"(it, init) => it.dispatchEvent({enter})", init)
    client.send("Input.insertText", {"text": "保存"})
    tab.input.press("Shift+Enter")
    tab.page.keyboard.insert_text("二")
    expect(tab.input).to_have_value("保存\n二")
    expect(tab.own).to_have_count(0)
    tab.input.press("Enter")
    expect(tab.bot).to_have_count(1)
    assert server.messages == ["保存\n二"]


def test_long_messages_stop_at_what_the_channel_reads(tab: ChatTab, server: ChatServer) -> None:
    tab.open()
    tab.input.focus()
    tab.page.keyboard.insert_text("x" * 5000)
    expect(tab.host.locator(".count")).to_have_text("0")
    tab.input.press("Enter")
    server.until(lambda: server.messages, "the message has arrived")
    assert len(server.messages[0]) == 4000


def test_say_writes_as_the_user(tab: ChatTab, server: ChatServer) -> None:
    tab.page.evaluate("chat.open(); chat.say('Compare the plans')")
    expect(tab.bot).to_have_count(1)
    assert server.messages == ["Compare the plans"]


def test_the_token_goes_to_the_handshake_anew_each_time(
    new_visitor: Callable[..., ChatVisitor], server: ChatServer
) -> None:
    tab = new_visitor().visit()
    tab.page.evaluate("let n = 0; chat.destroy(); start({ token: async () => `token ${++n}` }).open()")
    server.until_windows(1)
    server.drop()
    server.until(lambda: server.tokens == ["token 1", "token 2"], "each connection has a new token")
