"""Masks texts such as titles, labels, summaries, answers and DOM ids."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from unicodedata import normalize
from urllib.parse import unquote

from rasa_autoplay.events.masking.email_addresses import has_spelled_sign, mask_addresses
from rasa_autoplay.events.masking.ip_addresses import mask_ip_addresses
from rasa_autoplay.events.masking.keys import mask_keys
from rasa_autoplay.events.masking.numbers import mask_numbers
from rasa_autoplay.events.masking.values_after_labels import mask_labelled

__all__ = ["decoded", "is_suspect", "mask_text", "mask_until_stable", "visible"]

# Control characters; zero-width and bidirectional marks, which can disguise a text or hide an address from
# the masks; and the private-use area, which icon fonts use.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    r"\ue000-\uf8ff]"
)
#: These are invisible too, but some scripts and many emoji need them.
_JOINERS = re.compile("[\u200c\u200d]")

#: Everything that is masked has one of these characters. Most texts have none, and need only this check.
_SUSPECT = re.compile(r"[@＠﹫=%&:：\\\d(\[{<]")
#: A key may have only letters.
_LONG_WORD = re.compile(r"[A-Za-z]{16}")
_LONG = 16
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}|&[#a-zA-Z]")
#: Traces of repeated encoding, which are removed in one step.
_NESTED = re.compile(r"%(?:25)+(?=[0-9A-Fa-f]{2})|&(?:amp;)+", re.IGNORECASE)

_MAX_ROUNDS = 4


def visible(text: str) -> str:
    """Return the text without invisible characters."""
    return text if text.isprintable() else _INVISIBLE.sub("", text)


def mask_text(text: str) -> str:
    """Mask a text or a DOM id.

    Args:
        text: of any length; the time is linear.

    Returns:
        The text without invisible characters, and with masks; the same object if there is nothing to do.
    """
    if not text.isprintable():
        text = _INVISIBLE.sub("", text)
    if not is_suspect(text):
        return text
    bare = text if text.isascii() else normalize("NFKC", _JOINERS.sub("", text))
    masked = mask_until_stable(bare, _mask)
    plain = decoded(masked)
    if plain != masked and (cleared := mask_until_stable(plain, _mask)) != plain:
        masked = cleared
    return text if masked == bare else masked


def is_suspect(text: str) -> bool:
    """Whether a text may have something to mask."""
    if _SUSPECT.search(text) is not None:
        return True
    return len(text) >= _LONG and (_LONG_WORD.search(text) is not None or has_spelled_sign(text))


def decoded(text: str) -> str:
    """Return the text without percent-encoding and character references, however often it was encoded."""
    if _ENCODED.search(text) is None:
        return text
    return html.unescape(unquote(_NESTED.sub(lambda match: match[0][0], text)))


def mask_until_stable(text: str, mask: Callable[[str], str]) -> str:
    """Mask until nothing changes, because masking one secret can reveal another next to it."""
    for _ in range(_MAX_ROUNDS):
        masked = mask(text)
        if masked == text:
            break
        text = masked
    return text


def _mask(text: str) -> str:
    return mask_numbers(
        mask_labelled(mask_ip_addresses(mask_keys(mask_addresses(_without_credentials(text)))))
    )


#: User and password of a URL within a text.
_CREDENTIALS = re.compile(r"(?<=://)[^\s/@]{1,128}@")


def _without_credentials(text: str) -> str:
    return _CREDENTIALS.sub("", text) if "://" in text else text
