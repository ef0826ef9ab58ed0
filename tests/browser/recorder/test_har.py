"""A HAR that Chromium's driver records of a page with posthog-js reads as the session that happened."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route
from support.processes import ROOT

from rasa_autoplay.errors import UnusableRecording
from rasa_autoplay.tools.simulation.recordings import Recordings, read_recordings

LIBRARY = ROOT / "example_bot" / "host_app" / "node_modules" / "posthog-js" / "dist" / "array.no-external.js"
APP = "http://app.example"
BOT = "http://bot.example/webhooks/autoplay/capture"
PAGE = """<!DOCTYPE html><title>App</title><script src="/posthog.js"></script>
<script>
  posthog.init("phc_x", {{api_host: "{bot}", advanced_disable_flags: true,
    disable_external_dependency_loading: true, disable_session_recording: true, disable_surveys: true,
    opt_out_useragent_filter: true, request_batching: false, disable_compression: {plain}}});
  posthog.identify("u1");
</script>
<button id="open-menu">Open menu</button>
<label>Name <input id="name"></label>
<button id="save">Save</button>"""
#: The page view, the user's identity, and three actions; each is a request.
EVENTS = 5
EXPECTED = [("Click Open menu", "open-menu"), ("Change name", "name"), ("Click Save", "save")]


def _serve(page: Page, *, compressed: bool) -> None:
    """Answer all requests of a page, as no server runs."""

    def answer(route: Route) -> None:
        url = route.request.url
        if url.startswith(BOT):
            headers = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}
            route.fulfill(json={"status": 1}, headers=headers)
        elif url.endswith("/posthog.js"):
            route.fulfill(path=LIBRARY, content_type="text/javascript")
        else:
            route.fulfill(
                body=PAGE.format(bot=BOT, plain=str(not compressed).lower()), content_type="text/html"
            )

    page.context.route("**/*", answer)


def _recorded(browser: Browser, har: Path, *, compressed: bool, content: str) -> Recordings:
    context = browser.new_context(record_har_path=har, record_har_content=content)  # type: ignore[arg-type]
    page = context.new_page()
    _serve(page, compressed=compressed)
    answers = itertools.count(1)
    with page.expect_response(lambda answer: answer.url.startswith(BOT) and next(answers) == EVENTS):
        page.goto(f"{APP}/projects")
        page.click("#open-menu")
        page.fill("#name", "Apollo 11")
        page.press("#name", "Tab")
        page.click("#save")
    context.close()
    return read_recordings([har], "demo")


@pytest.mark.parametrize(
    ("compressed", "content"), [(False, "embed"), (True, "attach")], ids=["plain", "compressed in files"]
)
def test_reads_the_har_of_a_session(
    tmp_path: Path, chromium: Browser, compressed: bool, content: str
) -> None:
    found = _recorded(chromium, tmp_path / "x.har", compressed=compressed, content=content)
    assert not found.unreadable
    acts = [(a.title, a.element_id) for _, payload, _ in found.moments for a in payload.actions]
    assert [act for act in acts if act[1]] == EXPECTED
    assert {payload.user_id for _, payload, _ in found.moments} == {"u1"}
    assert "Apollo" not in repr(found.moments)


def test_says_how_to_record_when_the_browser_loses_compressed_bodies(
    tmp_path: Path, chromium: Browser
) -> None:
    with pytest.raises(UnusableRecording) as refused:
        _recorded(chromium, tmp_path / "x.har", compressed=True, content="embed")
    assert "posthog.set_config({disable_compression: true})" in refused.value.remedy
