"""A tour that an upstream ordered: begins by itself, once, where somebody looks and its element is."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from browser.unit.conftest import Visitor
from browser.unit.stand_in import StandIn, offer, tour


def _title(page: Page) -> Locator:
    return page.locator("rasa-autoplay-tour .title")


def _has_loaded_tours(page: Page) -> None:
    """The page's own import of what shows tours, asked for earlier, has come too then."""
    page.evaluate("import('/webhooks/autoplay/tours.mjs').then(() => {})")


def test_starts_by_itself_and_sends_no_receipts(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.order(offer("order_1"))
    expect(_title(page)).to_have_text("Open table options")
    expect(page.locator("rasa-autoplay .card")).to_be_hidden()
    page.locator("#options svg").click()
    server.until_tours("tour/start", "tour/step")
    page.locator("#toggle").click()
    expect(page.locator("rasa-autoplay-tour .card:not(.done)")).to_have_count(0)
    server.until_tours("tour/start", "tour/step", "tour/end")
    assert visitor.settled().paths == ["tour/start", "tour/step", "tour/end"]
    with server.another_feed():
        page.reload()
    server.send(offer())
    expect(page.locator("rasa-autoplay .card")).to_be_visible()
    assert visitor.settled().paths.count("tour/start") == 1


def test_replaces_an_open_toast(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.send(offer())
    expect(page.locator("rasa-autoplay .card")).to_be_visible()
    server.order(offer("order_1"))
    expect(_title(page)).to_be_visible()
    expect(page.locator("rasa-autoplay .card")).to_be_hidden()


def test_starts_in_one_of_several_tabs(visitor: Visitor, server: StandIn) -> None:
    tabs = [visitor.open() for _ in range(3)]
    server.order(offer("order_1"))
    server.until_tours("tour/start")
    visitor.settled()
    (touring,) = [tab for tab in tabs if _title(tab).count()]
    touring.locator("rasa-autoplay-tour .close").click()
    # News comes to a tab in the order in which it was told: who knows of this has heard of the order before.
    server.send(offer())
    for tab in tabs:
        expect(tab.locator("rasa-autoplay .card")).to_be_visible()
        _has_loaded_tours(tab)
    assert visitor.settled().tours == ["tour/start", "tour/end"]


def test_waits_for_a_page_that_has_its_element(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    elsewhere = tour(("gone", "#nowhere", "Nowhere"), ("toggle", "#toggle", "Pick Bulk edit"))
    server.order(offer("order_1", tours=[elsewhere]))
    page.wait_for_function("localStorage['rasa-autoplay']?.includes('order_1')")
    _has_loaded_tours(page)
    assert visitor.settled().paths == []
    expect(page.locator("rasa-autoplay-tour .card:not(.done)")).to_have_count(0)
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => { document.querySelector('#options').id = 'nowhere'; })"
    )
    page.reload()
    expect(_title(page)).to_have_text("Nowhere")


def test_opens_the_chat_when_a_step_has_no_element(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open(anchor_seconds=1)
    lost = tour(("options", "#options", "Open table options"), ("gone", "#nowhere", "Nowhere"))
    server.order(offer("order_1", tours=[lost]))
    expect(_title(page)).to_be_visible()
    page.locator("#options svg").click()
    (body,) = server.until_posted("proactive/inject")
    assert (body["offer_id"], body["step"]) == ("order_1", "gone")


def test_ignores_an_expired_order(visitor: Visitor, server: StandIn) -> None:
    page = visitor.open()
    server.order(offer("order_1", expires_in_s=-1))
    server.send(offer())
    expect(page.locator("rasa-autoplay .card")).to_be_visible()
    assert visitor.settled().tours == []
    expect(page.locator("rasa-autoplay-tour .card:not(.done)")).to_have_count(0)
