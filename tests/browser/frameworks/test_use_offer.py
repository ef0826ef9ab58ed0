"""A team's own toast with ``useOffer``: it shows what there is, and the receipts follow its element."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from browser.frameworks.conftest import OpenApp
from browser.unit.conftest import Visitor
from browser.unit.stand_in import StandIn, offer

pytestmark = pytest.mark.slow


def _press(page: Page, name: str) -> None:
    page.locator("#toast").get_by_role("button", name=name, exact=True).click()


def test_shows_the_offer_and_reports_each_receipt_once(
    open_app: OpenApp, server: StandIn, visitor: Visitor
) -> None:
    page = open_app(userId="u1", toast="own")
    server.send(offer(body="Edit **all** at once?"))
    expect(page.locator("#toast b")).to_have_text("all")
    expect(page.locator("rasa-autoplay .card")).to_have_count(0)
    server.until_receipt("seen")
    _press(page, "Show me")
    expect(page.locator("rasa-autoplay-tour .title")).to_have_text("Open table options")
    expect(page.locator("#toast")).to_have_count(0)
    server.until_receipt("accepted")
    assert sorted(visitor.settled().receipts()) == ["accepted", "rendered", "seen"]


def test_times_out_into_a_pill_and_comes_back(open_app: OpenApp, server: StandIn) -> None:
    page = open_app(userId="u1", toast="own", toastSeconds=1)
    server.send(offer())
    toast = page.locator("#toast")
    expect(toast).to_have_attribute("data-kind", "pill")
    server.until_receipt("timed_out")
    _press(page, "Suggestion")
    expect(toast).to_have_attribute("data-kind", "offer")
    expect(toast.get_by_role("button", name="Show me")).to_be_focused()
    _press(page, "Later")
    server.until_receipt("snoozed")
    expect(toast).to_have_count(0)


def test_the_next_user_has_a_toast_without_the_former_ones_offer(open_app: OpenApp, server: StandIn) -> None:
    page = open_app(userId="u1", toast="own")
    server.send(offer())
    server.until_receipt("rendered")
    with page.expect_response("**/proactive/stream/u2?**"):
        page.evaluate("window.show({ userId: 'u2', toast: 'own' })")
    expect(page.locator("#toast")).to_have_count(0)
    server.send(offer("offer_2", body="For the next user"))
    expect(page.locator("#toast")).to_contain_text("For the next user")
    page.evaluate("window.unmount()")
    expect(page.locator("#toast")).to_have_count(0)


def test_an_offer_that_no_component_shows_is_not_counted(
    open_app: OpenApp, server: StandIn, visitor: Visitor
) -> None:
    page = open_app(userId="u1", toast="own", isHidden=True)
    server.send(offer())
    page.wait_for_function(
        "performance.getEntriesByType('resource').some(({ name }) => name.endsWith('own_toast.mjs'))"
    )
    assert visitor.settled().receipts() == []
    page.evaluate("window.show({ userId: 'u1', toast: 'own' })")
    server.until_receipt("rendered")


def test_says_that_the_setting_is_missing(open_app: OpenApp, visitor: Visitor) -> None:
    page = open_app()
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.append(message.text))
    page.evaluate("try { window.show({ userId: 'u1', hasOwnToast: true }) } catch {}")
    page.wait_for_function("1")
    page.wait_for_timeout(0)
    assert any('useOffer() needs the setting toast="own"' in text for text in said)
    visitor.complaints.clear()
