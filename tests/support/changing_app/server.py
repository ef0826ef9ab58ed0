"""Serves the app on 127.0.0.1, as it is or with one change: ``/orders?change=id``."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from support.changing_app.changes import CHANGES, Change

__all__ = ["served_changing_app", "source_of"]

_FOLDER = Path(__file__).parent
_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}
_CHANGES = {change.id: change for change in CHANGES}
#: An address within the app, in the page's markup.
_OWN_ADDRESS = re.compile(r'(?<=(?:href|.src)=")(/[\w.]+)(?=")')


def source_of(name: str, change: Change | None) -> str:
    """Return one of the app's files, with the change's edits."""
    text = (_FOLDER / name).read_text("utf-8")
    for old, new in change.edits if change else ():
        text = text.replace(old, new)
    return text


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Serve a file; any other path is a page of the app."""
        address = urlsplit(self.path)
        wanted = parse_qs(address.query).get("change", [""])[0]
        change = _CHANGES[wanted] if wanted else None
        name = address.path[1:] if address.path in ("/app.js", "/app.css") else "page.html"
        text = source_of(name, change)
        if change:
            text = _OWN_ADDRESS.sub(rf"\1?change={change.id}", text)
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", f"{_TYPES[Path(name).suffix]}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""


@contextmanager
def served_changing_app() -> Iterator[str]:
    """Serve the app; yields its origin."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
