"""The plain page of the page on apps, unchanged."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, Request, Route, expect
from support.axe import AXE, RUN_AXE
from support.processes import ROOT

from browser.frameworks.snippets import RASA, snippets
from browser.unit.conftest import Visitor
from browser.unit.stand_in import LIBRARIES, StandIn, offer
from rasa_autoplay.gateway.sources.posthog.wire import CapturedEvent, decode_request

VENDOR = {
    "posthog.js": "posthog-js/dist/array.no-external.js",
    "rasa-webchat.js": "rasa-webchat/lib/index.js",
}
# posthog-js sends nothing from an automated browser by default.
FOR_TESTS = "opt_out_useragent_filter: true, api_host:"


def _open_plain_page(visitor: Visitor, server: StandIn, more: str = "") -> Page:
    snippet, *_others = snippets("A plain page", "html")
    page = (snippet + more).replace(RASA, server.origin).replace("api_host:", FOR_TESTS)

    def vendor(route: Route) -> None:
        route.fulfill(path=LIBRARIES / VENDOR[route.request.url.rpartition("/")[2]])

    visitor.context.route("**/vendor/*", vendor)
    visitor.context.route("**/capture/**", lambda route: route.fulfill(json={"status": 1}))
    visitor.context.route("**/socket.io/**", lambda route: route.fulfill(status=503))
    # rasa-webchat would load its fonts from another host.
    visitor.context.route(lambda url: not url.startswith(server.origin), lambda route: route.abort())
    visitor.context.route(
        "**/host.html*",
        lambda route: route.fulfill(
            body=f'<!doctype html><meta charset="utf-8"><button id="options">Options</button>{page}',
            content_type="text/html",
        ),
    )
    return visitor.open()


def test_a_plain_page_has_capture_toast_tour_and_chat(visitor: Visitor, server: StandIn) -> None:
    tab = _open_plain_page(visitor, server)
    with tab.expect_request(lambda request: bool(_clicks(request))) as sent:
        tab.locator("#options").click()
    (click,) = _clicks(sent.value)
    assert (click.distinct_id, click.properties["email"]) == ("u1", "u1@example.com")
    server.send(offer())
    expect(tab.locator("rasa-autoplay .card")).to_be_visible()
    assert server.until_feeds(1)[0]["user_id"] == "u1"
    expect(tab.locator("#webchat > *")).to_have_count(1)
    tab.get_by_role("button", name="Show me").click()
    expect(tab.locator("rasa-autoplay-tour .title")).to_have_text("Open table options")


@pytest.mark.slow
def test_a_plain_page_changes_its_user(visitor: Visitor, server: StandIn) -> None:
    tab = _open_plain_page(visitor, server, *snippets("When the user changes", "html"))
    expect(tab.locator("#webchat > *")).to_have_count(1)
    tab.locator("#webchat > *").evaluate("(it) => (it.isOfTheFormerUser = true)")
    server.send(offer())
    expect(tab.locator("rasa-autoplay .card")).to_be_visible()
    # While this thread waits for the stand-in, no request of a page with routes goes on.
    with tab.expect_response("**/proactive/stream/u2?**"):
        tab.evaluate("signIn('u2')")
    expect(tab.locator("rasa-autoplay .card")).to_have_count(0)
    expect(tab.locator("#webchat > *")).to_have_count(1)
    assert not tab.locator("#webchat > *").evaluate("(it) => it.isOfTheFormerUser")
    with tab.expect_request(lambda request: bool(_clicks(request))) as sent:
        tab.locator("#options").click()
    assert _clicks(sent.value)[-1].distinct_id == "u2"
    server.send(offer("offer_2", body="For the next user"))
    expect(tab.get_by_role("status")).to_contain_text("For the next user")


def test_the_first_toast_page_captures_events_and_shows_the_toast(visitor: Visitor, server: StandIn) -> None:
    page = (ROOT / "docs" / "first-toast" / "index.html").read_text("utf-8")
    page = page.replace("http://localhost:5005", server.origin).replace("api_host:", FOR_TESTS)

    def library(route: Route) -> None:
        route.fulfill(path=LIBRARIES / route.request.url.partition("/node_modules/")[2])

    visitor.context.route("**/node_modules/**", library)
    visitor.context.route("**/capture/**", lambda route: route.fulfill(json={"status": 1}))
    visitor.context.route("**/socket.io/**", lambda route: route.fulfill(status=503))
    visitor.context.route(lambda url: not url.startswith(server.origin), lambda route: route.abort())
    visitor.context.route("**/host.html*", lambda route: route.fulfill(body=page, content_type="text/html"))
    tab = visitor.open()
    user = tab.locator("#user").inner_text()
    with tab.expect_request(lambda request: bool(_clicks(request))) as sent:
        tab.get_by_role("button", name="Save invoice 1041").click()
    assert _clicks(sent.value)[0].distinct_id == user
    assert server.until_feeds(1)[0]["user_id"] == user
    server.send(offer())
    expect(tab.locator("rasa-autoplay .card")).to_be_visible()
    expect(tab.locator("#webchat > *")).to_have_count(1)


@pytest.mark.parametrize(
    ("missing", "said"),
    [("**/node_modules/**", "Run npm install in this folder"), ("**/autoplay.js", "Run rasa run")],
)
def test_the_first_toast_page_says_what_is_missing(
    visitor: Visitor, server: StandIn, missing: str, said: str
) -> None:
    page = (ROOT / "docs" / "first-toast" / "index.html").read_text("utf-8")
    page = page.replace("http://localhost:5005", server.origin)

    def library(route: Route) -> None:
        route.fulfill(path=LIBRARIES / route.request.url.partition("/node_modules/")[2])

    visitor.context.route("**/node_modules/**", library)
    visitor.context.route("**/capture/**", lambda route: route.fulfill(json={"status": 1}))
    visitor.context.route("**/socket.io/**", lambda route: route.fulfill(status=503))
    visitor.context.route(lambda url: not url.startswith(server.origin), lambda route: route.abort())
    visitor.context.route(missing, lambda route: route.abort())
    visitor.context.route("**/host.html*", lambda route: route.fulfill(body=page, content_type="text/html"))
    tab = visitor.context.new_page()
    tab.goto(f"{server.origin}/host.html")
    expect(tab.get_by_role("alert")).to_contain_text(said)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_first_toast_page_fits_and_is_accessible(visitor: Visitor, server: StandIn, scheme: str) -> None:
    page = (ROOT / "docs" / "first-toast" / "index.html").read_text("utf-8")
    visitor.context.route(lambda url: not url.startswith(server.origin), lambda route: route.abort())
    visitor.context.route("**/node_modules/**", lambda route: route.abort())
    visitor.context.route("**/host.html*", lambda route: route.fulfill(body=page, content_type="text/html"))
    tab = visitor.context.new_page()
    tab.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    tab.goto(f"{server.origin}/host.html")
    for width in (375, 1280):
        tab.set_viewport_size({"width": width, "height": 800})
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
    tab.evaluate(AXE.read_text(encoding="utf-8"))
    assert tab.evaluate(RUN_AXE) == []


def _clicks(request: Request) -> list[CapturedEvent]:
    """Return the clicks in a capture request."""
    if "/capture/" not in request.url:
        return []
    content_type = request.headers.get("content-type", "")
    body = request.post_data_buffer or b""
    received = decode_request(body, content_type=content_type, query={}, received_at=time.time())
    return [event for event in received.events if event.event == "$autocapture"]


def test_a_token_in_the_tag_reaches_the_feed(visitor: Visitor, server: StandIn) -> None:
    (tag,) = snippets("Signed users", "html")
    visitor.context.route(
        "**/host.html*",
        lambda route: route.fulfill(
            body=f"<!doctype html><meta charset='utf-8'>{tag.replace(RASA, server.origin)}",
            content_type="text/html",
        ),
    )
    visitor.open()
    (feed,) = server.until_feeds(1)
    assert (feed["user_id"], feed["token"]) == ("u1", "eyJ…")
