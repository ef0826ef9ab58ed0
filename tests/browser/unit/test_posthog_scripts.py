"""posthog-js gets an answer to whatever it asks for, with the options that apps use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest
from playwright.sync_api import Browser, Response
from support.background import PATIENCE_S, BackgroundLoop, eventually
from support.gateway import BASE, ServedGateway, served_gateway

from browser.unit.stand_in import LIBRARIES

#: The tutorial's host app, and what else apps switch on.
INITS = [
    {"person_profiles": "identified_only", "capture_pageview": False, "capture_pageleave": True},
    {"defaults": "2025-05-24"},
    {
        "disable_surveys": False,
        "capture_performance": True,
        "capture_heatmaps": True,
        "capture_dead_clicks": True,
    },
]


@pytest.fixture
def gateway(stand_in_loop: BackgroundLoop) -> Iterator[ServedGateway]:
    """The real capture routes."""
    stack = AsyncExitStack()
    yield stand_in_loop.run(stack.enter_async_context(served_gateway()), PATIENCE_S)
    stand_in_loop.run(stack.aclose(), PATIENCE_S)


@pytest.mark.parametrize("init", INITS, ids=["tutorial", "defaults", "everything"])
def test_answers_every_request_of_posthog_js_without_an_error(
    chromium: Browser, gateway: ServedGateway, stand_in_loop: BackgroundLoop, init: dict[str, object]
) -> None:
    options = {"api_host": f"{gateway.origin}{BASE}/capture", "opt_out_useragent_filter": True, **init}
    page_text = (
        f"<!doctype html><script src=/posthog.js></script><button>Save changes</button>"
        f"<script>posthog.init('phc_x', {json.dumps(options)}); posthog.identify('u1')</script>"
    )
    context = chromium.new_context()
    page = context.new_page()
    answers: list[Response] = []
    complaints: list[str] = []
    page.on("response", lambda response: answers.append(response))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    # The page has the server's origin: Chromium takes a page that no server sent for a public site, which
    # may not ask this machine.
    context.route(f"{gateway.origin}/page", lambda r: r.fulfill(body=page_text, content_type="text/html"))
    context.route(
        f"{gateway.origin}/posthog.js",
        lambda route: route.fulfill(path=LIBRARIES / "posthog-js/dist/array.js"),
    )
    page.goto(f"{gateway.origin}/page")
    page.get_by_role("button").click()

    async def has_click() -> bool:
        return bool((await gateway.health("capture"))["accepted"])

    stand_in_loop.run(eventually(has_click, what="the click"), PATIENCE_S + 5)
    page.wait_for_load_state("networkidle")
    context.close()
    refused = [(answer.status, answer.url) for answer in answers if answer.status >= 400]
    assert answers
    assert refused == []
    assert complaints == []
