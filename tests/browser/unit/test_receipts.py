"""Receipts: what a user has answered comes to the server, also when it is away, and after a page load."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from browser.unit.conftest import NOTE_CARDS, Visitor, shown
from browser.unit.stand_in import StandIn, offer

NO_STORAGE = """Object.defineProperty(window, 'localStorage', {
  get() { throw new DOMException('The operation is insecure.', 'SecurityError'); }
})"""
FULL_STORAGE = """Object.defineProperty(window, 'localStorage', {value: new Proxy({}, {
  set() { throw new DOMException('full', 'QuotaExceededError'); }
})})"""


def never(page: Page) -> None:
    page.get_by_role("button", name="Don’t show again").click()


def kept(page: Page) -> list[str]:
    """What the browser keeps for the server."""
    events: list[str] = page.evaluate(
        """Object.keys(localStorage).filter((key) => key.startsWith("rasa-autoplay-outbox"))
             .flatMap((key) => JSON.parse(localStorage[key])).map(({ event }) => event)"""
    )
    return events


def until_nothing_is_kept(page: Page) -> None:
    page.wait_for_function(
        "() => !Object.keys(localStorage).some((key) => key.startsWith('rasa-autoplay-outbox'))"
    )


def until_kept(page: Page, event: str) -> None:
    page.wait_for_function(
        """(event) => Object.keys(localStorage)
          .filter((key) => key.startsWith("rasa-autoplay-outbox"))
          .some((key) => JSON.parse(localStorage[key]).some((kept) => kept.event === event))""",
        arg=event,
    )


def until_seen(page: Page, server: StandIn) -> None:
    """Wait until all has been reported that comes before an answer."""
    server.until_receipt("rendered")
    server.until_receipt("seen")
    until_nothing_is_kept(page)


@pytest.mark.parametrize(
    "status", [401, 429, *(pytest.param(status, marks=pytest.mark.slow) for status in (500, 502)), 503]
)
def test_resends_an_unconfirmed_receipt(visitor: Visitor, server: StandIn, status: int) -> None:
    page = visitor.open()
    server.send(offer())
    until_seen(page, server)
    server.answers["proactive/ack"] = [status]
    never(page)
    server.until_receipt("never", times=2)
    until_nothing_is_kept(page)


@pytest.mark.parametrize("status", [400, 403, 404])
def test_does_not_resend_a_rejected_receipt(visitor: Visitor, server: StandIn, status: int) -> None:
    page = visitor.open()
    server.send(offer())
    until_seen(page, server)
    server.answers["proactive/ack"] = [status]
    never(page)
    server.until_receipt("never")
    until_nothing_is_kept(page)


def test_the_next_page_sends_unconfirmed_receipts(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.send(offer())
    until_seen(page, server)
    server.answers["proactive/ack"] = [503] * 100
    never(page)
    server.until_receipt("never")
    assert kept(page) == ["never"]
    page.goto("about:blank")
    del server.answers["proactive/ack"]
    before = visitor.settled().receipts().count("never")
    later = visitor.open()
    server.until_receipt("never", times=before + 1)
    until_nothing_is_kept(later)


def test_sends_receipts_later_when_the_server_was_away(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.send(offer())
    until_seen(page, server)
    server.stop()
    never(page)
    expect(page.locator("rasa-autoplay .card")).to_be_hidden()
    until_kept(page, "never")
    server.start()
    server.until_receipt("never")
    until_nothing_is_kept(page)


def test_another_user_of_the_browser_does_not_send_them(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open(user="anna")
    server.send(offer())
    until_seen(page, server)
    server.answers["proactive/ack"] = [503] * 100
    never(page)
    server.until_receipt("never")
    page.close()
    del server.answers["proactive/ack"]
    ben = visitor.open(user="ben")
    server.send(offer("offer_2"))
    ben.get_by_role("button", name="Later").click()
    server.until_receipt("snoozed", "offer_2")
    ben.evaluate("new Promise((done) => setTimeout(done, 6000))")
    assert {body["user_id"] for body in visitor.settled().posted("proactive/ack")[-2:]} == {"ben"}
    assert kept(ben) == ["never"], "anna's still waits for her"


def test_does_not_show_a_never_offer_again_before_the_server_confirms(
    visitor: Visitor, server: StandIn
) -> None:
    page = visitor.open(init=NOTE_CARDS)
    server.send(offer())
    server.until_receipt("rendered")
    server.answers["proactive/ack"] = [503] * 100
    never(page)
    server.until_receipt("never")
    with server.another_feed():
        page.reload()
    server.send(offer("offer_2"))
    server.send(offer("offer_3", trigger_id="another", body="Another one"))
    expect(page.get_by_role("status")).to_contain_text("Another one")
    assert shown(page) == ["Another one"]


@pytest.mark.parametrize("init", [NO_STORAGE, FULL_STORAGE], ids=["none", "full"])
def test_resends_receipts_without_local_storage(visitor: Visitor, server: StandIn, init: str) -> None:
    page = visitor.open("bare.html", init=init)
    server.send(offer())
    server.until_receipt("seen")
    server.answers["proactive/ack"] = [503]
    never(page)
    server.until_receipt("never", times=2)


@pytest.mark.slow
def test_stores_a_bounded_number_of_receipts(visitor: Visitor, server: StandIn) -> None:
    server.answers["proactive/ack"] = [503] * 1000
    page = visitor.open()
    for number in range(30):
        server.send(offer(f"offer_{number}", trigger_id=f"t{number}", body=f"Offer {number}"))
        expect(page.get_by_role("status")).to_contain_text(f"Offer {number}")
        page.get_by_role("button", name="Later").click()
    assert len(kept(page)) <= 50
    # A busy page reports that the toast is there after it was answered.
    assert "snoozed" in kept(page)[-3:]
