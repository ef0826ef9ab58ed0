"""What ``/demo/`` serves, and what it must never serve."""

from __future__ import annotations

import asyncio
import itertools
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from sanic import Blueprint, Sanic
from support.run import asynchronous
from yarl import URL

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.gateway.routes.demo_page import VENDOR_FILES, add_demo_routes

ROOT = Path(__file__).parents[2]
HOST_APP = ROOT / "example_bot" / "host_app"
PREFIX = "/webhooks/autoplay"
_numbers = itertools.count()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A host app, with files that must never be served inside and beside it."""
    app = tmp_path / "app"
    files = {
        "index.html": "<h1>The page</h1>",
        "js/app.js": "start()",
        "styles/base.css": "body {}",
        "icon.svg": "<svg/>",
        "package.json": "{}",
        ".npmrc": "key=secret",
        ".hidden/app.js": "secret",
        "notes.txt": "secret",
        "node_modules/other/index.js": "secret",
        **{f"node_modules/{file}": f"of {name}" for name, file in VENDOR_FILES.items()},
        "../outside.js": "secret",
    }
    for name, content in files.items():
        file = app / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    (app / "linked.js").symlink_to(tmp_path / "outside.js")
    (app / "linked").symlink_to(tmp_path)
    return app


class Browser:
    """Requests exactly the given path, without normalisation."""

    def __init__(self, session: aiohttp.ClientSession, origin: str) -> None:
        self._session = session
        self._origin = origin

    async def get(self, path: str, method: str = "GET", **headers: str) -> tuple[int, str, dict[str, str]]:
        """Return status, body and headers."""
        url = URL(f"{self._origin}{PREFIX}{path}", encoded=True)
        async with self._session.request(method, url, headers=headers, allow_redirects=False) as answer:
            return (
                answer.status,
                (await answer.read()).decode("utf-8", "replace"),
                {k.lower(): v for k, v in answer.headers.items()},
            )


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Browser]:
    """Serve the folder's routes."""
    blueprint = Blueprint("gateway")
    add_demo_routes(blueprint, folder)
    Sanic.test_mode = True
    app = Sanic(f"demo_page_{next(_numbers)}", configure_logging=False)
    app.blueprint(blueprint, url_prefix=PREFIX)
    sock = socket.create_server(("127.0.0.1", 0))
    server = await app.create_server(
        sock=sock, return_asyncio_server=True, asyncio_server_kwargs={"start_serving": False}
    )
    await server.startup()
    await server.before_start()
    await server.start_serving()
    port = sock.getsockname()[1]
    try:
        async with aiohttp.ClientSession() as session:
            yield Browser(session, f"http://127.0.0.1:{port}")
    finally:
        server.close()
        await server.wait_closed()
        for connection in tuple(server.connections):
            connection.abort()
        # Transports are closed in the loop's next iterations.
        await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    "path", ["", "projects", "dashboard", "projects/P-1042/edit", "index.html", "projects?user=a"]
)
@asynchronous
async def test_serves_one_document_for_every_page_of_the_app(folder: Path, path: str) -> None:
    async with serving(folder) as browser:
        status, body, headers = await browser.get(f"/demo/{path}")
    assert (status, body) == (200, "<h1>The page</h1>")
    assert headers["content-type"] == "text/html; charset=utf-8"


@asynchronous
async def test_redirects_to_the_page_with_a_trailing_slash(folder: Path) -> None:
    async with serving(folder) as browser:
        status, _, headers = await browser.get("/demo?user=anna")
    # Relative to the path that the browser sees, which may have a proxy's prefix.
    assert (status, headers["location"]) == (302, "demo/?user=anna")


