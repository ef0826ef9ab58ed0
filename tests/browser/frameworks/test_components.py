"""The component for Svelte from the page on apps, built with vite like a team would."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Route, expect
from support.node import FRAMEWORKS, require_packages, run_node

from browser.frameworks.built_apps import STORED
from browser.frameworks.snippets import RASA, snippets
from browser.unit.conftest import Visitor
from browser.unit.stand_in import StandIn, offer

pytestmark = pytest.mark.slow


class Framework(NamedTuple):
    """The surrounding files of a team's project."""

    heading: str
    ending: str
    config: str
    main: str


SVELTE = Framework(
    "Svelte",
    "svelte",
    'import { svelte } from "@sveltejs/vite-plugin-svelte";\n'
    'export default { base: "/built/", plugins: [svelte()] };\n',
    """
import { mount, unmount } from "svelte";
import Copilot from "./Copilot.svelte";

let component;
window.signIn = (userId) => {
  if (component) unmount(component);
  component = userId && mount(Copilot, { target: document.querySelector("#app"), props: { userId } });
};
window.signIn("u1");
""",
)
PAGE = """<!doctype html>
<title>App</title>
<button id="options">Options</button>
<div id="app"></div>
<script type="module" src="/main.js"></script>
"""


@pytest.mark.parametrize("framework", [SVELTE], ids=lambda it: it.heading)
def test_component_shows_the_toast_and_its_tour_and_changes_its_user(
    framework: Framework, visitor: Visitor, server: StandIn, tmp_path: Path
) -> None:
    require_packages(FRAMEWORKS)
    (component,) = snippets(framework.heading, framework.ending)
    (tmp_path / "node_modules").symlink_to(FRAMEWORKS / "node_modules")
    for name, text in {
        f"Copilot.{framework.ending}": component.replace(RASA, server.origin),
        "vite.config.mjs": framework.config,
        "main.js": framework.main,
        "index.html": PAGE,
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    run_node(["node_modules/vite/bin/vite.js", "build"], tmp_path)

    def built(route: Route) -> None:
        name = route.request.url.partition("/built/")[2]
        route.fulfill(path=tmp_path / "dist" / name)

    visitor.context.route("**/built/**", built)
    visitor.context.route("**/host.html*", lambda route: route.fulfill(path=tmp_path / "dist" / "index.html"))
    page = visitor.open()
    server.send(offer())
    card = page.locator("rasa-autoplay .card")
    expect(card).to_be_visible()
    assert server.until_feeds(1)[0]["user_id"] == "u1"
    card.get_by_role("button", name="Show me").click()
    expect(page.locator("rasa-autoplay-tour .title")).to_have_text("Open table options")
    # While this thread waits for the stand-in, no request of a page with routes goes on.
    with page.expect_response("**/proactive/stream/u2?**"):
        page.evaluate("window.signIn('u2')")
    expect(page.locator("rasa-autoplay-tour .card:not(.done)")).to_have_count(0)
    assert page.evaluate(STORED) == []
    server.send(offer("offer_2", body="For the next user"))
    expect(card).to_contain_text("For the next user")
    page.evaluate("window.signIn('')")
    server.until_open(0)
    expect(page.locator("rasa-autoplay")).to_have_count(0)
    assert page.evaluate(STORED) == []
