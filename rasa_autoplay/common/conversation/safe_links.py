"""Removes unsafe links from bot messages.

Chat widgets turn Markdown into links without checking all of them: rasa-webchat escapes HTML, but it makes
``[x](javascript:…)`` a link that runs. Messages can contain text from a language model or a page title.
Therefore only links to the web, to a mail address, or within the host app are kept.
"""

from __future__ import annotations

import html
import re

__all__ = ["without_unsafe_links"]

_SCHEMES = frozenset({"http", "https", "mailto"})
_MAX_PASSES = 8
#: The start of an address has its scheme. Nested links share what follows, which would be read once for each.
_MAX_READ = 128
_LONGEST_ENTITY = 40

_CLOSERS = {")": "(", "]": "["}
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
# Characters that browsers remove before they parse the scheme, and invisible characters.
_INVISIBLE = re.compile(r"[\x00-\x20\x7f-\xa0\xad\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]+")
_AUTOLINK = re.compile(r"<([a-zA-Z][a-zA-Z0-9+.-]{0,31}:[^<>]*)>")
# The definition of a reference link; its address follows, and is read up to the end of its scheme.
_DEFINITION = re.compile(rf"\]:(?=\s*([^\s:]{{0,{_MAX_READ}}}:|\S{{1,{_MAX_READ + 1}}}))")


def without_unsafe_links(text: str) -> str:
    """Replace links that are not http, https, mailto or relative by their text.

    Args:
        text: the bot's message, in Markdown.
    """
    for _ in range(_MAX_PASSES):
        safer = _AUTOLINK.sub(_checked_autolink, _without_unsafe_inline_links(text))
        safer = _DEFINITION.sub(_checked_definition, safer)
        if safer == text:
            return text
        text = safer
    # Text nested this deeply is an attack: remove all links.
    return text.replace("](", "] (").replace("]:", "] :").replace("<", "< ")


def _checked_autolink(found: re.Match[str]) -> str:
    return found[0] if _is_safe(found[1]) else found[1]


def _checked_definition(found: re.Match[str]) -> str:
    return found[0] if _is_safe(found[1]) else "] :"


def _without_unsafe_inline_links(text: str) -> str:
    """Remove unsafe inline links and images, which always have ``](`` before the address."""
    pairs = _pairs(text)
    dropped: list[tuple[int, int]] = []
    next_closing = 0
    at = text.find("](")
    while at >= 0:
        if 0 <= next_closing < at:
            next_closing = text.find(")", at)
        end = pairs.get(at + 1, next_closing)
        if end >= 0 and not _is_safe(text[at + 2 : min(end, at + 3 + _MAX_READ)]):
            dropped.append((at, end + 1))
            opened = pairs.get(at)
            if opened is not None:
                is_image = text[opened - 1 : opened] == "!"
                dropped.append((opened - is_image, opened + 1))
            at = end
        at = text.find("](", at + 1)
    return _cut(text, dropped)


def _pairs(text: str) -> dict[int, int]:
    """Matching brackets: opening → closing for round ones, closing → opening for square ones."""
    pairs: dict[int, int] = {}
    open_at: dict[str, list[int]] = {"(": [], "[": []}
    for position, sign in enumerate(text):
        if sign in open_at:
            open_at[sign].append(position)
        elif sign in _CLOSERS and open_at[_CLOSERS[sign]]:
            opened = open_at[_CLOSERS[sign]].pop()
            if sign == ")":
                pairs[opened] = position
            else:
                pairs[position] = opened
    return pairs


def _cut(text: str, spans: list[tuple[int, int]]) -> str:
    kept: list[str] = []
    end = 0
    for begin, after in sorted(spans):
        kept.append(text[end : max(end, begin)])
        end = max(end, after)
    return "".join([*kept, text[end:]])


def _is_safe(address: str) -> bool:
    """Whether an address has an allowed scheme or none. A scheme hidden behind padding is unsafe."""
    is_cut = len(address) > _MAX_READ
    plain = _ESCAPED.sub(r"\1", _without_cut_entity(address[:_MAX_READ]) if is_cut else address)
    for _ in range(3):  # an entity can encode the first character of another entity
        plain = html.unescape(plain)
    plain = _INVISIBLE.sub("", plain).lstrip("<")
    before_path, *path = re.split(r"[/?#\\]", plain, maxsplit=1)
    scheme, colon, _rest = before_path.partition(":")
    if not colon:
        return bool(path) or not is_cut
    return scheme.lower() in _SCHEMES


def _without_cut_entity(start: str) -> str:
    """Remove an escape or entity that was cut in the middle from the end of a text."""
    entity = start.rfind("&", -_LONGEST_ENTITY)
    return (start[:entity] if entity >= 0 else start).rstrip("\\")
