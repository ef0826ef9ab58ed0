"""What a verification is asked to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit, urlunsplit

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.errors import AutoplayError

__all__ = ["VerifyOptions", "check_url", "safe_url", "start_url"]


@dataclass(frozen=True)
class VerifyOptions:
    """The options of ``rasa-autoplay verify``.

    Args:
        url: the app's address.
        timeout_s: how long to wait for an element; a page may take six times as long.
        finish: whether to perform the last step of each path, too.
        pictures: folder for one picture of each step.
        ignore_https_errors: whether to accept certificates that nobody signed.
        starts: where a path begins, relative to ``url``, by its id, instead of its ``page``.
    """

    url: str
    timeout_s: float = 5.0
    finish: bool = False
    pictures: Path | None = None
    ignore_https_errors: bool = False
    starts: Mapping[str, str] = field(default_factory=dict)

    @property
    def page_timeout_s(self) -> float:
        """How long a page may take to load."""
        return 6 * self.timeout_s

    @property
    def origin(self) -> str:
        """The app's origin."""
        return origin_of(self.url)


def check_url(url: str) -> str:
    """Return an app's address.

    Raises:
        AutoplayError: it is not a web address.
    """
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_web = False
    if not is_web:
        raise AutoplayError(
            f"{url!r} is not a web address.", remedy="Write it in full: http://localhost:3000"
        )
    return url


def origin_of(url: str) -> str:
    """Return scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def safe_url(url: str) -> str:
    """Return an address without its credentials, query and fragment, which may hold secrets."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" if parts.netloc else url


def start_url(options: VerifyOptions, path: GoldenPath) -> str:
    """Return the address where a golden path begins; empty if its page contains an id that nobody named.

    A path's ``page`` is a part of the page's canonical URL. It is relative to the app's address, whose query
    stays.
    """
    page = options.starts.get(path.id, path.page)
    parts = urlsplit(options.url)
    if ":id" in page:
        return ""
    if not page or page.strip("/").lower() in _path_and_fragment(parts).lower().strip("/"):
        return options.url
    route, mark, fragment = page.partition("#")
    route, _, query = route.partition("?")
    base = parts.path.rstrip("/")
    folder = base.rpartition("/")[0] if base.endswith((".html", ".htm")) else base
    is_there = not route.strip("/") or folder.endswith(f"/{route.strip('/')}")
    whole = parts.path if is_there else f"{folder}/{route.lstrip('/')}"
    return urlunsplit((parts.scheme, parts.netloc, whole, query or parts.query, fragment if mark else ""))


def _path_and_fragment(parts: SplitResult) -> str:
    return f"{parts.path}#{parts.fragment}" if parts.fragment else parts.path
