from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.common.lenient_json import decode_json
from rasa_autoplay.errors import MalformedEvent


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (rb'["cut \ud83d", "ok"]', ["cut \ufffd", "ok"]),
        (rb'["\udc00\ud83d"]', ["\ufffd\ufffd"]),
        (rb'["\ud83d\ude00", "C:\\ud83d"]', ["\U0001f600", r"C:\ud83d"]),
        (b'[1e999, -1e999, 2, "ok"]', [None, None, 2, "ok"]),
        (b'[NaN, Infinity, "ok"]', [None, None, "ok"]),
        (rb'[1e999, "\ud83d"]', [None, "\ufffd"]),
        (r'["cut \ud83d", "é"]', ["cut \ufffd", "é"]),
        (b'["cut \xc3", "ok"]', ["cut \ufffd", "ok"]),
        (b'["\x01", 2]', ["\x01", 2]),
        (b"[" + b"9" * 5_000 + b', "ok"]', [None, "ok"]),
    ],
)
def test_drops_only_the_invalid_value(content: bytes | str, value: object) -> None:
    assert decode_json(content) == value


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'["\\"]", '])
@pytest.mark.parametrize("beside", [b'"ok"', b'"\\ud83d"', b"NaN"])
def test_drops_only_the_value_nested_too_deeply(opening: bytes, beside: bytes) -> None:
    closing = b"}" if opening.startswith(b"{") else b"]"
    deep = opening * 3_000 + b"1" + closing * 3_000
    kept = decode_json(b'[{"event": "a", "p": ' + deep + b'}, {"event": "]}\\"["}, ' + beside + b"]")
    assert isinstance(kept, list)
    assert [event["event"] for event in kept[:2]] == ["a", ']}"[']
    assert kept[2] in ("ok", "\ufffd", None)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff", b"[" * 9_999, b"[" * 99_999, b"[1e999", b"1" * 9_999 + b"e", "\udcff", b'["' * 999],
)
def test_reports_invalid_json_as_malformed(content: bytes | str) -> None:
    with pytest.raises(MalformedEvent, match="is not JSON"):
        decode_json(content)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)


@given(json_values)
def test_reads_valid_json_unchanged(value: object) -> None:
    assert decode_json(json.dumps(value).encode()) == value


@given(st.binary(max_size=100))
def test_any_bytes_are_parsed_or_malformed(content: bytes) -> None:
    try:
        decode_json(content)
    except MalformedEvent:
        return
