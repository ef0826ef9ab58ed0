"""The apps of the page on React and Vue, as they are written there."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from playwright.sync_api import Request, Route, expect
from support.node import PACKAGES, run_node

from browser.frameworks.built_apps import HOST, OLD_REACT, REACT_19, VUE, Kind, build, serve
from browser.frameworks.snippets import RASA, files, snippets
from browser.unit.conftest import Visitor
from browser.unit.stand_in import StandIn, offer
from rasa_autoplay.gateway.sources.posthog.wire import decode_request

pytestmark = pytest.mark.slow

PAGE = "react-and-vue.md"
IN_REACT = "Vite + React in five minutes"
IN_VUE = "The same in Vue"
#: The page that Vite's own template has.
_HOST = HOST.replace('<button id="options">Options</button>\n', "").replace('id="app"', 'id="{root}"')
# posthog-js sends nothing from an automated browser by default.
_FOR_TESTS = "opt_out_useragent_filter: true, api_host:"
_STRICT = {
    "compilerOptions": {
        "strict": True,
        "noEmit": True,
        "skipLibCheck": True,
        "target": "es2022",
        "module": "esnext",
        "moduleResolution": "bundler",
        "jsx": "react-jsx",
        "lib": ["es2022", "dom"],
    },
    "include": ["src"],
}


@pytest.mark.parametrize(
    ("heading", "kind", "entry", "root"),
    [
        (IN_REACT, REACT_19, "src/main.tsx", "root"),
        (IN_REACT, OLD_REACT, "src/main.tsx", "root"),
        (IN_VUE, VUE, "src/main.ts", "app"),
    ],
    ids=["react-19", "react-18", "vue"],
)
def test_documented_app_works(
    heading: str, kind: Kind, entry: str, root: str, visitor: Visitor, server: StandIn, tmp_path: Path
) -> None:
    found = files(heading, PAGE)
    written = {
        name: text.replace(RASA, server.origin).replace("api_host:", _FOR_TESTS)
        for name, text in found.items()
    }
    built = build(tmp_path, kind, written, entry)
    serve(visitor, built, _HOST.replace("{root}", root))
    visitor.context.route("**/capture/**", lambda route: route.fulfill(json={"status": 1}))
    page = visitor.open()
    expect(page.get_by_text("Help is here.")).to_be_visible()
    server.send(offer())
    expect(page.locator("rasa-autoplay .card")).to_be_visible()
    assert server.until_feeds(1)[0]["user_id"] == "u1"
    if kind.package == "react":
        with page.expect_request(lambda request: "$autocapture" in _events(request)):
            page.locator("#options").click()
    page.get_by_role("button", name="Show me").click()
    expect(page.locator("rasa-autoplay-tour .title")).to_have_text("Open table options")
    with page.expect_response("**/proactive/stream/u2?**"):
        page.get_by_role("button", name="Sign in as u2").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("Sign in to get help.")).to_be_visible()
    server.until_open(0)


def test_documented_app_says_that_the_server_is_away(
    visitor: Visitor, server: StandIn, tmp_path: Path
) -> None:
    written = {name: text.replace(RASA, server.origin) for name, text in files(IN_REACT, PAGE).items()}
    serve(visitor, build(tmp_path, REACT_19, written, "src/main.tsx"), _HOST.replace("{root}", "root"))
    script = "**/autoplay.js"

    def away(route: Route) -> None:
        route.abort()

    visitor.context.route(script, away)
    visitor.context.route("**/capture/**", away)
    page = visitor.open()
    expect(page.get_by_role("alert")).to_contain_text("did not load")
    visitor.context.unroute(script)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Help is here.")).to_be_visible()


@pytest.mark.parametrize(
    ("heading", "kind", "entry", "root", "edits"),
    [
        (
            IN_REACT,
            REACT_19,
            "src/main.tsx",
            "root",
            {
                '{ Help } from "./Help"': '{ Toast } from "./Toast"',
                "<Help />": "<Toast />",
                "userId={userId}>": 'userId={userId} toast="own">',
            },
        ),
        (
            IN_VUE,
            VUE,
            "src/main.ts",
            "app",
            {
                'Help from "./Help.vue"': 'Toast from "./Toast.vue"',
                "<Help />": "<Toast />",
                "userId: session.userId,": 'userId: session.userId, toast: "own",',
            },
        ),
    ],
    ids=["react", "vue"],
)
def test_documented_toast_works(
    heading: str,
    kind: Kind,
    entry: str,
    root: str,
    edits: dict[str, str],
    visitor: Visitor,
    server: StandIn,
    tmp_path: Path,
) -> None:
    written = {**files(heading, PAGE), **files("A toast of your own", PAGE)}
    for before, after in {RASA: server.origin, **edits}.items():
        assert any(before in text for text in written.values())
        written = {name: text.replace(before, after) for name, text in written.items()}
    serve(visitor, build(tmp_path, kind, written, entry), _HOST.replace("{root}", root))
    visitor.context.route("**/capture/**", lambda route: route.fulfill(json={"status": 1}))
    page = visitor.open()
    server.send(offer(body="Edit **all** at once?"))
    toast = page.locator(".toast")
    expect(toast.locator("b")).to_have_text("all")
    assert toast.get_by_role("button").all_inner_texts() == [
        "Show me",
        "Open chat",
        "Later",
        "Don’t show again",
        "Close",
    ]
    server.until_receipt("seen")
    toast.get_by_role("button", name="Later").click()
    server.until_receipt("snoozed")
    expect(toast).to_have_count(0)


@pytest.mark.parametrize("kind", [REACT_19, OLD_REACT], ids=lambda kind: kind.name)
def test_documented_code_has_the_right_types(kind: Kind, tmp_path: Path) -> None:
    written = files(IN_REACT, PAGE)
    more = "".join(
        f"export const example{n} = {text}" for n, text in enumerate(snippets("The chat", "tsx", PAGE))
    )
    written["src/Chat.tsx"] = f'import {{ RasaWebchat }} from "rasa-autoplay-react";\n{more}'
    build(tmp_path, kind, written, "src/main.tsx")
    (tmp_path / "tsconfig.json").write_text(json.dumps(_STRICT))
    run_node([str(PACKAGES / "node_modules/typescript/bin/tsc"), "-p", "."], tmp_path)


def _events(request: Request) -> set[str]:
    """Return the names of the events in a capture request."""
    if "/capture/" not in request.url:
        return set()
    content_type = request.headers.get("content-type", "")
    body = request.post_data_buffer or b""
    received = decode_request(body, content_type=content_type, query={}, received_at=time.time())
    return {event.event for event in received.events}
