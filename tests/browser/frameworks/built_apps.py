"""Apps that Vite builds from sources, and the browser's pages with them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from playwright.sync_api import Route
from support.node import FRAMEWORKS, require_built_packages, require_packages, run_node
from support.npm_packages import REACT_18, link_libraries, pack, unpack

from browser.unit.conftest import Visitor
from browser.unit.stand_in import LIBRARIES

__all__ = ["HOST", "KINDS", "OLD_REACT", "REACT_19", "STORED", "VUE", "Kind", "build", "serve"]

HOST = """<!doctype html>
<meta charset="utf-8">
<title>App</title>
<button id="options">Options</button>
<div id="app"></div>
<script type="module"{nonce} src="/built/main.js"></script>
"""
#: What the copilot keeps, beside the time at which this tab was there.
STORED = """[localStorage, sessionStorage].flatMap((it) => Object.keys(it))
  .filter((key) => key !== "rasa-autoplay-alive")"""
_CONFIG = """
import react from "@vitejs/plugin-react";
import vue from "@vitejs/plugin-vue";

export default {
  base: "/built/",
  plugins: [react(), vue()],
  build: { rollupOptions: { input: "INPUT", output: { entryFileNames: "main.js" } } },
};
"""


class Kind:
    """A framework, and what an app in it needs.

    Args:
        name: how tests call it.
        package: the package's folder.
        source: the test's app.
        libraries: where the framework is installed, in place of the usual one.
    """

    def __init__(self, name: str, package: str, source: str, *libraries: Path) -> None:
        self.name = name
        self.package = package
        self.source = FRAMEWORKS / "apps" / source
        self.libraries = libraries


REACT_19 = Kind("react-19", "react", "react.tsx")
OLD_REACT = Kind("react-18", "react", "react.tsx", REACT_18)
VUE = Kind("vue", "vue", "vue.ts")
KINDS = (REACT_19, OLD_REACT, VUE)


def build(project: Path, kind: Kind, files: Mapping[str, str], entry: str) -> Path:
    """Build an app that uses a package; returns the folder with what was built.

    Args:
        project: an empty folder.
        kind: the framework.
        files: the app's files, by their path in the project.
        entry: the file that starts it.
    """
    require_built_packages()
    require_packages(FRAMEWORKS)
    for place in kind.libraries:
        require_packages(place)
    link_libraries(project, LIBRARIES.parent, names=["posthog-js"])
    link_libraries(project, FRAMEWORKS, *kind.libraries)
    unpack(pack(kind.package, project), project)
    for name, text in {**files, "vite.config.mjs": _CONFIG.replace("INPUT", entry)}.items():
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(text, encoding="utf-8")
    run_node(["node_modules/vite/bin/vite.js", "build"], project)
    return project / "dist"


def serve(visitor: Visitor, built: Path, host: str = HOST, policy: str = "") -> None:
    """Have a visitor get a built app as the host app's page.

    Args:
        visitor: who opens it.
        built: the folder with what was built.
        host: the page.
        policy: its Content-Security-Policy. The script that starts the app then has the nonce ``n0``.
    """

    def file(route: Route) -> None:
        route.fulfill(path=built / route.request.url.partition("/built/")[2])

    headers = {"Content-Type": "text/html", **({"Content-Security-Policy": policy} if policy else {})}
    page = host.replace("{nonce}", ' nonce="n0"' if policy else "")
    visitor.context.route("**/built/**", file)
    visitor.context.route("**/host.html*", lambda route: route.fulfill(body=page, headers=headers))
