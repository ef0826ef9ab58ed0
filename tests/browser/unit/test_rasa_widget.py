"""The adapter for Rasa's own chat widget, with a stand-in that follows its documentation, or does not.

The widget's packages cannot be installed here, so the real one was not tried.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from browser.unit.conftest import Visitor
from browser.unit.stand_in import STRICT_CSP, StandIn, offer, tour

PAGE = "rasa_widget.html"
A_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


def _slow(fault: str) -> Any:
    return pytest.param(fault, marks=pytest.mark.slow)


def _open(visitor: Visitor, *faults: str, init: str = "", **tag: Any) -> Page:
    return visitor.open(
        PAGE, init=f"window.widgetFaults = {json.dumps(faults)};{init}", chat="rasa-widget", **tag
    )


def _open_chat(page: Page) -> None:
    # The widget's launcher is called "Open Chat".
    page.get_by_role("button", name="Open chat", exact=True).click()


def _sender_of(server: StandIn, count: int = 1) -> str:
    return str(server.until_posted("proactive/inject", count)[-1]["sender_id"])


def _log(page: Page) -> list[str]:
    log: list[str] = page.evaluate("window.widgetLog")
    return log


def test_open_chat_opens_the_widget_and_the_bot_speaks_in_its_session(
    visitor: Visitor, server: StandIn
) -> None:
    server.policy = STRICT_CSP
    page = _open(visitor)
    server.send(offer())
    _open_chat(page)
    assert A_UUID.fullmatch(_sender_of(server))
    server.until_receipt("accepted")
    expect(page.locator(".messenger")).to_be_visible()
    expect(page.locator("rasa-autoplay .card")).to_be_hidden()
    assert _log(page) == ["opened"]


def test_the_toast_stands_above_the_launcher_and_beside_the_open_window(
    visitor: Visitor, server: StandIn
) -> None:
    page = _open(visitor)
    server.send(offer())
    card = page.locator("rasa-autoplay .card")
    expect(card).to_be_visible()
    launcher = page.locator(".rasa-chatbot-widget__launcher")
    above = card.bounding_box(), launcher.bounding_box()
    assert above[0]
    assert above[1]
    assert above[0]["y"] + above[0]["height"] <= above[1]["y"]
    launcher.click()
    window = page.locator(".messenger").bounding_box()
    assert window
    page.wait_for_function(
        "(left) => document.querySelector('rasa-autoplay').shadowRoot.querySelector('.card')"
        ".getBoundingClientRect().right <= left",
        arg=window["x"],
    )


def test_an_open_widget_stays_open(visitor: Visitor, server: StandIn) -> None:
    page = _open(visitor)
    server.send(offer())
    expect(page.locator("rasa-autoplay .card")).to_be_visible()
    page.locator(".rasa-chatbot-widget__launcher").click()
    _open_chat(page)
    _sender_of(server)
    expect(page.locator(".messenger")).to_be_visible()
    assert _log(page) == ["opened"]


@pytest.mark.slow
def test_a_widget_that_the_adapter_did_not_hear_opening_is_not_closed(
    visitor: Visitor, server: StandIn
) -> None:
    server.answers["rasa-widget.mjs"] = [503]
    page = _open(visitor, sender_id="")
    page.locator(".rasa-chatbot-widget__launcher").click()
    page.evaluate("document.querySelector('rasa-chatbot-widget').senderId = 'u1'")
    server.send(offer())
    _open_chat(page)
    # Its session began unheard; the id of the sender is its name.
    assert _sender_of(server) == "u1"
    expect(page.locator(".messenger")).to_be_visible()


def test_a_late_session_is_waited_for(visitor: Visitor, server: StandIn) -> None:
    page = _open(visitor, init="window.connectWidget = (_, start) => ((window.start = start), { end() {} });")
    server.send(offer())
    _open_chat(page)
    expect(page.get_by_role("status")).to_contain_text("Opening …")
    expect(page.locator(".messenger")).to_be_visible()
    assert visitor.settled().posted("proactive/inject") == []
    page.evaluate("start('late')")
    assert _sender_of(server) == "late"


def test_a_widget_that_connects_again_has_its_new_session(visitor: Visitor, server: StandIn) -> None:
    page = _open(visitor, init="window.connectWidget = (_, start) => ((window.start = start), { end() {} });")
    server.answers["proactive/inject"] = [502]
    server.send(offer())
    _open_chat(page)
    page.evaluate("start('first')")
    assert _sender_of(server) == "first"
    page.evaluate("start('second')")
    assert _sender_of(server, 2) == "second"


def test_a_widget_whose_script_comes_late_is_opened_then(visitor: Visitor, server: StandIn) -> None:
    page = _open(visitor, "late")
    server.send(offer())
    _open_chat(page)
    expect(page.get_by_role("status")).to_contain_text("Opening …")
    page.evaluate("defineWidget()")
    assert A_UUID.fullmatch(_sender_of(server))
    expect(page.locator(".messenger")).to_be_visible()


@pytest.mark.parametrize("fault", ["no launcher", _slow("other names"), _slow("closed root")])
def test_without_a_launcher_the_widget_is_mounted_again_with_auto_open(
    visitor: Visitor, server: StandIn, fault: str
) -> None:
    page = _open(visitor, fault)
    page.evaluate("document.querySelector('rasa-chatbot-widget').authenticationToken = 'secret'")
    server.send(offer())
    _open_chat(page)
    assert A_UUID.fullmatch(_sender_of(server))
    widget = page.locator("rasa-chatbot-widget")
    expect(widget).to_have_count(1)
    assert widget.evaluate("(it) => [it.widgetTitle, it.authenticationToken, it.autoOpen]") == [
        "Help",
        "secret",
        True,
    ]
    assert _log(page) == ["opened"]


@pytest.mark.parametrize("fault", [_slow("silent"), "nonsense"])
def test_a_widget_that_names_no_session_leaves_the_steps_in_the_card(
    visitor: Visitor, server: StandIn, fault: str
) -> None:
    page = _open(visitor, fault, chat_seconds=1)
    server.send(offer())
    _open_chat(page)
    expect(page.locator("rasa-autoplay .card ol > li")).to_have_text(["About options", "About toggle"])
    # It was opened once.
    expect(page.locator(".messenger")).to_be_visible()
    assert visitor.settled().posted("proactive/inject") == []


def test_the_open_widget_steps_aside_for_a_tour_and_comes_back(visitor: Visitor, server: StandIn) -> None:
    page = _open(visitor)
    page.locator(".rasa-chatbot-widget__launcher").click()
    server.send(offer(tours=[tour(("options", "#options", "Open table options"))]))
    page.get_by_role("button", name="Show me").click()
    expect(page.locator("rasa-autoplay-tour .title")).to_have_text("Open table options")
    expect(page.locator(".messenger")).to_be_hidden()
    page.locator("#options").click()
    expect(page.locator(".messenger")).to_be_visible()
    assert _log(page) == ["opened"]


def test_signing_out_closes_and_removes_it_with_its_conversations(visitor: Visitor, server: StandIn) -> None:
    page = _open(visitor)
    server.send(offer())
    _open_chat(page)
    _sender_of(server)
    page.evaluate("sessionStorage['rasa-chat-history'] = '{}'")
    page.evaluate("rasaAutoplay.copilot.signOut()")
    expect(page.locator("rasa-chatbot-widget")).to_have_count(0)
    # The widget disconnects when it is closed.
    assert _log(page) == ["opened", "closed"]
    assert page.evaluate("sessionStorage['rasa-chat-history'] ?? null") is None


def test_a_change_of_language_keeps_the_session(visitor: Visitor, server: StandIn) -> None:
    page = _open(visitor, init="window.connectWidget = (_, start) => ((window.start = start), { end() {} });")
    server.send(offer())
    expect(page.locator("rasa-autoplay .card")).to_be_visible()
    page.locator(".rasa-chatbot-widget__launcher").click()
    page.evaluate("start('kept')")
    page.evaluate("document.documentElement.lang = 'de'")
    page.get_by_role("button", name="Chat öffnen").click()
    assert _sender_of(server) == "kept"
