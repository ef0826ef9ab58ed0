"""The snippets of the page on chat widgets, unchanged."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from browser.frameworks.snippets import RASA, snippets
from browser.unit.conftest import Visitor
from browser.unit.stand_in import StandIn, offer

_PAGE = "chat-widgets.md"


def _open_page(visitor: Visitor, server: StandIn, heading: str, more: str = "") -> Page:
    (snippet,) = snippets(heading, "html", _PAGE)
    body = f'<!doctype html><meta charset="utf-8">{snippet.replace(RASA, server.origin)}{more}'
    visitor.context.route(
        "**/bare.html*", lambda route: route.fulfill(body=body, content_type="text/html; charset=utf-8")
    )
    page = visitor.context.new_page()
    page.goto(f"{server.origin}/bare.html")
    return page


def test_any_widget_needs_three_functions(visitor: Visitor, server: StandIn) -> None:
    page = _open_page(visitor, server, "Any widget")
    server.send(offer())
    page.get_by_role("button", name="Open chat").click()
    expect(page.locator("#my-chat")).to_be_visible()
    # It has no session yet.
    expect(page.get_by_role("status")).to_contain_text("Opening …")
    page.evaluate("window.myChatSession = 'mine'")
    (asked,) = server.until_posted("proactive/inject")
    assert (asked["sender_id"], asked["user_id"]) == ("mine", "u1")
    expect(page.locator("rasa-autoplay .card")).to_be_hidden()
    # What it does not have is not missed: a tour, and signing out.
    server.send(offer("offer_2", body="Once more"))
    expect(page.get_by_role("status")).to_contain_text("Once more")
    page.evaluate("rasaAutoplay.copilot.signOut()")
    expect(page.locator("rasa-autoplay .card")).to_have_count(0)
    expect(page.locator("#my-chat")).to_be_visible()


def test_rasas_widget_opens_with_one_attribute(visitor: Visitor, server: StandIn) -> None:
    page = _open_page(visitor, server, "Rasa's widget", '<script src="/rasa_widget.js"></script>')
    server.send(offer())
    page.get_by_role("button", name="Open chat", exact=True).click()
    (asked,) = server.until_posted("proactive/inject")
    assert asked["sender_id"] == "u1", "the session's name is the sender id"
    expect(page.locator(".messenger")).to_be_visible()
