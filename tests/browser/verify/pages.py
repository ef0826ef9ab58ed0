"""Serves a few pages on 127.0.0.1, and writes golden paths for them."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["Answer", "Request", "golden_path", "served"]

_HTML = "<!doctype html><html lang=en><title>App</title><link rel=icon href=data:,><body>{}</body></html>"


@dataclass(frozen=True)
class Request:
    """What a page asked for.

    Args:
        path: path of the URL, with its query.
        cookie: the header ``Cookie``.
    """

    path: str
    cookie: str = ""


@dataclass(frozen=True)
class Answer:
    """An answer.

    Args:
        body: content of the page's body.
        status: HTTP status.
        headers: further headers.
        after_s: how long the answer takes.
        content: the whole answer, if it is no page.
    """

    body: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    after_s: float = 0.0
    content: tuple[str, bytes] | None = None


@contextmanager
def served(answer: Callable[[Request], Answer], tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve pages; yields their origin."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            found = answer(Request(self.path, self.headers.get("Cookie", "")))
            time.sleep(found.after_s)
            kind, body = found.content or ("text/html", _HTML.format(found.body).encode())
            self.send_response(found.status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the tests' output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def golden_path(folder: Path, *steps: str, more: str = "") -> list[tuple[YamlFile, GoldenPath]]:
    """Write a golden path ``work`` with these steps, each as a flow mapping without braces, and read it."""
    file = folder / "work.yml"
    listed = "".join(f"  - {{{step}, text: Do it.}}\n" for step in steps)
    file.write_text(f"id: work\ntitle: Work\n{more}steps:\n{listed}")
    read = YamlFile(file)
    return [(read, read.read(GoldenPath))]
