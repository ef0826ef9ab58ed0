"""Masks URLs part by part, because each part has its own encoding, and parameters have names."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote

from rasa_autoplay.events.masking.names import is_of_article, privacy_of, words_of
from rasa_autoplay.events.masking.numbers import is_article_number, is_card_number
from rasa_autoplay.events.masking.text import decoded, is_suspect, mask_text, visible

__all__ = ["mask_url"]

#: Scheme, user and password, host.
_ORIGIN = re.compile(r"((?:[A-Za-z][A-Za-z0-9+.\-]{0,30}:)?//)(?:[^/?#]*@)?([^/?#@]*)")
_AFTER_PATH = re.compile(r"[?#]")
_PARAMETERS = re.compile(r"([?&;#])")
#: Shorter parts have nothing to mask (characters).
_TOO_SHORT = 5
#: Most parts are short words, numbers, dates or project keys.
_PLAIN = re.compile(r"[A-Za-z_.\-]{1,15}|\d{1,8}|(?:19|20)\d\d-\d\d-\d\d|[A-Za-z]{1,4}-\d{1,6}|:id")
#: Links within links are masked up to this depth.
_MAX_DEPTH = 3

#: Segments of a path before a secret; and page names that may follow them instead of a secret.
_BEFORE_SECRET = frozenset(
    {"token", "magic", "magic-link", "reset", "activate", "otp", "jwt", "apikey", "api-key"}
)
_NO_SECRET = words_of(
    """
    password new edit email done sent success error confirm confirmation complete request link
    login callback account usage settings list create delete expired invalid
    """
)
_WORD_PAIR = re.compile(r"[a-z]+(?:[-_][a-z]+)+|\d{1,6}")
#: After these segments, words are not secret, but random characters are.
_BEFORE_RANDOM = re.compile(
    r"reset|invit|verif|confirm|unsubscri|activat|magic|token|share|join|einlad|zuruecksetz|uitnod|pay|session"
)
#: Times in seconds or milliseconds since 1970, as in the URLs of charts.
_EPOCH = re.compile(r"1[0-9]{9}(?:[0-9]{3})?")
_OF_TIME = words_of("from to start end since until after before ts time timestamp date t")
_MASK = re.compile(r"\[[a-z\-]+\]")
#: The number of a thing, not of a person: "/orders/100234567".
_PLAIN_NUMBER = re.compile(r"\d{1,14}(?:-\d{1,8})?(?:-[a-z][a-z\-]{0,60})?")
_THINGS = re.compile(
    r"(?:order|invoice|contract|ticket|case|item|article|document|project|task|deal|product|shipment|report|file"
    r"|job|build|issue|p|sku|produkt|produit|producto|produto|prodotto|artikel|articulo|articolo|artigo|urun"
    r"|auftrag|auftraege|bestellung|rechnung|commande|facture|pedido|ordin|bestelling|zamowieni)\w{0,3}",
    re.IGNORECASE,
)
_ARTICLES = re.compile(r"p$|item|article|product|sku|prod[ou]|artic|artig|artikel|urun", re.IGNORECASE)
#: The path of a chat service's webhook, which is its only key.
_HOOK = re.compile(r"(?<=/)T[0-9A-Z]{8,12}/B[0-9A-Z]{8,12}/\w+")
#: If a URL has the code of an authorisation, its ``state`` is secret too; otherwise a ``state`` is not.
_AUTHORISATION = re.compile(r"[?&#;]code=")


def mask_url(url: str) -> str:
    """Mask a URL.

    Args:
        url: absolute, relative or invalid; of any length; the time is linear.

    Returns:
        The URL with ``[…]`` in place of masked parts, and without user and password.
    """
    return _masked(visible(url), _MAX_DEPTH)


def _masked(url: str, depth: int) -> str:
    match = _ORIGIN.match(url)
    if match is None:
        return _mask_rest(url, depth)
    # A host is not secret.
    return match[1] + match[2] + _mask_rest(url[match.end() :], depth)


def _mask_rest(rest: str, depth: int) -> str:
    """Mask path, query and fragment."""
    if not is_suspect(rest) and "/" not in rest:
        return rest
    end = _AFTER_PATH.search(rest)
    path, query = (rest, "") if end is None else (rest[: end.start()], rest[end.start() :])
    masked = _mask_path(path, depth)
    if not query:
        return masked
    has_code = _AUTHORISATION.search(query) is not None
    parts = _PARAMETERS.split(query)
    return masked + "".join(
        part if place % 2 else _mask_parameter(part, depth, has_code) for place, part in enumerate(parts)
    )


def _mask_path(path: str, depth: int) -> str:
    before, masked = "", []
    for segment in _HOOK.sub("[token]", path).split("/"):
        masked.append(_mask_segment(segment, before, depth))
        before = segment
    return "/".join(masked)


def _mask_segment(segment: str, before: str, depth: int) -> str:
    # Matrix parameters (";jsessionid=…") work like a query.
    name, *parameters = segment.split(";")
    name = _mask_component(name, depth) if not parameters and "=" in name else _mask_name(name, before)
    return ";".join([name, *(_mask_parameter(each, depth) for each in parameters)])


def _mask_name(name: str, before: str) -> str:
    before = before.lower()
    if name == ":id" or _is_filed(name, before):
        return name
    masked = _mask_component(name, 0)
    if not name or masked != name:
        return masked
    if before in _BEFORE_SECRET and name.lower() not in _NO_SECRET and not _WORD_PAIR.fullmatch(name):
        return "[secret]"
    return "[token]" if _BEFORE_RANDOM.match(before) and _is_random(name) else name


def _is_filed(name: str, before: str) -> bool:
    """Whether it is the number of an order or a product, and not of a card."""
    if not _PLAIN_NUMBER.fullmatch(name) or not _THINGS.fullmatch(before):
        return False
    number = name.partition("-")[0]
    return not is_card_number(number) or (is_article_number(number) and _ARTICLES.match(before) is not None)


def _is_random(name: str) -> bool:
    return len(name) >= 12 and name.isalnum() and not name.islower()


def _mask_parameter(parameter: str, depth: int, has_code: bool = False) -> str:
    name, equals, value = parameter.partition("=")
    if not equals:
        return _mask_fragment(parameter, depth)
    if not value or value[0] == "[":
        return f"{_mask_component(name, 0)}={value}"
    privacy = _privacy_of(name)
    if not privacy and has_code and name == "state":
        privacy = "secret"
    masked = value if privacy == "secret" else _mask_component(value, depth)
    if not privacy:
        kept = value if masked != value and _is_plain_number(name, value) else masked
        return f"{_mask_component(name, 0)}={kept}"
    # The value's own mask, such as [e-mail] or [card], says more than the name.
    return f"{name}={masked}" if _MASK.fullmatch(masked) and privacy == "personal" else f"{name}=[{privacy}]"


def _is_plain_number(name: str, value: str) -> bool:
    """Whether the name says that a number is a time or the number of an article."""
    if is_article_number(value) and is_of_article(name):
        return True
    return name.lower() in _OF_TIME and _EPOCH.fullmatch(value) is not None


@lru_cache(maxsize=1024)
def _privacy_of(name: str) -> str:
    return privacy_of(decoded(name))


def _mask_fragment(part: str, depth: int) -> str:
    """Mask a part that is not a parameter: a path in a fragment, an anchor, a search."""
    return _mask_path(part, depth) if "/" in part else _mask_component(part, depth)


def _mask_component(part: str, depth: int) -> str:
    """Decode one part of a URL and mask it as a text."""
    if len(part) < _TOO_SHORT or _PLAIN.fullmatch(part) or not is_suspect(part):
        return part
    # A link in the query of another link is encoded twice.
    plain = decoded(part)
    is_link = depth > 0 and plain != part and ("?" in plain or "=" in plain or "//" in plain)
    masked = _masked(plain, depth - 1) if is_link else plain
    masked = mask_text(masked)
    if masked == plain and "+" in plain:
        masked = mask_text(plain := plain.replace("+", " "))
    return part if masked == plain else quote(masked, safe="[]:,")
