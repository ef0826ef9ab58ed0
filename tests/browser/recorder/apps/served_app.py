"""Serves an app's folder on 127.0.0.1: its files, posthog-js, and its one page at every other address."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from support.processes import ROOT

__all__ = ["ServedApp", "served_app"]

_POSTHOG = ROOT / "example_bot" / "host_app" / "node_modules" / "posthog-js" / "dist" / "array.no-external.js"
_PAGES = Path(__file__).parent / "pages"
_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}


class ServedApp:
    """An app that is served.

    Args:
        folder: its files; those of ``pages/`` are served, too.
        page: name of the page.
        headers: headers of the page, in which ``{base}`` stands for the copilot's origin.
    """

    def __init__(self, folder: Path, page: str, headers: Mapping[str, str]) -> None:
        self._folder, self._page, self._headers = folder, page, headers
        self.origin = ""
        #: URL of the copilot's routes; to be set before the page is opened.
        self.base = ""

    def respond(self, target: str) -> tuple[bytes, str, Mapping[str, str]]:
        """Return a response's body, content type and further headers."""
        address = urlsplit(target)
        name = address.path.lstrip("/")
        if name == "posthog.js":
            return _POSTHOG.read_bytes(), _TYPES[".js"], {}
        for folder in (self._folder, _PAGES):
            file = folder / name
            if name and file.suffix in _TYPES and file.is_file():
                return file.read_bytes(), _TYPES[file.suffix], {}
        page = (self._folder / self._page).read_text("utf-8")
        user = parse_qs(address.query).get("user", [""])[0]
        origin = self.base.partition("/webhooks")[0]
        headers = {key: value.replace("{base}", origin) for key, value in self._headers.items()}
        text = page.replace("{{base}}", self.base).replace("{{user}}", user)
        return text.encode(), _TYPES[".html"], headers


@contextmanager
def served_app(folder: Path, page: str, headers: Mapping[str, str] | None = None) -> Iterator[ServedApp]:
    """Serve an app while the context lasts."""
    app = ServedApp(folder, page, headers or {})

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body, content_type, headers = app.respond(self.path)
            self.send_response(200)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", f"{content_type}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the tests' output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    app.origin = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield app
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
