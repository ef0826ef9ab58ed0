"""The decoder against the standard's own examples, and with every possible chunking."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.common.http.sse import ServerSentEvent, SseDecoder, encode_event


def decode(stream: bytes) -> list[tuple[str, str, str]]:
    return [(event.event, event.data, event.id) for event in SseDecoder().feed(stream)]


def test_standard_example_of_three_messages() -> None:
    stream = (
        b"data: This is the first message.\n\ndata: This is the second message, it\ndata: has two lines.\n\n"
    )
    stream += b"data: This is the third message.\n\n"
    assert [data for _, data, _ in decode(stream)] == [
        "This is the first message.",
        "This is the second message, it\nhas two lines.",
        "This is the third message.",
    ]


def test_standard_example_of_event_types() -> None:
    stream = b"event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\nevent: add\ndata: 113411\n\n"
    assert decode(stream) == [("add", "73857293", ""), ("remove", "2153", ""), ("add", "113411", "")]


def test_standard_example_of_a_multi_line_stock_quote() -> None:
    assert decode(b"data: YHOO\ndata: +2\ndata: 10\n\n") == [("message", "YHOO\n+2\n10", "")]


def test_standard_example_of_comments_and_ids() -> None:
    stream = b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n"
    assert decode(stream) == [
        ("message", "first event", "1"),
        ("message", "second event", ""),
        ("message", " third event", ""),
    ]


def test_standard_example_of_empty_data_and_an_unfinished_event() -> None:
    assert decode(b"data\n\ndata\ndata\n\ndata:") == [("message", "", ""), ("message", "\n", "")]


def test_standard_example_of_the_optional_space() -> None:
    assert decode(b"data:test\n\ndata: test\n\n") == [("message", "test", "")] * 2


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_every_line_end_and_a_leading_byte_order_mark(end: bytes) -> None:
    stream = b"\xef\xbb\xbfevent: a" + end + b"data: 1" + end + end
    assert decode(stream) == [("a", "1", "")]


def test_line_ends_may_be_mixed() -> None:
    assert decode(b"event: a\rdata: 1\r\n\ndata: 2\n\r\n") == [("a", "1", ""), ("message", "2", "")]


#: Events with every kind of field, several lines of data, a comment, and no final newline.
_STORY = (
    "\ufeff: begin|retry: 500|id: 1|event: add|data: Zürich|data:  two||data||:|id|data: last ✓||"
    "id: 9\0|data: x||data: unfinished"
)


@pytest.mark.parametrize("ends", [["\n"], ["\r"], ["\r\n"], ["\r\n", "\n", "\r"], ["\r", "\r\n", "\n"]])
def test_decodes_alike_when_the_stream_is_split_at_any_byte(ends: list[str]) -> None:
    lines = _STORY.split("|")
    # An unintended CR LF pair cannot be distinguished from one line end.
    stream = "".join(line + ends[number % len(ends)] for number, line in enumerate(lines)).encode()
    whole = SseDecoder()
    expected = whole.feed(stream)
    if len(ends) == 1:
        assert [(event.event, event.data, event.id) for event in expected] == [
            ("add", "Zürich\n two", "1"),
            ("message", "", "1"),
            ("message", "last ✓", ""),
            ("message", "x", ""),
        ]
        assert expected[0].retry == whole.retry == 500
    for cut in range(len(stream) + 1):
        decoder = SseDecoder()
        assert decoder.feed(stream[:cut]) + decoder.feed(stream[cut:]) == expected, cut
        assert (decoder.last_event_id, decoder.retry) == (whole.last_event_id, whole.retry)


def test_second_byte_order_mark_is_part_of_the_field_name() -> None:
    assert decode(b"\xef\xbb\xbf\xef\xbb\xbfdata: 1\n\ndata: 2\n\n") == [("message", "2", "")]


def test_ignores_an_event_without_data_and_resets_its_type() -> None:
    assert decode(b"event: a\n\nid: 1\n\nretry: 1\n\n\n\n: hello\n\ndata: x\n\n") == [("message", "x", "1")]


def test_id_persists_until_the_next_id_even_without_data() -> None:
    decoder = SseDecoder(last_event_id="0")
    assert [e.id for e in decoder.feed(b"data: a\n\nid: 1\ndata: b\n\ndata: c\n\nid: 2\n\n")] == [
        "0",
        "1",
        "1",
    ]
    assert decoder.last_event_id == "2"
    # It becomes the stream's id when its block ends, not before.
    decoder.feed(b"id: 3\ndata: d\n")
    assert decoder.last_event_id == "2"


def test_ignores_an_id_with_nul() -> None:
    assert decode(b"id: 1\ndata: a\n\nid: 2\x003\ndata: b\n\n") == [
        ("message", "a", "1"),
        ("message", "b", "1"),
    ]


@pytest.mark.parametrize(
    ("value", "milliseconds"), [(b"1500", 1500), (b"1.5", None), (b"-1", None), (b"1e3", None), (b"", None)]
)
def test_accepts_only_digits_as_reconnection_time(value: bytes, milliseconds: int | None) -> None:
    decoder = SseDecoder()
    (event,) = decoder.feed(b"retry: " + value + b"\ndata: a\n\n")
    assert (event.retry, decoder.retry) == (milliseconds, milliseconds)


def test_ignores_an_overlong_reconnection_time() -> None:
    decoder = SseDecoder()
    decoder.feed(b"retry: 1000\n\nretry: " + b"9" * 5000 + b"\n\n")
    assert decoder.retry == 1000


def test_ignores_unknown_fields_and_other_spellings() -> None:
    assert decode(b"Data: a\ndata : b\n data: c\nfoo: d\ndata: e\n\n") == [("message", "e", "")]


def test_last_type_wins_and_only_the_first_colon_separates() -> None:
    assert decode(b"event: a\nevent: b:c\ndata: d:e\n\n") == [("b:c", "d:e", "")]


def test_replaces_only_the_characters_that_are_not_utf8() -> None:
    assert decode(b"data: a\xff\xe2\x82\ndata: b\n\n") == [("message", "a\ufffd\ufffd\nb", "")]


def test_other_unicode_line_separators_do_not_end_a_line() -> None:
    text = "a\u2028b\u0085c\x0bd"
    assert decode(f"data: {text}\n\n".encode()) == [("message", text, "")]


ODD = st.sampled_from(
    ["\n", "\r", "\r\n", ":", " ", "\ufeff", "\0", "data", "data:", "id:", "event: x", "é", "9"]
)


@given(st.lists(ODD, max_size=40).map("".join), st.data())
def test_decodes_alike_for_any_chunking(text: str, data: st.DataObject) -> None:
    stream = text.encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    whole, cut = SseDecoder(), SseDecoder()
    expected = whole.feed(stream)
    edges = [0, *cuts, len(stream)]
    events = [e for a, b in pairwise(edges) for e in cut.feed(stream[a:b])]
    assert events == expected
    assert (cut.last_event_id, cut.retry) == (whole.last_event_id, whole.retry)


@given(st.lists(ODD, max_size=30).map("".join))
def test_decodes_alike_byte_by_byte(text: str) -> None:
    stream = text.encode()
    decoder = SseDecoder()
    events = [event for byte in stream for event in decoder.feed(bytes([byte]))]
    assert events == SseDecoder().feed(stream)


def test_accepts_an_event_at_the_limit_and_skips_one_byte_more() -> None:
    for first_line in (b"data: ", b"data:", b"\xef\xbb\xbfdata: "):
        decoder = SseDecoder(max_event_bytes=100)
        (event,) = decoder.feed(first_line + b"x" * 100 + b"\n\n")
        assert (len(event.data), decoder.oversized) == (100, 0)
        assert decoder.feed(b"data: " + b"x" * 101 + b"\n\n") == []
        assert decoder.oversized == 1


def test_counts_newlines_between_lines_towards_the_limit() -> None:
    decoder = SseDecoder(max_event_bytes=7)
    assert [e.data for e in decoder.feed(b"data: abc\ndata: def\n\n")] == ["abc\ndef"]
    assert decoder.feed(b"data: abc\ndata: defg\n\n") == []
    assert decoder.feed(b"data\n" * 9 + b"\n") == []
    assert decoder.oversized == 2


def test_skips_only_the_oversized_event() -> None:
    decoder = SseDecoder(max_event_bytes=50)
    stream = b"data: before\n\nevent: big\nid: 7\ndata: " + b"x" * 200 + b"\ndata: tail\n\ndata: after\n\n"
    events = decoder.feed(stream)
    assert events == [ServerSentEvent("message", "before"), ServerSentEvent("message", "after", "7")]
    assert decoder.oversized == 1
    # Its id counts: the event must not be sent again after a reconnection.
    assert decoder.last_event_id == "7"


@pytest.mark.parametrize("line", [b": ", b"unknown: ", b"id: ", b"retry: "])
def test_ignores_a_long_line_that_is_not_data(line: bytes) -> None:
    decoder = SseDecoder(max_event_bytes=50)
    (event,) = decoder.feed(b"id: 1\ndata: a\n" + line + b"9" * 1000 + b"\n\n")
    assert (event.data, event.id, event.retry, decoder.oversized) == ("a", "1", None, 0)


def test_event_type_counts_towards_the_limit() -> None:
    decoder = SseDecoder(max_event_bytes=50)
    assert decoder.feed(b"data: a\nevent: " + b"x" * 1000 + b"\n\n") == []
    assert decoder.oversized == 1


@given(st.integers(1, 70), st.integers(1, 40))
def test_applies_the_limit_for_any_chunking(size: int, step: int) -> None:
    stream = b"data: a\n\ndata: " + b"x" * size + b"\n\ndata: b\n\n"
    decoder = SseDecoder(max_event_bytes=32)
    chunks = [stream[i : i + step] for i in range(0, len(stream), step)]
    events = [event.data for chunk in chunks for event in decoder.feed(chunk)]
    assert events == (["a", "x" * size, "b"] if size <= 32 else ["a", "b"])
    assert decoder.oversized == (size > 32)


def test_bounds_memory_while_reading_an_endless_line() -> None:
    decoder = SseDecoder(max_event_bytes=10_000)
    chunk = b"x" * 65_536
    decoder.feed(b"data: ")
    tracemalloc.start()
    try:
        for _ in range(200):
            decoder.feed(chunk)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 200_000
    assert [e.data for e in decoder.feed(b"\n\ndata: after\n\n")] == ["after"]
    assert decoder.oversized == 1


def test_rejects_a_limit_below_one() -> None:
    with pytest.raises(ValueError, match="max_event_bytes"):
        SseDecoder(max_event_bytes=0)


def test_encodes_an_event() -> None:
    assert encode_event('{"a":1}', event="proactive", id="offer_1") == (
        b'event: proactive\nid: offer_1\ndata: {"a":1}\n\n'
    )
    assert encode_event(b"x") == b"data: x\n\n"
    assert encode_event("a\nb\r\nc\rd") == b"data: a\ndata: b\ndata: c\ndata: d\n\n"


@given(st.text(), st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"])))
def test_decodes_what_it_encodes(data: str, name: str) -> None:
    encoded = encode_event(data.encode("utf-8", "replace"), event=name, id=name)
    (event,) = SseDecoder().feed(encoded)
    text = data.encode("utf-8", "replace").decode()
    assert event.data == text.replace("\r\n", "\n").replace("\r", "\n")
    assert (event.event, event.id) == (name or "message", name)


def test_replaces_only_a_lone_surrogate() -> None:
    assert encode_event("a\ud800b") == b"data: a?b\n\n"


@pytest.mark.parametrize("name", ["a\nb", "a\rdata: forged", "a\0"])
def test_rejects_an_ambiguous_event_name(name: str) -> None:
    with pytest.raises(ValueError, match="event's event"):
        encode_event("x", event=name)
    with pytest.raises(ValueError, match="event's id"):
        encode_event("x", id=name)
