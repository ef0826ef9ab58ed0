"""Which record of a page an action is about: ``/projects/42`` and ``save-42`` are about record 42."""

from __future__ import annotations

import re
import zlib
from functools import lru_cache

from rasa_autoplay.engine.knowledge.drafting import masked_id

__all__ = ["masked_title", "record_of", "varying"]

_VARYING = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|\d+")
#: Parameters of a URL that name a record: those with such names, and others whose value looks like an id.
#: Numbers of one or two digits are pages of a list; long ones are times.
_PARAMETER = re.compile(r"[?&]([\w-]{1,40})=([^&#]{1,200})")
_ID_NAME = re.compile(r"(?:^|_|-)id$|[a-z]I[dD]$")
_ID_VALUE = re.compile(
    r"\d{3,10}|[A-Za-z]{1,12}[-_]?\d{1,10}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
)
_PLACE_NAMES = frozenset(
    {"offset", "limit", "page", "start", "size", "per_page", "skip", "cursor", "width", "height"}
)
_MAX_TITLE = 120


def record_of(canonical: str, raw_url: str, element_id: str, title: str) -> int:
    """Return a hash of what tells the record from others; 0 if nothing does.

    Args:
        canonical: the canonical URL; ``:id`` in it stands for a record.
        raw_url: the URL as captured.
        element_id: the DOM id; empty if there is no stable one.
        title: the action's title; its numbers count only if there is no id.
    """
    page = _record_of_page(canonical, raw_url) if raw_url else ""
    element = varying(element_id or title)
    if not page and not element:
        return 0
    return zlib.crc32(f"{page} {element}".encode("utf-8", "replace")) or 1


@lru_cache(maxsize=4096)
def _record_of_page(canonical: str, raw_url: str) -> str:
    found = _PARAMETER.findall(raw_url)
    named = " ".join(f"{name}={value}" for name, value in found if _names_record(name, value))
    if ":id" not in canonical:
        return named
    path, _, fragment = raw_url.partition("#")
    route = fragment.partition("?")[0] if fragment.startswith(("/", "!/")) else ""
    return f"{path.partition('?')[0].rstrip('/')} {route} {named}"


def _names_record(name: str, value: str) -> bool:
    if _ID_NAME.search(name):
        return True
    return name.casefold() not in _PLACE_NAMES and _ID_VALUE.fullmatch(value) is not None


@lru_cache(maxsize=4096)
def varying(text: str) -> str:
    """Return the numbers and UUIDs in an id or a title; empty if there is none."""
    return " ".join(_VARYING.findall(text))


@lru_cache(maxsize=4096)
def masked_title(title: str) -> str:
    """Return a title on one short line, with ``*`` for each number or UUID."""
    return " ".join(masked_id(title[: 2 * _MAX_TITLE]).split())[:_MAX_TITLE]
