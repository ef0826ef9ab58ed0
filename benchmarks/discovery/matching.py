"""Whether an act that a proposal names is a planted act.

A planted act appears in the recordings with many titles and ids: in each language, with each record's name,
number and id. A claimed act is this act if its pattern fits one of these, on the act's page. A pattern that
would fit nearly everything names nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from benchmarks.discovery.acts import Act
from benchmarks.discovery.claims import ClaimedAct

__all__ = ["is_act", "is_neutral", "path_of"]

_VERBS = re.compile(r"^(?:Click|Change|Submit|Focus|Blur|Page load:|Open|Choose|Press)\s+")
_VARYING = re.compile(
    r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|\{[^{}]*\}|<[^<>]*>|\[[^\[\]]*\]|\d+|…|\*"
)
_SAMPLE_ID, _SAMPLE_NAME, _SAMPLE_NUMBER = "10423", "Acme Ltd", "7"
_STARS = re.compile(r"\*+")


def path_of(page: Any) -> str:
    """Return a page's path, without origin and trailing slash; of anything else, an empty text."""
    if isinstance(page, dict):
        page = page.get("exact") or page.get("regex") or ""
    if not isinstance(page, str) or not page:
        return ""
    try:
        split = urlsplit(page)
    except ValueError:
        return ""
    return (split.path if split.scheme else page).rstrip("/") or "/"


def is_act(claimed: ClaimedAct, act: Act) -> bool:
    """Whether a claimed act is this act.

    Args:
        claimed: what the proposal names.
        act: what was planted.
    """
    if act.kind == "view":
        return _is_view(claimed, act)
    if claimed.type == "pageview":
        return False
    if claimed.page is not None and not _page_fits(claimed.page, act.page):
        return False
    if claimed.element and act.element and _element_fits(claimed.element, act.element):
        return True
    if claimed.title and any(_text_fits(claimed.title, title) for title in _titles(act)):
        return True
    return claimed.is_name and any(_names(label, str(claimed.title)) for label in act.labels)


def _names(label: str, name: str) -> bool:
    """Whether a name for people is a label with one record's name or number in it."""
    literal = re.sub(r"\{\w+\}", "", label)
    if literal == label or not _is_telling(literal):
        return False
    expression = ".+".join(map(re.escape, re.split(r"\{\w+\}", label)))
    return re.fullmatch(expression, _VERBS.sub("", name)) is not None


def _is_view(claimed: ClaimedAct, act: Act) -> bool:
    if claimed.element or claimed.type not in ("", "pageview"):
        return False
    is_named = isinstance(claimed.title, str) and not claimed.title.lower().startswith(("page load", "open"))
    if is_named and claimed.type != "pageview":
        return False
    return claimed.page is not None and _page_fits(claimed.page, act.page)


def is_neutral(claimed: ClaimedAct, menu: list[Act], entry: str) -> bool:
    """Whether a claimed act only leads to the page where the task begins: the menu, or this page's view."""
    anywhere = ClaimedAct(None, claimed.element, claimed.title, claimed.type)
    if any(is_act(anywhere, Act("click", "", each.labels, each.element)) for each in menu):
        return True
    return _is_view(claimed, Act("view", entry))


def _page_fits(pattern: Any, page: str) -> bool:
    if isinstance(pattern, list):
        return any(_page_fits(each, page) for each in pattern)
    if isinstance(pattern, dict) and "regex" in pattern:
        return _found(str(pattern["regex"]), page)
    wanted = path_of(pattern)
    if isinstance(pattern, dict) or (isinstance(pattern, str) and "://" in pattern):
        return wanted == page
    return bool(wanted) and len(wanted) > 2 and (wanted == page or wanted in page)


def _element_fits(pattern: Any, element: str) -> bool:
    if isinstance(pattern, list):
        return any(_element_fits(each, element) for each in pattern)
    if "{gen}" in element:
        return False
    sample = element.replace("{id}", _SAMPLE_ID)
    if isinstance(pattern, dict) and "regex" in pattern:
        return _found(str(pattern["regex"]), sample)
    wanted = pattern.get("exact") if isinstance(pattern, dict) else pattern
    if not isinstance(wanted, str):
        return False
    # A record's id may keep some letters where its number is masked, as in "P-*".
    return re.fullmatch(_as_regex(_masked(element)), _masked(wanted.lstrip("#"))) is not None


def _titles(act: Act) -> Iterator[str]:
    if act.kind == "submit":
        yield "Submit form"
    verb = {"type": "Change"}.get(act.kind, "Click")
    for label in act.labels:
        if label.strip() != "{name}":
            shown = label.replace("{name}", _SAMPLE_NAME).replace("{n}", _SAMPLE_NUMBER)
            yield f"{verb} {shown.replace('{k}', _SAMPLE_NUMBER)}"


def _text_fits(pattern: Any, title: str) -> bool:
    if isinstance(pattern, list):
        return any(_text_fits(each, title) for each in pattern)
    if isinstance(pattern, dict) and "regex" in pattern:
        return _found(str(pattern["regex"]), title)
    wanted = pattern.get("exact") if isinstance(pattern, dict) else pattern
    if not isinstance(wanted, str):
        return False
    plain, shown = _masked(_VERBS.sub("", wanted)), _masked(_VERBS.sub("", title))
    if plain.casefold() == shown.casefold():
        return True
    # With a record's name inside, either side may say so by a star.
    if "*" in plain and _is_telling(plain):
        return re.fullmatch(_as_regex(plain), _VERBS.sub("", title), re.IGNORECASE) is not None
    # A plain pattern of a rule fits the titles that contain it; half of the title at least names it.
    is_part = _is_telling(plain) and plain.casefold() in shown.casefold()
    return isinstance(pattern, str) and is_part and len(plain) * 2 >= len(shown)


def _found(expression: str, text: str) -> bool:
    """Whether a regular expression names this text, and not everything."""
    try:
        search = re.compile(expression).search
    except re.error:
        return False
    return search(text) is not None and search("Click Zyx wvut") is None


def _masked(text: str) -> str:
    return _STARS.sub("*", _VARYING.sub("*", text.strip()))


def _is_telling(text: str) -> bool:
    return sum(char.isalnum() for char in text) >= 2


@lru_cache(maxsize=10_000)
def _as_regex(masked: str) -> str:
    return ".*".join(re.escape(part) for part in masked.split("*"))
