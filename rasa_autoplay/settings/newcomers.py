"""The section ``newcomers`` of ``courtesy``, and the older ``explore_first``, which is read as the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_autoplay.settings.durations import Duration
from rasa_autoplay.settings.models import Field, Settings

__all__ = ["NewcomerSettings", "read_explore_first"]

#: The keys of ``explore_first``, and what they are called now.
_AS_NEWCOMERS = {"min_time": "after", "min_pages": "pages"}
_BESIDE_THEM = {"roles", "role_property"}


class NewcomerSettings(Settings):
    """Newcomers can look around first: no toast before they have explored the app.

    Args:
        after: the minimum time since the first action of a user's first visit.
        pages: the minimum number of different pages seen in the first visit.
    """

    after: Duration = 60.0
    pages: int = Field(default=3, ge=1, le=20)


def read_explore_first(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``courtesy`` with ``explore_first`` in today's words.

    Raises:
        ValueError: it stands beside ``newcomers``, or has a key that it never had.
    """
    values = dict(given)
    old = values.pop("explore_first", None)
    if old is None:
        return values
    if "newcomers" in values:
        raise ValueError('"explore_first" is the former name of "newcomers": remove one of them')
    old = {} if old is True else old
    if not isinstance(old, Mapping) or not set(old) <= {*_AS_NEWCOMERS, *_BESIDE_THEM}:
        raise ValueError('write "newcomers: {after: 5m, pages: 3}" and, if you need it, "roles: [admin]"')
    values["newcomers"] = {_AS_NEWCOMERS[key]: old[key] for key in old if key in _AS_NEWCOMERS}
    return {**{key: old[key] for key in old if key in _BESIDE_THEM}, **values}
