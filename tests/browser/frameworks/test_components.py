"""Components for Vue and Svelte from the page on apps, built with vite like a team would."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Route, expect
from support.node import FRAMEWORKS, require_packages, run_node

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


VUE = Framework(
    "Vue",
    "vue",
    'import vue from "@vitejs/plugin-vue";\nexport default { base: "/built/", plugins: [vue()] };\n',
    """
import { createApp } from "vue";
import Copilot from "./Copilot.vue";

const app = createApp(Copilot, { userId: "u1" });
app.mount("#app");
window.leave = () => app.unmount();
""",
)
SVELTE = Framework(
    "Svelte",
    "svelte",
    'import { svelte } from "@sveltejs/vite-plugin-svelte";\n'
    'export default { base: "/built/", plugins: [svelte()] };\n',
    """
import { mount, unmount } from "svelte";
import Copilot from "./Copilot.svelte";

const component = mount(Copilot, { target: document.querySelector("#app"), props: { userId: "u1" } });
window.leave = () => unmount(component);
""",
)
PAGE = """<!doctype html>
<title>App</title>
<button id="options">Options</button>
<div id="app"></div>
<script type="module" src="/main.js"></script>
"""


@pytest.mark.parametrize("framework", [VUE, SVELTE], ids=lambda it: it.heading)
def test_a_component_shows_the_toast_and_its_tour_and_leaves(
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
    page.evaluate("window.leave()")
    expect(page.locator("rasa-autoplay-tour .card:not(.done)")).to_have_count(0)
    server.until_open(0)
