"""A page with a toast of its own: what it is given, and the receipts that follow its element."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from browser.unit.conftest import Visitor, after_timers
from browser.unit.stand_in import StandIn, offer, tour

_CHAT = "window.ownChat = { open: () => false, isOpen: () => false, sessionId: () => null }"


def _open(visitor: Visitor, init: str = "", **tag: Any) -> Page:
    return visitor.open("own_toast.html", init=init, **tag)


def _press(page: Page, name: str) -> None:
    page.locator("#toast").get_by_role("button", name=name, exact=True).click()


def _labels(page: Page) -> list[str]:
    return page.locator("#toast button").all_inner_texts()


def test_shows_the_offer_with_its_buttons_and_its_marked_text(visitor: Visitor, server: StandIn) -> None:
    page = _open(visitor)
    server.send(offer(body="Edit **all** at once?", reply_options=["Why?"]))
    toast = page.locator("#toast")
    expect(toast.locator("b")).to_have_text("all")
    assert _labels(page) == ["Show me", "Open chat", "Why?", "Later", "Don’t show again", "×"]
    expect(page.locator("rasa-autoplay .card")).to_have_count(0)
    shown = page.evaluate(
        "({ ...window.shown[0], buttons: window.shown[0].buttons.map(({ kind }) => kind) })"
    )
    assert (shown["kind"], shown["offerId"], shown["triggerId"]) == (
        "offer",
        "offer_1",
        "bulk_edit_opportunity",
    )
    assert shown["buttons"] == ["show_me", "open_chat", "reply"]


@pytest.mark.parametrize(
    ("button", "event"),
    [("Later", "snoozed"), ("Don’t show again", "never"), ("×", "dismissed"), ("Show me", "accepted")],
)
def test_reports_each_receipt_once(visitor: Visitor, server: StandIn, button: str, event: str) -> None:
    page = _open(visitor)
    server.send(offer())
    server.until_receipt("seen")
    page.evaluate("() => void (window.late = window.shown[0].dismiss)")
    _press(page, button)
    server.until_receipt(event)
    expect(page.locator("#toast")).to_be_empty()
    page.evaluate("window.late()")
    assert sorted(visitor.settled().receipts()) == sorted(["rendered", "seen", event])


def test_leads_the_tour(visitor: Visitor, server: StandIn) -> None:
    page = _open(visitor)
    server.send(offer())
    page.wait_for_function("Boolean(window.shown[0]?.showMe)")
    page.evaluate("window.shown[0].showMe()")
    expect(page.locator("rasa-autoplay-tour .title")).to_have_text("Open table options")
    server.until_receipt("accepted")
    (accepted,) = [it for it in visitor.settled().posted("proactive/ack") if it["event"] == "accepted"]
    assert accepted["button"] == "show_me"


def test_offers_a_tour_only_while_its_first_element_is_visible(visitor: Visitor, server: StandIn) -> None:
    page = _open(
        visitor, init="addEventListener('load', () => (document.querySelector('#options').hidden = true))"
    )
    server.send(offer())
    page.wait_for_function("window.shown.length")
    assert _labels(page)[0] == "Open chat"
    assert not page.evaluate("Boolean(window.shown[0].showMe)")
    page.evaluate("document.querySelector('#options').hidden = false")
    expect(page.locator("#toast").get_by_role("button", name="Show me")).to_be_visible()
    assert len(set(page.evaluate("window.shown.map(({ id }) => id)"))) == 1


def test_an_offer_without_an_element_does_not_count_as_shown(visitor: Visitor, server: StandIn) -> None:
    page = _open(visitor, init="window.isForgetful = true")
    server.send(offer())
    page.wait_for_function("window.shown.length")
    after_timers(page, 600)
    assert visitor.settled().receipts() == []
    page.evaluate("window.shown[0].attach(document.querySelector('#toast'))")
    server.until_receipt("rendered")
    server.until_receipt("seen")


@pytest.mark.parametrize("style", ["display: none", "visibility: hidden"])
def test_a_hidden_toast_counts_once_it_is_visible(visitor: Visitor, server: StandIn, style: str) -> None:
    page = _open(visitor)
    page.evaluate("(style) => document.querySelector('#toast').setAttribute('style', style)", style)
    server.send(offer())
    page.wait_for_function("window.shown.length")
    after_timers(page, 600)
    assert visitor.settled().receipts() == []
    page.evaluate("document.querySelector('#toast').removeAttribute('style')")
    server.until_receipt("rendered")


def test_a_covered_toast_is_rendered_but_not_seen(visitor: Visitor, server: StandIn) -> None:
    page = _open(visitor)
    page.evaluate(
        """() => {
          const cover = document.createElement("div");
          cover.id = "cover";
          cover.style = "position: fixed; inset: 0; z-index: 9";
          document.body.append(cover);
        }"""
    )
    server.send(offer())
    server.until_receipt("rendered")
    after_timers(page, 1600)
    assert visitor.settled().receipts() == ["rendered"]
    page.evaluate("document.querySelector('#cover').remove()")
    server.until_receipt("seen")


def test_becomes_a_pill_when_nobody_answers_and_comes_back_with_the_focus(
    visitor: Visitor, server: StandIn
) -> None:
    page = _open(visitor, toast_seconds=1)
    server.send(offer())
    server.until_receipt("timed_out")
    toast = page.locator("#toast")
    expect(toast).to_have_attribute("data-kind", "pill")
    assert _labels(page)[0] == "Suggestion"
    _press(page, "Suggestion")
    expect(toast).to_have_attribute("data-kind", "offer")
    expect(toast.get_by_role("button", name="Show me")).to_be_focused()
    _press(page, "Later")
    server.until_receipt("snoozed")
    assert visitor.settled().receipts().count("rendered") == 1


def test_does_not_time_out_under_the_pointer(visitor: Visitor, server: StandIn) -> None:
    page = _open(visitor, toast_seconds=1)
    server.send(offer())
    page.locator("#toast").hover()
    server.until_receipt("seen")
    after_timers(page, 1600)
    assert "timed_out" not in visitor.settled().receipts()
    page.mouse.move(1, 1)
    server.until_receipt("timed_out")


def test_waits_while_something_modal_is_open(visitor: Visitor, server: StandIn) -> None:
    page = _open(visitor)
    modal = "const it = document.createElement('dialog'); document.body.append(it); it.showModal()"
    page.evaluate(f"() => {{ {modal}; }}")
    with page.expect_response("**/own_toast.mjs"):
        server.send(offer())
    after_timers(page, 1600)
    assert page.evaluate("window.shown") == []
    assert visitor.settled().receipts() == []
    page.evaluate("document.querySelector('dialog').close()")
    server.until_receipt("rendered")


def test_disappears_when_the_offer_expires(visitor: Visitor, server: StandIn) -> None:
    page = _open(visitor)
    server.send(offer(expires_in_s=3))
    server.until_receipt("rendered")
    expect(page.locator("#toast")).to_be_empty()


def test_explains_the_steps_when_the_chat_does_not_open(visitor: Visitor, server: StandIn) -> None:
    server.details["proactive/explain"] = {"text": "1. Press **Options**"}
    page = _open(visitor, init=_CHAT, chat_seconds=1)
    server.send(offer())
    _press(page, "Open chat")
    toast = page.locator("#toast")
    expect(toast).to_contain_text("The chat didn’t open.")
    expect(toast.locator("b")).to_have_text("Options")
    assert toast.get_attribute("data-kind") == "help"
    _press(page, "×")
    expect(toast).to_be_empty()


def test_several_tours_have_buttons_of_their_own(visitor: Visitor, server: StandIn) -> None:
    page = _open(visitor)
    step = ("options", "#options", "Open")
    tours = [{**tour(step), "id": name, "title": name} for name in ("One", "Two")]
    server.send(offer(tours=tours))
    expect(page.locator("#toast button").first).to_have_text("Show me: One")
    assert _labels(page)[:3] == ["Show me: One", "Show me: Two", "Open chat"]


def test_a_toast_that_fails_leaves_the_offer_to_other_tabs(visitor: Visitor, server: StandIn) -> None:
    page = _open(visitor)
    page.evaluate("() => { window.shown.push = () => { throw new Error('ours'); }; }")
    server.send(offer())
    other = _open(visitor)
    server.until_receipt("seen")
    _press(other, "Later")
    server.until_receipt("snoozed")
    assert any("the page's own toast failed" in complaint for complaint in visitor.complaints)
    visitor.complaints.clear()


def test_another_user_does_not_get_the_former_ones_offer(visitor: Visitor, server: StandIn) -> None:
    page = _open(visitor)
    server.send(offer())
    server.until_receipt("rendered")
    page.evaluate("window.copilot.signOut()")
    expect(page.locator("#toast")).to_be_empty()
