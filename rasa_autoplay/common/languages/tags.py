"""Language tags such as ``de-CH``: reads them, and finds the best language for a user.

A tag has the form of BCP 47 (RFC 5646, section 2.1). The search is the lookup of RFC 4647, section 3.4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

__all__ = ["DEFAULT_LANGUAGE", "MAX_PREFERENCES", "MAX_TAG_LENGTH", "canonical_tag", "lookup", "matches"]

#: The bot's language if autoplay.yml names none.
DEFAULT_LANGUAGE = "en"
#: RFC 5646, section 4.4.1: a tag with everything that practice needs has at most 35 characters.
MAX_TAG_LENGTH = 35
#: How many languages of one user count.
MAX_PREFERENCES = 5

_TAG = re.compile(
    r"(?P<language>[a-z]{2,3})(?:-[a-z]{3}){0,3}(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"
    r"(?:-[0-9a-wyz](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?"
)
#: Codes that browsers and pages still send, and the ones that replaced them. Norwegian ("no") is written as
#: Bokmål by nearly everybody.
_REPLACED = {"iw": "he", "in": "id", "ji": "yi", "no": "nb"}
#: Browsers name the place where Chinese is read, files often the script in which it is written.
_SCRIPTS = {
    "zh-CN": "zh-Hans",
    "zh-SG": "zh-Hans",
    "zh-HK": "zh-Hant",
    "zh-MO": "zh-Hant",
    "zh-TW": "zh-Hant",
}
_SCRIPT_LETTERS, _REGION_LETTERS = 4, 2


@lru_cache(maxsize=1024)
def canonical_tag(tag: str) -> str | None:
    """Return a tag in its usual form: ``de-CH`` for ``DE-ch`` and for ``de_ch``.

    Args:
        tag: a tag as a page, a browser or a file has it.

    Returns:
        None if it is no language tag, or longer than 35 characters.
    """
    if len(tag) > MAX_TAG_LENGTH or not tag.isascii():
        return None
    lowered = tag.replace("_", "-").lower()
    found = _TAG.fullmatch(lowered)
    if found is None:
        return None
    _, *more = lowered.split("-")
    language = found["language"]
    return "-".join([_REPLACED.get(language, language), *_in_usual_case(more)])


def _in_usual_case(subtags: Sequence[str]) -> Iterator[str]:
    """Yield the subtags after the language; what follows a single letter stays in lower case."""
    is_extension = False
    for subtag in subtags:
        is_extension = is_extension or len(subtag) == 1
        if is_extension:
            yield subtag
        elif len(subtag) == _SCRIPT_LETTERS and subtag.isalpha():
            yield subtag.capitalize()
        else:
            yield subtag.upper() if len(subtag) == _REGION_LETTERS else subtag


def lookup(available: Sequence[str], preferences: Sequence[str]) -> str | None:
    """Return the language that suits a user best.

    A preference also finds a more general language (``de-CH`` finds ``de``), and a preference without a
    region finds the first language with one (``pt`` finds ``pt-BR``).

    Args:
        available: the languages that exist, as canonical tags.
        preferences: the user's languages, best first, as canonical tags.

    Returns:
        One of ``available``; None if no preference finds one.
    """
    return next(iter(matches(available, preferences)), None)


def matches(available: Sequence[str], preferences: Sequence[str]) -> tuple[str, ...]:
    """Return all languages that suit a user, best first; the first one is that of :func:`lookup`.

    Few different results stand for the preferences of many users: of fewer available languages,
    :func:`lookup` finds the first one in the result that is available.
    """
    return _matches(tuple(available), tuple(preferences))


@lru_cache(maxsize=4096)
def _matches(available: tuple[str, ...], preferences: tuple[str, ...]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for preference in preferences:
        found.update((tag, None) for tag in _from_special_to_general(preference) if tag in available)
        if "-" not in preference:
            found.update((tag, None) for tag in available if tag.startswith(f"{preference}-"))
    return tuple(found)


def _from_special_to_general(tag: str) -> Iterator[str]:
    """Yield a tag, and what remains of it while subtags are removed from its end."""
    subtags = tag.split("-")
    while subtags:
        shorter = "-".join(subtags)
        yield shorter
        if shorter in _SCRIPTS:
            yield _SCRIPTS[shorter]
        subtags.pop()
        # A single letter only introduces what follows it.
        while subtags and len(subtags[-1]) == 1:
            subtags.pop()
