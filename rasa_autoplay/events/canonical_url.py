"""Canonical URLs, which identify a page without the ids in its URL, and readable names of pages.

Two users on ``/projects/42`` and ``/projects/P-1042`` are on the same page. Triggers compare canonical URLs,
so the same page always gives the same string, and canonicalising twice changes nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import normalize
from urllib.parse import unquote

__all__ = ["canonical_url", "page_name"]

#: Longer URLs are cut (characters). The part that is cut is nearly always a query.
_MAX_URL = 2048
#: A longer segment is a token or free text, not the name of a page (characters).
_MAX_SEGMENT = 64
_MAX_NAME = 60
#: In a deep path, the last names identify the page.
_NAMES_KEPT = 3

# urllib.parse.urlsplit raises on invalid URLs such as "http://[", so this pattern is used instead.
_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]*:)?(?://(?P<host>[^/?#\\]*))?(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?"
    r"(?:#(?P<hash>.*))?",
    re.DOTALL,
)
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f]+")

#: Segments with digits that are words: ``v1``, ``v2.1``, ``oauth2``, ``s3``, ``2fa``, ``step-2``.
_WORD_WITH_DIGITS = re.compile(
    r"v\d{1,3}(?:[._]\d{1,3}){0,2}|[a-z]{1,6}\d|\d[a-z]{1,3}|steps?[-_]?\d{1,2}|[a-z]\d{1,2}[a-z]|base64|sha256|log4j",
    re.IGNORECASE,
)
#: Without percent-encoding, these characters would mean something else, or could not be read.
_RESERVED = re.compile(r"[\x00-\x20\x7f/?#;&=+%:@\\\ufffd]")
_PERCENT = re.compile(r"%[0-9a-fA-F]{2}")
_DIGIT = re.compile(r"\d")
_HEX = re.compile(r"[0-9a-fA-F]{16,}")


_NO_QUERY: frozenset[str] = frozenset()


def canonical_url(url: str, query: frozenset[str] = _NO_QUERY) -> str:
    """Replace the ids in a URL by ``:id``, and remove the parts that do not identify the page.

    Numbers, UUIDs, hashes, e-mail addresses, long tokens and slugs with digits are ids. Short words with a
    digit (``v2``, ``oauth2``, ``step-2``) stay. The query, the fragment, credentials and a trailing slash are
    removed. The path of a hash router (``#/…``, ``#!/…``) is part of the page, so it stays in its canonical
    form. Percent-encoding is removed where the result is readable.

    Args:
        url: absolute or relative; an invalid URL gives some text, never an error.
        query: names of query parameters that distinguish pages (``tab``); they stay, in alphabetical order.

    Returns:
        For example ``https://app.example.com/projects/:id``; ``""`` for an empty URL.
    """
    # Some sources pass on any JSON value.
    return _canonical(url[:_MAX_URL], query) if isinstance(url, str) else ""


@lru_cache(maxsize=2048)
def _canonical(url: str, query: frozenset[str]) -> str:
    match = _URL.fullmatch(_UNPRINTABLE.sub("", url))
    if match is None:  # pragma: no cover - the pattern matches any text
        return ""
    host = match["host"]
    origin = (match["scheme"] or "").lower()
    if host is not None:
        origin += "//" + host.rpartition("@")[2].lower()
    path = _canonical_path(match["path"])
    if host is not None or match["path"].startswith("/"):
        path = "/" + path
    return (
        origin + path + _canonical_query(match["query"], query) + _canonical_hash(match["hash"] or "", query)
    )


def _canonical_hash(fragment: str, query: frozenset[str]) -> str:
    prefix = "#!/" if fragment.startswith("!/") else "#/" if fragment.startswith("/") else ""
    if not prefix:
        return ""
    route, _, parameters = fragment.lstrip("!").partition("#")[0].partition("?")
    path = _canonical_path(route) + _canonical_query(parameters, query)
    return prefix + path if path else ""


def _canonical_query(parameters: str | None, query: frozenset[str]) -> str:
    if not query or not parameters:
        return ""
    pairs = (parameter.partition("=") for parameter in parameters.split("&"))
    named = {unquote(name): value for name, _, value in pairs if value}
    kept = [f"{name}={_canonical_segment(named[name])}" for name in sorted(query & named.keys())]
    return "?" + "&".join(kept) if kept else ""


def _canonical_path(path: str) -> str:
    # Matrix parameters (";jsessionid=…") work like a query.
    names = (segment.partition(";")[0] for segment in path.split("/"))
    return "/".join(_canonical_segment(name) for name in names if name)


def _canonical_segment(name: str) -> str:
    plain = unquote(name)
    if name != ":id" and _is_id(plain):
        return ":id"
    return _readable(name, plain)


def _readable(name: str, plain: str) -> str:
    """Return the segment without percent-encoding, unless that would change its meaning."""
    if plain.isascii() and "%" not in name:
        return name
    plain = normalize("NFC", plain)
    if plain and not _RESERVED.search(plain):
        return plain
    return _PERCENT.sub(lambda match: match[0].upper(), name)


def _is_id(name: str) -> bool:
    if len(name) > _MAX_SEGMENT or "@" in name or "=" in name:
        return True
    if _DIGIT.search(name):
        return _WORD_WITH_DIGITS.fullmatch(name) is None
    if _HEX.fullmatch(name):
        return True
    # A random token without digits mixes both cases; camelCase words have few capitals.
    capitals = sum(1 for char in name if char.isupper())
    return len(name) >= 16 and 0.3 <= capitals / len(name) <= 0.7


@lru_cache(maxsize=1024)
def page_name(canonical: str) -> str:
    """Return a page's name for people: "projects", "projects edit", "projects detail", "home".

    Args:
        canonical: a result of :func:`canonical_url`.

    Returns:
        Lower-case words that fit into "on the … page"; ``""`` if there is no URL.
    """
    if not canonical:
        return ""
    base, _, hash_path = canonical.partition("#")
    match = _URL.fullmatch(base)
    path = hash_path.lstrip("!").partition("?")[0] or (match["path"] if match else "")
    segments = [segment for segment in path.split("/") if segment]
    names = [name for name in map(_words, segments) if name and name != "index"]
    if segments and segments[-1] == ":id":
        names.append("detail")
    return " ".join(names[-_NAMES_KEPT:])[:_MAX_NAME].strip() or "home"


def _words(segment: str) -> str:
    if segment == ":id":
        return ""
    name = re.sub(r"\.(?:html?|php|aspx?|jsp)$", "", unquote(segment), flags=re.IGNORECASE)
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return " ".join(re.sub(r"[^\w']|_", " ", spaced).split()).lower()
