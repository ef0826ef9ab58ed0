"""The buttons of a toast that a trigger decides on: several tours, and replies."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from browser.unit.conftest import Visitor
from browser.unit.stand_in import StandIn, offer, tour

HOSTILE = '<img src=x onerror="window.hacked=1">'


def _press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def _tour(tour_id: str, element: str = "#before", **fields: Any) -> dict[str, Any]:
    return {**tour(("one", element, "One")), "id": tour_id, "flow_id": tour_id, "label": "Show me", **fields}


def _actions(page: Page) -> Any:
    return expect(page.locator("rasa-autoplay .actions button:visible"))


def test_a_single_tours_button_says_show_me(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.send(offer(tours=[_tour("bulk", title="Bulk edit")]))
    _actions(page).to_have_text(["Show me", "Open chat"])


def test_a_tours_button_shows_the_configured_label(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.send(offer(tours=[_tour("bulk", label=HOSTILE)]))
    _actions(page).to_have_text([HOSTILE, "Open chat"])
    assert page.evaluate("window.hacked") is None


def test_several_tours_have_a_button_each(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    tours = [
        _tour("bulk", title="Bulk edit"),
        _tour("filter", title="Filters"),
        _tour("export", label="Export it", title="Export"),
        _tour("hidden", "#not-yet", title="Not here"),
    ]
    server.send(offer(tours=tours))
    _actions(page).to_have_text(["Show me: Bulk edit", "Show me: Filters", "Export it", "Open chat"])
    _press(page, "Show me: Filters")
    assert server.until_posted("tour/start")[0]["tour_id"] == "filter"
    expect(page.locator("rasa-autoplay-tour .card:not(.done)")).to_be_visible()


def test_a_variant_may_put_the_chat_first(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.send(offer(tours=[_tour("bulk")], first="chat", reply_options=["Compare plans"]))
    _actions(page).to_have_text(["Open chat", "Show me", "Compare plans"])
    colours = page.locator("rasa-autoplay .actions button").evaluate_all(
        "buttons => buttons.map((each) => getComputedStyle(each).backgroundColor)"
    )
    assert colours[0] not in colours[1:], "only the first one is emphasized"


@pytest.mark.parametrize("said", ["Compare plans", HOSTILE])
def test_a_reply_button_sends_the_reply_after_the_question(
    visitor: Visitor, server: StandIn, said: str
) -> None:
    page = visitor.open()
    server.send(offer(reply_options=[said]))
    _press(page, said)
    server.until_posted("proactive/inject")
    expect(page.locator("#said")).to_have_text(f"{said};")
    server.until_receipt("accepted")
    assert page.evaluate("window.hacked") is None


def test_sends_no_reply_when_the_question_failed(visitor: Visitor, server: StandIn) -> None:
    server.answers["proactive/inject"] = [404]
    page = visitor.open()
    server.send(offer(reply_options=["Compare plans"]))
    _press(page, "Compare plans")
    expect(page.get_by_role("status")).to_contain_text("The chat didn’t open.")
    expect(page.locator("#said")).to_have_text("")
    _press(page, "Try again")
    expect(page.locator("#said")).to_have_text("Compare plans;")


@pytest.mark.parametrize("no", ["No", "NO"])
def test_no_closes_the_toast(visitor: Visitor, server: StandIn, no: str) -> None:
    page = visitor.open()
    server.send(offer(reply_options=["Yes", no]))
    _press(page, no)
    server.until_receipt("dismissed")
    expect(page.locator("rasa-autoplay .card")).to_be_hidden()
    assert visitor.settled().posted("proactive/inject") == []


def test_yes_lets_the_bot_explain(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.send(offer(reply_options=["Yes", "No"]))
    _press(page, "Yes")
    server.until_posted("proactive/inject")
    server.until_receipt("accepted")
    visitor.settled()
    expect(page.locator("#said")).to_have_text("")


def test_opens_a_widget_that_cannot_send_replies(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open("module.html")
    server.send(offer(reply_options=["Compare plans"], tours=[]))
    _press(page, "Compare plans")
    server.until_posted("proactive/inject")
    server.until_receipt("accepted")


@pytest.mark.parametrize(
    ("pressed", "button"),
    [("Show me", "show_me"), ("Open chat", "open_chat"), ("Yes", "reply"), ("Compare plans", "reply")],
)
def test_receipt_says_which_button_was_pressed(
    visitor: Visitor, server: StandIn, pressed: str, button: str
) -> None:
    page = visitor.open()
    server.answers["proactive/ack"] = [503]  # it is sent again
    server.send(offer(tours=[_tour("bulk", title="Bulk edit")], reply_options=["Yes", "Compare plans"]))
    _press(page, pressed)
    receipts = visitor.settled().posted("proactive/ack")
    assert {body["button"] for body in receipts if body["event"] == "accepted"} == {button}
    others = [body for body in receipts if body["event"] != "accepted"]
    assert others
    assert not any("button" in body for body in others)
