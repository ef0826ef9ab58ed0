"""The server or the network misbehaves: nothing is lost silently, and nothing is sent twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from browser.chat_window.conftest import ChatTab, ChatVisitor, texts_of
from browser.chat_window.stand_in import ChatServer


def test_a_message_waits_for_the_connection_and_is_sent_once(tab: ChatTab, server: ChatServer) -> None:
    tab.open()
    server.until_windows(1)
    server.stop()
    tab.write("Are you there?")
    expect(tab.notes).to_have_text(["Waiting for the connection"])
    expect(tab.host.get_by_role("status").filter(has_text="No connection")).to_be_visible()
    server.start()
    tab.host.get_by_role("button", name="Try now").click()
    expect(tab.bot).to_have_count(1)
    expect(tab.notes).to_have_count(0)
    assert server.messages == ["Are you there?"]
    expect(tab.host.get_by_role("button", name="Try now")).to_have_count(0)


def test_a_message_without_an_answer_is_not_repeated_by_itself(tab: ChatTab, server: ChatServer) -> None:
    tab.page.clock.install()
    tab.open()
    server.until_windows(1)
    server.hold_answers()
    tab.write("Delete it")
    server.until(lambda: server.messages, "the message has arrived")
    server.drop()
    tab.page.clock.run_for(2_000)
    server.until_windows(1)
    # Only the user knows whether it may be said twice.
    tab.page.clock.run_for(11_000)
    expect(tab.notes).to_have_text(["Not delivered. Try again"])
    assert server.messages == ["Delete it"]
    server.release_answers()
    tab.host.get_by_role("button", name="Try again").click()
    expect(tab.bot.last).to_contain_text("You said: Delete it")
    expect(tab.notes).to_have_count(0)
    assert texts_of(tab.own) == ["Delete it"]
    assert server.messages == ["Delete it"] * 2


def test_an_answer_after_a_lost_connection_settles_the_message(tab: ChatTab, server: ChatServer) -> None:
    tab.open()
    server.until_windows(1)
    server.hold_answers()
    tab.write("Hello")
    server.until(lambda: server.messages, "the message has arrived")
    server.drop()
    server.until_windows(1)
    server.release_answers()
    expect(tab.bot).to_have_count(1)
    expect(tab.typing).to_be_hidden()
    expect(tab.notes).to_have_count(0)


def test_a_refused_message_can_be_sent_again(tab: ChatTab, server: ChatServer) -> None:
    tab.open()
    server.acknowledgement = {"refused": "too_often"}
    tab.write("Hello")
    expect(tab.notes).to_have_text(["Not delivered. Try again"])
    server.acknowledgement = None
    tab.host.get_by_role("button", name="Try again").click()
    expect(tab.bot).to_have_count(1)
    expect(tab.notes).to_have_count(0)


@pytest.mark.slow
@pytest.mark.parametrize("websockets", ["refuse", "hang"])
def test_without_websockets_it_polls(
    new_visitor: Callable[..., ChatVisitor], server: ChatServer, websockets: str
) -> None:
    server.websockets = websockets
    tab = new_visitor().visit()
    tab.open()
    tab.write("Hello")
    expect(tab.bot).to_have_count(1)
    # Many at once: a server reads at most 16 packets of one request.
    tab.page.evaluate("for (let i = 0; i < 40; i++) chat.say(`${i}`)")
    expect(tab.bot).to_have_count(41)
    assert server.messages == ["Hello", *map(str, range(40))]
    assert server.transports == ["polling"]
    server.drop()
    server.until(lambda: server.transports == ["polling", "polling"], "the tab knows that it has to poll")
    tab.write("Still here")
    expect(tab.bot).to_have_count(42)


@pytest.mark.slow
@pytest.mark.parametrize("websockets", ["", "refuse"])
def test_a_page_that_comes_to_the_front_meanwhile_connects_once(
    new_visitor: Callable[..., ChatVisitor], server: ChatServer, websockets: str
) -> None:
    server.websockets = websockets
    tab = new_visitor().visit()
    tab.page.evaluate("""() => {
      const come = () => dispatchEvent(new Event("focus"));
      const timer = setInterval(come, 5);
      chat.open();
      setTimeout(() => clearInterval(timer), 500);
    }""")
    tab.write("Hello")
    expect(tab.bot).to_have_count(1)
    server.until_windows(1)
    assert len(server.transports) == 1


def test_a_polling_window_says_goodbye_when_its_page_is_left(
    new_visitor: Callable[..., ChatVisitor], server: ChatServer
) -> None:
    server.websockets = "refuse"
    tab = new_visitor().visit()
    tab.open()
    server.until_windows(1)
    tab.write("Hello")
    expect(tab.bot).to_have_count(1)
    # What is on its way when the page is left arrives too.
    tab.page.evaluate("chat.say('And'); location.href = 'about:blank'")
    server.until(lambda: server.messages == ["Hello", "And"], "the last message has arrived")
    server.until_windows(0)


HOSTILE: list[Any] = [
    None,
    17,
    [],
    {},
    {"text": None, "quick_replies": "no", "attachment": [1, {}], "elements": {"title": 5}},
    {"custom": {"anything": [1, 2]}},
    {"attachment": {"type": "image", "payload": {"src": "javascript:alert(1)"}}},
    {"attachment": "data:text/html,<script>alert(1)</script>"},
    {"quick_replies": [None, 3, {"title": {}}, {"url": "javascript:alert(1)"}]},
]


def test_hostile_messages_do_no_harm(tab: ChatTab, server: ChatServer) -> None:
    tab.open()
    server.until_windows(1)
    server.say(*HOSTILE)
    server.send_raw(
        "2", "2[", "2{}", "2[5]", '2["bot_uttered"]', "3999[]", "9", "", "2/other,[]", '2["disconnect"]'
    )
    server.say(
        {"text": "<img src=x onerror=alert(1)><b>bold</b>"},
        {"text": "[click](javascript:alert(1)) [data](data:text/html,x)"},
        {
            "text": "\u202egnp.exe",
            "quick_replies": [{"title": "\u202eyap", "url": "vbscript:x", "payload": "/p"}],
        },
        {"text": "x" * 1_000_000},
        {"attachment": {"type": "image", "payload": {"src": "https://tracker.example/pixel.png"}}},
        {"text": "last"},
    )
    expect(tab.bot.last).to_have_text("Assistant: last")
    texts = texts_of(tab.bot)
    assert texts[0] == "<img src=x onerror=alert(1)><b>bold</b>"
    assert texts[1] == "click data"
    assert len(texts[3]) < 21_000
    assert tab.log.locator("a[href^='javascript'], a[href^='data'], a[href^='vbscript']").count() == 0
    assert tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    # The policy refuses the foreign picture, whose place is taken by a link; nothing else was refused.
    expect(tab.log.get_by_role("link", name="Picture")).to_be_visible()
    assert tab.violations() == ["img-src https://tracker.example/pixel.png"]


@pytest.mark.slow
def test_a_proactive_opening_survives_a_packet_flood(tab: ChatTab, server: ChatServer) -> None:
    tab.open()
    server.until_windows(1)
    server.say(*({"text": f"Message {number}"} for number in range(300)))
    expect(tab.bot.last).to_contain_text("Message 299")
    # Older messages are forgotten.
    expect(tab.bot).to_have_count(100)
    kept = tab.page.evaluate("Object.keys(localStorage).filter((key) => key.includes(' message '))")
    assert len(kept) == 100
