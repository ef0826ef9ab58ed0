"""Reads the languages that a page names: ``de-CH,fr,en``, the best first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice

from rasa_autoplay.common.languages.tags import MAX_PREFERENCES, MAX_TAG_LENGTH, canonical_tag

__all__ = ["joined", "preferences_in", "read_preferences"]

#: Browsers list a dozen languages at most; what is longer is cut before anything is read.
_MAX_NAMED = 16
_MAX_TEXT = _MAX_NAMED * (MAX_TAG_LENGTH + 2)


def read_preferences(value: object) -> tuple[str, ...]:
    """Return the languages that a page names.

    Args:
        value: ``de-CH,fr,en``, or a list of tags. Anything else names no language.

    Returns:
        At most five canonical tags, without repetitions. What is no language tag is left out.
    """
    if isinstance(value, str):
        return preferences_in(value[:_MAX_TEXT].split(","))
    if isinstance(value, (list, tuple)):
        return preferences_in(each for each in value[:_MAX_NAMED] if isinstance(each, str))
    return ()


def preferences_in(named: Iterable[str]) -> tuple[str, ...]:
    """Return at most five canonical tags, without repetitions and without what is no tag."""
    # One character more than a tag may have, so that a tag that is too long stays invalid.
    return _shared(tuple(each.strip()[: MAX_TAG_LENGTH + 1] for each in islice(named, _MAX_NAMED)))


def joined(first: Sequence[str], then: Sequence[str]) -> tuple[str, ...]:
    """Return the languages of two lists, the first list's first; at most five."""
    return _shared((*first, *then))


@lru_cache(maxsize=1024)
def _shared(named: tuple[str, ...]) -> tuple[str, ...]:
    """Return one tuple for all who prefer the same languages: there are thousands of idle feeds."""
    tags = [tag for each in named if (tag := canonical_tag(each))]
    return tuple(dict.fromkeys(tags))[:MAX_PREFERENCES]
