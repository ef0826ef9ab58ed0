"""A link of the recorder: who loads the recorder, and who sees the token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect
from support.chromium import require_library

from browser.recorder.stand_in import ORIGIN, RECORDER, RecorderStandIn, open_recorder
from browser.unit.stand_in import LIBRARIES

_AUTOPLAY = '<script src="/webhooks/autoplay/autoplay.js" data-user-id=""></script>'
_MODULE = '<script type=module src="/webhooks/autoplay/autoplay.mjs"></script>'
#: posthog-js as apps load it; what it would send is kept in the page.
_POSTHOG = """<script src=/posthog.js></script><script>
window.sent = [];
posthog.init("phc_x", {
  api_host: "http://127.0.0.1:9/capture", opt_out_useragent_filter: true, capture_pageview: true,
  advanced_disable_flags: true, disable_session_recording: true,
  before_send: (event) => (window.sent.push([event.event, JSON.stringify(event)]), null),
});
</script>"""


def _recorder_requests(app: RecorderStandIn) -> list[str]:
    return [path for path in app.requested if "recorder" in path]


def test_nobody_else_loads_the_recorder(page: Page, app: RecorderStandIn) -> None:
    for address in ("/projects", "/projects?a=1#top", "/projects#/route?autoplay=1"):
        page.goto(f"{ORIGIN}{address}")
        page.wait_for_load_state("networkidle")
        assert page.url == f"{ORIGIN}{address}"
    assert page.evaluate("rasaAutoplay.copilot") is None
    assert _recorder_requests(app) == []


@pytest.mark.parametrize(
    "head", [_AUTOPLAY, pytest.param(_MODULE, marks=pytest.mark.slow)], ids=["script", "module"]
)
@pytest.mark.parametrize(
    "address", ["/projects", "/projects?a=1#/list", "/projects#/list?b=2", "/projects#top"]
)
def test_the_token_leaves_the_address_bar(page: Page, app: RecorderStandIn, head: str, address: str) -> None:
    app.head = head
    joint = {"/projects": "#", "/projects?a=1#/list": "?"}.get(address, "&")
    page.goto(f"{ORIGIN}{address}{joint}autoplay-record=token.1-x_y")
    page.locator(f"{RECORDER} .frame").wait_for()
    assert page.url == f"{ORIGIN}{address}"
    assert page.evaluate("history.length") == 2
    assert app.bodies("session") == [{"token": "token.1-x_y"}]
    assert [path for path in app.requested if "token" in path] == []


@pytest.mark.slow
def test_a_link_that_is_pasted_into_the_open_page_begins_too(page: Page) -> None:
    page.goto(f"{ORIGIN}/projects")
    open_recorder(page)
    assert page.url == f"{ORIGIN}/projects"


@pytest.mark.slow
def test_a_page_that_sends_the_user_away_at_once_keeps_the_token(page: Page, app: RecorderStandIn) -> None:
    app.statuses = {"session": 0}
    open_recorder(page)
    page.goto(f"{ORIGIN}/other")  # to sign in
    app.statuses = {}
    page.locator(f"{RECORDER} .frame").wait_for()
    page.wait_for_function("JSON.parse(sessionStorage['rasa-autoplay-recorder']).key")
    assert {body["token"] for body in app.bodies("session")} == {"token-1"}


@pytest.fixture
def with_posthog(new_context: Callable[..., BrowserContext]) -> Page:
    """A tab of a profile that can load posthog-js."""
    require_library("posthog-js/dist/array.js")
    context = new_context()
    context.route(
        f"{ORIGIN}/posthog.js", lambda route: route.fulfill(path=LIBRARIES / "posthog-js/dist/array.js")
    )
    context.route(f"{ORIGIN}/capture/**", lambda route: route.fulfill(json={}))
    return context.new_page()


def _sent(page: Page) -> list[Any]:
    page.goto(f"{ORIGIN}/projects#autoplay-record=token-1")
    page.locator(f"{RECORDER} .frame").wait_for()
    page.wait_for_function("window.sent.some(([event]) => event === '$pageview')")
    page.click("#save")
    page.wait_for_function("window.sent.some(([event]) => event === '$autocapture')")
    sent: list[Any] = page.evaluate("window.sent")
    return sent


@pytest.mark.slow
def test_posthog_js_that_is_loaded_after_the_script_never_sees_the_token(
    with_posthog: Page, app: RecorderStandIn
) -> None:
    app.head = _AUTOPLAY + _POSTHOG
    sent = _sent(with_posthog)
    assert [event for event, text in sent if "token-1" in text] == []
    panel = with_posthog.locator(f"{RECORDER} button", has_text="Pause")
    before = len(sent)
    panel.click()
    with_posthog.locator(f"{RECORDER} button", has_text="Go on").click()
    with_posthog.click("#options")
    with_posthog.wait_for_function("window.sent.at(-1)[1].includes('Table options')")
    assert len(with_posthog.evaluate("window.sent")) == before + 1  # the panel is not captured
    expect(with_posthog.locator(f"{RECORDER} .steps .card")).to_have_count(2)


@pytest.mark.slow
def test_posthog_js_before_a_plain_script_tag_does_not_see_the_token_either(
    with_posthog: Page, app: RecorderStandIn
) -> None:
    """It captures its page view when the document has been read, and the script runs before that."""
    app.head = _POSTHOG + _AUTOPLAY
    assert [event for event, text in _sent(with_posthog) if "token-1" in text] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "tag",
    [_AUTOPLAY.replace("<script", "<script defer"), _MODULE.replace("<script", "<script async")],
    ids=["deferred", "module"],
)
def test_posthog_js_sees_the_token_if_the_script_runs_after_its_page_view(
    with_posthog: Page, app: RecorderStandIn, tag: str
) -> None:
    """Why a link works only once; the documentation says so."""
    app.head = _POSTHOG + tag
    held: list[Route] = []
    with_posthog.route("**/autoplay.*js", lambda route: held.append(route))
    with_posthog.goto(f"{ORIGIN}/projects#autoplay-record=token-1", wait_until="commit")
    with_posthog.wait_for_function("window.sent?.some(([event]) => event === '$pageview')")
    assert "token-1" in with_posthog.evaluate("window.sent[0][1]")
    held[0].fallback()
    with_posthog.locator(f"{RECORDER} .frame").wait_for()
    assert with_posthog.url == f"{ORIGIN}/projects"
