"""Hypothesis mutations of JSON values: what a broken or hostile sender could send instead of an event."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st

__all__ = ["Raw", "encode", "mutations"]


class Raw:
    """Bytes inserted into JSON verbatim, such as a number too large for any parser."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def __repr__(self) -> str:
        return f"Raw({self.content[:20]!r}…)"


_CHAIN = 'button.a:attr__id="x"nth-child="1"text="Save"'
_ODD_TEXTS = ["", " ", "\0", "\ud800", "\u202e", "x" * 5_000, "2023-11-14T22:13:20Z", "http://[", "9" * 400]
_ODD_TEXTS += [_CHAIN[:-9], _CHAIN.replace(":", ";"), '":"=;' * 50, _CHAIN + "\\", "." * 300, 'a:text="' * 99]
_RAW = [
    *(b"NaN", b"-Infinity", b"1e999", b"-1e999", b"9" * 5_000, b"-0.0", b"1e308", b"1" + b"0" * 300),
    *(b'"\xff\xfe"', b'"\xc3"', b'"\\ud83d"', b'"\\udc00\\ud83d"', b'"\x01\x1f"', b'"\\u0000"'),
    *(b"[" * 3_000 + b"]" * 3_000, b'{"a":' * 3_000 + b"1" + b"}" * 3_000, b'{"":{},"":[]}'),
]
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(_ODD_TEXTS)
    | st.sampled_from(_RAW).map(Raw)
)
_VALUES = (
    _SCALARS | st.lists(_SCALARS, max_size=3) | st.dictionaries(st.text(max_size=5), _SCALARS, max_size=3)
)


def mutations(
    good: Any, *, kept: Callable[[tuple[Any, ...]], bool] = lambda _: False
) -> st.SearchStrategy[Any]:
    """Return a strategy that replaces a value or changes some of its parts.

    Args:
        good: the JSON value.
        kept: whether the part at a path must stay, so that a test can rely on it.
    """
    paths = [path for path in _paths(good) if not kept(path)]
    changes = st.lists(
        st.tuples(st.sampled_from(paths), st.sampled_from(_KINDS), _VALUES), min_size=1, max_size=3
    )
    changed = changes.map(lambda chosen: _changed(good, chosen))
    return changed if any(map(kept, _paths(good))) else changed | _VALUES


_KINDS = ("replace", "replace", "remove", "list", "bury", "rename")


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = (
        value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    )
    found = []
    for key, each in inner:
        found += [(*path, key), *_paths(each, (*path, key))]
    return found


def _changed(good: Any, changes: list[tuple[tuple[Any, ...], str, Any]]) -> Any:
    made = json.loads(json.dumps(good))
    for path, kind, value in changes:
        holder = made
        try:
            for key in path[:-1]:
                holder = holder[key]
            _change(holder, path[-1], kind, value)
        except (KeyError, IndexError, TypeError, AttributeError):
            continue  # an earlier change has removed this part
    return made


def _change(holder: Any, key: Any, kind: str, value: Any) -> None:
    if kind == "replace":
        holder[key] = value
    elif kind == "remove":
        del holder[key]
    elif kind == "list":
        holder[key] = [holder[key], value]
    elif kind == "bury":
        holder[key] = {"value": holder[key]}
    else:
        holder[str(value)[:20]] = holder.pop(key)


def encode(value: Any) -> bytes:
    """Return JSON with raw parts verbatim."""
    if isinstance(value, Raw):
        return value.content
    if isinstance(value, Mapping):
        return b"{" + b",".join(json.dumps(k).encode() + b":" + encode(v) for k, v in value.items()) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(map(encode, value)) + b"]"
    return json.dumps(value).encode()
