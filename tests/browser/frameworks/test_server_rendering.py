"""Both packages on a server, which has no window: it renders the page as it is without a copilot."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.node import FRAMEWORKS, require_built_packages, require_packages, run_node
from support.npm_packages import link_libraries, pack, unpack

pytestmark = pytest.mark.slow

_REACT = """
import { CopilotProvider, useCopilot, useOffer } from "rasa-autoplay-react";
import { createElement as h } from "react";
import { renderToString } from "react-dom/server";

const Help = () => h("p", null, `${useCopilot().status} ${useOffer()}`);
const page = (userId) => h(CopilotProvider, { base: "/autoplay", userId, toast: "own" }, h(Help));
console.log(renderToString(page("u1")), renderToString(page(null)));
"""
_VUE = """
import { createCopilotPlugin, useCopilot, useOffer } from "rasa-autoplay-vue";
import { createSSRApp, h } from "vue";
import { renderToString } from "vue/server-renderer";

const Help = { setup() {
  const [{ status }, offer] = [useCopilot(), useOffer()];
  return () => h("p", `${status.value} ${offer.value}`);
} };
const page = (userId) =>
  createSSRApp(Help).use(createCopilotPlugin({ base: "/autoplay", userId, toast: "own" }));
console.log(await renderToString(page("u1")), await renderToString(page(null)));
"""


@pytest.mark.parametrize(("name", "program"), [("react", _REACT), ("vue", _VUE)], ids=["react", "vue"])
def test_renders_on_a_server(name: str, program: str, tmp_path: Path) -> None:
    require_built_packages()
    require_packages(FRAMEWORKS)
    link_libraries(tmp_path, FRAMEWORKS)
    unpack(pack(name, tmp_path), tmp_path)
    (tmp_path / "page.mjs").write_text(program)
    said = run_node(["page.mjs"], tmp_path)
    assert said == "<p>loading null</p> <p>signed-out null</p>\n"