@pytest.mark.parametrize(
    ("path", "body", "content_type"),
    [
        ("js/app.js", "start()", "text/javascript; charset=utf-8"),
        ("styles/base.css", "body {}", "text/css; charset=utf-8"),
        ("icon.svg", "<svg/>", "image/svg+xml"),
        ("%69con.svg", "<svg/>", "image/svg+xml"),
        ("vendor/posthog.js", "of posthog.js", "text/javascript; charset=utf-8"),
        ("vendor/figtree.woff2", "of figtree.woff2", "font/woff2"),
    ],
)
@asynchronous
async def test_serves_files_with_their_content_types(
    folder: Path, path: str, body: str, content_type: str
) -> None:
    async with serving(folder) as browser:
        status, got, headers = await browser.get(f"/demo/{path}")
    assert (status, got, headers["content-type"]) == (200, body, content_type)
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "../outside.js",
        "..%2foutside.js",
        "%2e%2e/outside.js",
        "%2e%2e%2foutside.js",
        "js/../../outside.js",
        "js/..%5c..%5coutside.js",
        "%252e%252e%252foutside.js",
        "vendor/../package.json",
        "vendor/%2e%2e/%2e%2e/outside.js",
        "/etc/passwd.js",
        "%2fetc%2fpasswd.js",
        "js/app.js%00.css",
        "js/app.js%00",
        "linked.js",
        "linked/outside.js",
        ".npmrc",
        ".hidden/app.js",
        "package.json",
        "notes.txt",
        "node_modules/other/index.js",
        "node_modules/posthog-js/dist/array.no-external.js",
        "vendor/other/index.js",
        "vendor/index.js",
        "js/",
        "js/missing.js",
        "js/app.js/app.js",
        "%ff%fe.js",
        pytest.param("x" * 300 + ".js", id="a long name"),
        pytest.param("/".join(["step"] * 200), id="a long path"),
    ],
)
@asynchronous
async def test_serves_no_other_files(folder: Path, path: str) -> None:
    async with serving(folder) as browser:
        status, body, headers = await browser.get(f"/demo/{path}")
    assert (status, headers["content-type"]) == (404, "application/json")
    assert "secret" not in body
    assert str(folder) not in body


@asynchronous
async def test_missing_library_response_names_the_make_target(folder: Path) -> None:
    (folder / "node_modules" / VENDOR_FILES["posthog.js"]).unlink()
    async with serving(folder) as browser:
        status, body, _ = await browser.get("/demo/vendor/posthog.js")
    assert status == 404
    assert "make web" in body


@asynchronous
async def test_answers_304_for_an_unchanged_file(folder: Path) -> None:
    async with serving(folder) as browser:
        _, _, headers = await browser.get("/demo/js/app.js")
        again, body, _ = await browser.get(
            "/demo/js/app.js", **{"If-None-Match": f'"other", {headers["etag"]}'}
        )
        assert (again, body, headers["cache-control"]) == (304, "", "no-cache")
        (folder / "js/app.js").write_text("start(again)")
        status, body, _ = await browser.get("/demo/js/app.js", **{"If-None-Match": headers["etag"]})
    assert (status, body) == (200, "start(again)")


@asynchronous
async def test_head_returns_the_headers_of_get(folder: Path) -> None:
    async with serving(folder) as browser:
        status, body, headers = await browser.get("/demo/js/app.js", "HEAD")
    assert (status, body, headers["content-length"]) == (200, "", "7")


@asynchronous
async def test_page_runs_only_scripts_of_this_server(folder: Path) -> None:
    async with serving(folder) as browser:
        _, _, headers = await browser.get("/demo/projects")
    rules = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self'"
    assert "unsafe" not in "".join(value for name, value in rules.items() if name != "style-src")


@pytest.mark.parametrize("missing", ["index.html", "app"])
def test_rejects_a_folder_without_a_page(folder: Path, missing: str) -> None:
    (folder / "index.html").unlink()
    with pytest.raises(ConfigError, match="demo_page") as refusal:
        add_demo_routes(Blueprint("gateway"), folder if missing == "index.html" else folder / "nowhere")
    assert "index.html" in str(refusal.value) or "is not a folder" in str(refusal.value)
    assert "example_bot/host_app" in refusal.value.remedy


@asynchronous
async def test_example_page_references_only_existing_files() -> None:
    document = (HOST_APP / "index.html").read_text("utf-8")
    named = {f"/demo/{path}" for path in re.findall(r'(?:src|href)="([^"/#][^"]+\.\w+)"', document)}
    assert len(named) > 8
    async with serving(HOST_APP) as browser:
        for path in sorted(named):
            status, _, _ = await browser.get(path)
            from_npm = path.startswith("/demo/vendor/")
            assert status == 200 or from_npm, path
            assert not from_npm or path.rpartition("/")[2] in VENDOR_FILES


@pytest.mark.parametrize("pattern", ["*.html", "js/*.js", "styles/*.css", "*.svg"])
def test_example_page_has_no_inline_script_or_style(pattern: str) -> None:
    inline = re.compile(
        r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=[\"']|javascript:|innerHTML|https?://(?!www\.w3\.org)"
    )
    files = list(HOST_APP.glob(pattern))
    assert files
    for file in files:
        assert not inline.search(file.read_text("utf-8")), file.name
