"""Links in what the bot says: chat widgets turn Markdown into links, and not all of them check where to.

rasa-webchat escapes HTML, but makes ``[x](javascript:…)`` a link that runs. What a bot says may come from a
language model or a page's title; so only links to the web, to a mail address, or within the host app survive.
"""

from __future__ import annotations

import html
import re

__all__ = ["without_unsafe_links"]

_SCHEMES = frozenset({"http", "https", "mailto"})
_MAX_PASSES = 8
#: The start of an address has its scheme. Reading more of nested links would take quadratic time.
_MAX_READ = 512
_LONGEST_ENTITY = 40

_CLOSERS = {")": "(", "]": "["}
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
# What browsers leave out of an address before they look for its scheme, and what nobody sees.
_INVISIBLE = re.compile(r"[\x00-\x20\x7f-\xa0\xad\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]+")
_AUTOLINK = re.compile(r"<([a-zA-Z][a-zA-Z0-9+.-]{0,31}:[^<>]*)>")
# A reference's definition, wherever it stands: what follows is its address.
_DEFINITION = re.compile(r"\]:(?=\s*(\S{1,513}))")


def without_unsafe_links(text: str) -> str:
    """The same text, in which links that are not http, https, mailto or relative are only their words.

    Args:
        text: Markdown, as the bot would say it.
    """
    for _ in range(_MAX_PASSES):
        safer = _AUTOLINK.sub(_checked_autolink, _without_unsafe_inline_links(text))
        safer = _DEFINITION.sub(_checked_definition, safer)
        if safer == text:
            return text
        text = safer
    # Nobody writes like this by accident: no link is left.
    return text.replace("](", "] (").replace("]:", "] :").replace("<", "< ")


def _checked_autolink(found: re.Match[str]) -> str:
    return found[0] if _is_safe(found[1]) else found[1]


def _checked_definition(found: re.Match[str]) -> str:
    return found[0] if _is_safe(found[1]) else "] :"


def _without_unsafe_inline_links(text: str) -> str:
    """Whatever stands around it, an inline link or image has ``](`` before its address."""
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
    """Where brackets belong together: opening → closing for round ones, closing → opening for square ones."""
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
    """Whether an address has an allowed scheme, or none; one that hides it behind much else is not safe."""
    is_cut = len(address) > _MAX_READ
    plain = _ESCAPED.sub(r"\1", _whole_signs(address[:_MAX_READ]) if is_cut else address)
    for _ in range(3):  # an entity may stand for the first sign of another
        plain = html.unescape(plain)
    plain = _INVISIBLE.sub("", plain).lstrip("<")
    before_path, *path = re.split(r"[/?#\\]", plain, maxsplit=1)
    scheme, colon, _rest = before_path.partition(":")
    if not colon:
        return bool(path) or not is_cut
    return scheme.lower() in _SCHEMES


def _whole_signs(start: str) -> str:
    """The start of an address without an escape or entity that was cut in the middle."""
    entity = start.rfind("&", -_LONGEST_ENTITY)
    return (start[:entity] if entity >= 0 else start).rstrip("\\")
