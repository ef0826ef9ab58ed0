"""The provider of both packages: its copilot follows user and settings, and says why there is none."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from browser.frameworks.built_apps import STORED
from browser.frameworks.conftest import OpenApp
from browser.unit.conftest import Visitor
from browser.unit.stand_in import LIBRARIES, StandIn, offer

pytestmark = pytest.mark.slow

_SCRIPT = "**/webhooks/autoplay/autoplay.js*"
#: What a strict page allows: its own nonce, and requests to the server.
_NONCE_ONLY = "default-src 'none'; script-src 'nonce-n0'; connect-src 'self'; img-src 'self'"


def _show(page: Page, **settings: Any) -> None:
    page.evaluate("(settings) => window.show(settings)", settings)


def test_shows_the_toast_and_its_tour_and_changes_its_user(open_app: OpenApp, server: StandIn) -> None:
    page = open_app(userId="u1")
    expect(page.locator("#status")).to_have_attribute("data-status", "ready")
    server.send(offer())
    card = page.locator("rasa-autoplay .card")
    card.get_by_role("button", name="Show me").click()
    expect(page.locator("rasa-autoplay-tour .title")).to_have_text("Open table options")
    with page.expect_response("**/proactive/stream/u2?**"):
        _show(page, userId="u2")
    expect(page.locator("rasa-autoplay-tour .card:not(.done)")).to_have_count(0)
    assert page.evaluate(STORED) == []
    server.send(offer("offer_2", body="For the next user"))
    expect(card).to_contain_text("For the next user")
    _show(page, userId=None)
    expect(page.locator("#status")).to_have_attribute("data-status", "signed-out")
    server.until_open(0)
    expect(page.locator("rasa-autoplay")).to_have_count(0)
    assert page.evaluate(STORED) == []


def test_has_one_feed_and_one_receipt_although_components_mount_twice(
    open_app: OpenApp, server: StandIn, visitor: Visitor
) -> None:
    page = open_app(userId=7)
    server.send(offer())
    expect(page.locator("rasa-autoplay .card")).to_be_visible()
    server.until_receipt("seen")
    asked = visitor.settled()
    assert [feed["user_id"] for feed in asked.feeds] == ["7"]
    assert sorted(asked.receipts()) == ["rendered", "seen"]


def test_continues_after_it_was_away(open_app: OpenApp, server: StandIn, visitor: Visitor) -> None:
    page = open_app(userId="u1")
    server.send(offer())
    expect(page.locator("rasa-autoplay .card")).to_be_visible()
    server.until_receipt("rendered")
    page.evaluate("window.unmount()")
    expect(page.locator("rasa-autoplay")).to_have_count(0)
    server.until_open(0)
    _show(page, userId="u1")
    expect(page.locator("rasa-autoplay .card")).to_be_visible()
    page.get_by_role("button", name="Later").click()
    server.until_receipt("snoozed")
    assert visitor.settled().receipts().count("rendered") == 1


def test_another_setting_replaces_the_copilot_and_keeps_the_offer(open_app: OpenApp, server: StandIn) -> None:
    page = open_app(userId="u1")
    server.send(offer())
    expect(page.get_by_role("button", name="Show me")).to_be_visible()
    _show(page, userId="u1", texts={"showMe": "Zeig es mir"})
    expect(page.get_by_role("button", name="Zeig es mir")).to_be_visible()
    expect(page.locator("rasa-autoplay")).to_have_count(1)


def test_asks_for_the_token_of_now(open_app: OpenApp, server: StandIn) -> None:
    page = open_app()
    page.evaluate("window.show({ userId: 'u1', token: async () => 'first' })")
    assert server.until_feeds(1)[0]["token"] == "first"
    page.evaluate("window.show({ userId: 'u1', token: async () => 'second' })")
    with server.another_feed():
        server.drop()
    assert server.asked().feeds[-1]["token"] == "second"


def test_says_that_the_script_is_unreachable_and_tries_again(open_app: OpenApp, visitor: Visitor) -> None:
    visitor.context.route(_SCRIPT, lambda route: route.fulfill(status=503))
    page = open_app(userId="u1")
    status = page.locator("#status")
    expect(status).to_have_attribute("data-reason", "unreachable")
    expect(status).to_contain_text("did not load. Check that the server runs")
    visitor.context.unroute(_SCRIPT)
    with page.expect_response("**/proactive/stream/**"):
        status.get_by_role("button").click()
    expect(status).to_have_attribute("data-status", "ready")
    expect(status).to_have_text("")
    expect(page.locator("script[src$='autoplay.js']")).to_have_count(1)


def test_tries_again_by_itself(open_app: OpenApp, visitor: Visitor) -> None:
    visitor.context.route(_SCRIPT, lambda route: route.abort())
    page = open_app()
    visitor.context.clock.install()
    page.reload()
    _show(page, userId="u1")
    status = page.locator("#status")
    expect(status).to_have_attribute("data-status", "failed")
    visitor.context.unroute(_SCRIPT)
    visitor.pass_time(5)
    expect(status).to_have_attribute("data-status", "ready")


def test_says_that_there_was_no_answer(open_app: OpenApp, visitor: Visitor) -> None:
    waiting: list[Route] = []
    visitor.context.route(_SCRIPT, lambda route: waiting.append(route))
    page = open_app()
    visitor.context.clock.install()
    page.reload()
    with page.expect_request(_SCRIPT):
        _show(page, userId="u1")
    visitor.pass_time(31)
    expect(page.locator("#status")).to_have_attribute("data-reason", "slow")
    for route in waiting:
        route.abort()


@pytest.mark.parametrize("answer", ["", "<!doctype html><title>Sign in</title>"])
def test_says_that_something_else_answers(open_app: OpenApp, visitor: Visitor, answer: str) -> None:
    javascript = {"Content-Type": "text/javascript"}
    visitor.context.route(_SCRIPT, lambda route: route.fulfill(body=answer, headers=javascript))
    page = open_app(userId="u1")
    expect(page.locator("#status")).to_have_attribute("data-reason", "invalid")
    expect(page.locator("#status")).to_contain_text("Let `base` end with /webhooks/autoplay")
    visitor.complaints.clear()


def test_a_strict_page_needs_the_nonce_and_no_more(
    open_app: OpenApp, server: StandIn, visitor: Visitor
) -> None:
    page = open_app(policy=_NONCE_ONLY, userId="u1")
    expect(page.locator("#status")).to_have_attribute("data-reason", "blocked")
    expect(page.locator("#status")).to_contain_text("Add http://127.0.0.1")
    visitor.complaints.clear()
    _show(page, userId="u1", nonce="n0")
    server.send(offer())
    page.locator("rasa-autoplay .card").get_by_role("button", name="Show me").click()
    expect(page.locator("rasa-autoplay-tour .title")).to_have_text("Open table options")


def test_works_with_trusted_types(open_app: OpenApp, server: StandIn) -> None:
    vue_too = "trusted-types rasa-autoplay vue"
    policy = f"{_NONCE_ONLY}; require-trusted-types-for 'script'; {vue_too}"
    page = open_app(policy=policy, userId="u1", nonce="n0")
    server.send(offer())
    expect(page.locator("rasa-autoplay .card")).to_be_visible()


def test_says_that_trusted_types_refuse_its_policy(open_app: OpenApp, visitor: Visitor) -> None:
    policy = f"{_NONCE_ONLY}; require-trusted-types-for 'script'; trusted-types vue"
    page = open_app(policy=policy, userId="u1", nonce="n0")
    expect(page.locator("#status")).to_have_attribute("data-reason", "blocked")
    expect(page.locator("#status")).to_contain_text("add rasa-autoplay there")
    visitor.complaints.clear()


def test_the_chat_widget_follows_the_user(open_app: OpenApp, server: StandIn, visitor: Visitor) -> None:
    library = LIBRARIES / "rasa-webchat" / "lib" / "index.js"
    visitor.context.route("**/vendor/rasa-webchat.js", lambda route: route.fulfill(path=library))
    visitor.context.route("**/socket.io/**", lambda route: route.fulfill(status=503))
    visitor.context.route(lambda url: not url.startswith(server.origin), lambda route: route.abort())
    webchat = {"src": "/vendor/rasa-webchat.js", "title": "Help"}
    page = open_app(userId="u1", webchat=webchat)
    widget = page.locator("#webchat > *")
    expect(widget).to_have_count(1)
    expect(page.locator("aside#webchat")).to_have_attribute("aria-label", "Chat")
    widget.evaluate("(it) => (it.isOfTheFormerUser = true)")
    _show(page, userId="u2", webchat=webchat)
    expect(widget).to_have_count(1)
    page.wait_for_function("!document.querySelector('#webchat > *')?.isOfTheFormerUser")
    _show(page, userId=None, webchat=webchat)
    expect(widget).to_have_count(0)
    _show(page, userId="u3", webchat=webchat)
    expect(widget).to_have_count(1)
    page.evaluate("window.unmount()")
    expect(page.locator("#webchat")).to_have_count(0)
