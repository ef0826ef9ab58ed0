"""The doctor of servers that just run, and of a page whose posthog-js drops every event."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.async_api import Route
from support.background import BackgroundLoop, eventually
from support.host_app import HostApp, Opener
from support.pair import Pair
from support.workshop import Workshop

from rasa_autoplay.common.checks import Finding
from rasa_autoplay.engine.offers.silent_users import SILENT_AFTER_S
from rasa_autoplay.gateway.studio.health_checks import HEALTH_CHECKS as STUDIO_CHECKS
from rasa_autoplay.tools.doctor.health_request import ask
from rasa_autoplay.tools.doctor.live import HEALTH_CHECKS, SERVER_CHECKS
from rasa_autoplay.tools.doctor.project import Project, read_project

pytestmark = pytest.mark.slow

#: What the doctor itself has done or compared on servers that nobody has used.
ITS_OWN = {"action server", "loaded files", "pauses in force", "feed delay", "origins let in"}
#: Page settings that make posthog-js drop its events.
DROPPED = {
    "a bot": ("opt_out_useragent_filter: true", "opt_out_useragent_filter: false"),
    "another address": ('"../../capture"', '"../../nowhere"'),
}


@pytest.fixture(scope="module")
def unused(workshop: Workshop, background: BackgroundLoop) -> Iterator[Pair]:
    """Servers that nobody has used yet."""
    with workshop.running(workshop.project("unused"), background) as pair:
        yield pair


def _project(pair: Pair) -> Project:
    project = read_project(pair.project.folder, python=(3, 10), packages={}, environment={})
    return replace(project, environment=dict(pair.project.environment))


async def _told(pair: Pair) -> list[Finding]:
    running = await asyncio.to_thread(ask, pair.origin, _project(pair))
    checks = (*SERVER_CHECKS, *HEALTH_CHECKS)
    return await asyncio.to_thread(lambda: [each for check in checks for each in check.examine(running)])


async def test_nothing_is_ok_that_nobody_has_done(unused: Pair, background: BackgroundLoop) -> None:
    told = await _told(unused)
    observing = {check.name for check in HEALTH_CHECKS if check.observe is not None} - ITS_OWN
    assert [each for each in told if each.state == "ok" and each.check in observing] == []
    assert [each for each in told if each.state == "error"] == []
    assert all(each.remedy for each in told if each.state == "not_seen")
    unseen = {each.check for each in told if each.state == "not_seen"}
    assert {"events", "script loaded", "feeds", "offers", "offers heard", "tours"} <= unseen
    assert {check.name for check in STUDIO_CHECKS} <= {check.name for check in HEALTH_CHECKS}


@pytest.mark.parametrize("cause", sorted(DROPPED))
async def test_says_that_no_event_of_an_open_page_arrives(unused: Pair, open_app: Opener, cause: str) -> None:
    old, new = DROPPED[cause]

    async def change(route: Route) -> None:
        answer = await route.fetch()
        text = await answer.text()
        assert old in text
        await route.fulfill(response=answer, body=text.replace(old, new))

    async with open_app() as app:
        mine = HostApp(app.page, unused, app.user_id, app._pictures)
        await app.page.route("**/js/analytics.js*", change)
        await mine.visit(with_chat=False)
        found = await eventually(
            lambda: _silent(unused), within_s=SILENT_AFTER_S + 60, what="the doctor sees a silent page"
        )
        assert found.state == "error"
        assert "no event of them ever arrived" in found.found
        assert "opt_out_useragent_filter" in found.remedy, "the browser is automated"
        assert "ad blocker" in found.remedy
        states = {each.check: each.state for each in await _told(unused)}
        assert states["script loaded"] == states["feeds"] == "ok"
        assert states["events"] == "not_seen"


async def _silent(pair: Pair) -> Finding | None:
    return next(
        (each for each in await _told(pair) if each.check == "silent pages" and each.state == "error"), None
    )
