"""Hypothesis strategies for requests of the link."""

from __future__ import annotations

import typing
from typing import Any

from hypothesis import strategies as st

from rasa_autoplay.link.request_decoder import REQUESTS
from rasa_autoplay.link.request_types import EngineRequest

__all__ = ["any_request", "requests_of_type"]

_FIELDS: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(),
    int: st.integers(-(2**53), 2**53),
    float: st.floats(allow_nan=False, allow_infinity=False),
    list[int]: st.lists(st.integers(0, 2**53), max_size=4),
    list[str]: st.lists(st.text(), max_size=4),
    tuple[str, ...]: st.lists(st.text(), max_size=4).map(tuple),
    list[str | int]: st.lists(st.text() | st.integers(0, 99), max_size=4),
    dict[str, object]: st.dictionaries(st.text(), st.text() | st.booleans(), max_size=4),
}


def requests_of_type(request_type: type[EngineRequest[Any]]) -> st.SearchStrategy[EngineRequest[Any]]:
    """Return a strategy for one request type, with any values of its field types."""
    hints = typing.get_type_hints(request_type)
    return st.builds(request_type, **{name: _FIELDS[hints[name]] for name in request_type.__struct_fields__})


def any_request() -> st.SearchStrategy[EngineRequest[Any]]:
    """Return a strategy for requests of every type."""
    return st.one_of([requests_of_type(each) for each in REQUESTS.values()])
