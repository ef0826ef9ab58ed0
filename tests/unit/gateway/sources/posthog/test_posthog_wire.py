from __future__ import annotations

import base64
import contextlib
import copy
import gzip
import json
import zlib
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.errors import MalformedEvent
from rasa_autoplay.gateway.sources.posthog.wire import CapturedRequest, PayloadTooLarge, decode_request

ARRIVAL = 1_700_000_000.0
EVENT = {
    "uuid": "u1",
    "event": "$pageview",
    "timestamp": ARRIVAL - 2,
    "properties": {"distinct_id": "jane", "token": "phc_t", "$session_id": "s1"},
}
BATCH = {"api_key": "phc_x", "batch": [EVENT]}


def read(body: bytes | dict[str, Any] | list[Any], content_type: str = "", **options: Any) -> CapturedRequest:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    options.setdefault("query", {})
    options.setdefault("received_at", ARRIVAL)
    return decode_request(raw, content_type=content_type, **options)


def form(content: bytes) -> bytes:
    return b"data=" + quote(base64.b64encode(content), safe="").encode()


JSON = json.dumps(BATCH).encode()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (JSON, "application/json"),
        (b"  " + JSON, "text/plain"),
        (JSON, "application/x-www-form-urlencoded"),
        (gzip.compress(JSON), "text/plain"),
        (gzip.compress(JSON), "application/json"),
        (form(JSON), "application/x-www-form-urlencoded"),
        (form(JSON), "text/plain"),
        (form(gzip.compress(JSON)), "text/plain"),
        (b"ip=1&" + form(JSON), "application/x-www-form-urlencoded; charset=UTF-8"),
        (b"data=" + base64.b64encode(JSON).rstrip(b"="), "text/plain"),
        (b"data=" + base64.urlsafe_b64encode(JSON), "text/plain"),
        (b"data=" + quote(JSON).encode(), "application/x-www-form-urlencoded"),
        (base64.b64encode(JSON), "text/plain"),
        (gzip.compress(form(JSON)), "text/plain"),
    ],
)
def test_reads_every_compression(body: bytes, content_type: str) -> None:
    request = read(body, content_type)
    assert [event.event for event in request.events] == ["$pageview"]
    assert request.api_key == "phc_x"


@pytest.mark.parametrize("shape", [BATCH, EVENT, [EVENT], {"data": [EVENT], "token": "phc_t"}])
def test_reads_every_body_shape(shape: Any) -> None:
    (event,) = read(shape).events
    assert (event.uuid, event.event, event.distinct_id) == ("u1", "$pageview", "jane")
    assert event.timestamp == ARRIVAL - 2


def test_reads_events_in_the_query_of_old_beacons() -> None:
    request = read(
        b"", query={"data": base64.b64encode(json.dumps(EVENT).encode()).decode(), "token": "phc_q"}
    )
    assert request.events[0].distinct_id == "jane"
    assert request.api_key == "phc_q"


def test_key_and_sent_time_of_one_event_do_not_apply_to_others() -> None:
    first = {**EVENT, "api_key": "phc_other", "token": "phc_other", "sent_at": "2001-01-01T00:00:00Z"}
    request = read([first, EVENT])
    assert (request.api_key, request.clock_offset) == ("", None)
    assert [event.timestamp for event in request.events] == [ARRIVAL - 2, ARRIVAL - 2]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[1, 2",
        b'{"hello": 1}',
        b"\x1f\x8bnot gzip",
        gzip.compress(JSON)[:-12],
        b"data=",
        b"data=%%%",
        b"\xff\xfe",
        b"[" * 5_000,
        b"=" * 100,
    ],
)
def test_reports_junk_as_malformed(body: bytes) -> None:
    with pytest.raises(MalformedEvent):
        read(body)


def test_rejects_lz64_by_name() -> None:
    with pytest.raises(MalformedEvent, match="Update posthog-js"):
        read(b"N4Ig", query={"compression": "lz64"})


def test_never_unpacks_a_gzip_bomb() -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    with pytest.raises(PayloadTooLarge):
        read(bomb)
    inner = zlib.compressobj(wbits=31)
    with pytest.raises(PayloadTooLarge):
        read(form(inner.compress(b"[" * 20_000_000) + inner.flush()))


def test_limits_body_size() -> None:
    with pytest.raises(PayloadTooLarge):
        read(JSON, max_bytes=len(JSON) - 1)
    assert read(gzip.compress(JSON), max_bytes=len(JSON)).events
    with pytest.raises(PayloadTooLarge, match="10000 events"):
        read([0] * 10_000)


def test_counts_items_that_are_not_events_and_keeps_the_others() -> None:
    junk: list[Any] = [None, 7, "x", [], {}, {"event": 3}, {"event": ""}, {"event": "a", "properties": []}]
    request = read({"batch": [*junk, EVENT]})
    assert request.malformed == len(junk)
    assert [event.uuid for event in request.events] == ["u1"]


def test_keeps_an_event_with_half_an_emoji() -> None:
    body = (
        rb'[{"event":"a","properties":{"t":"cut \ud83d","ok":"\ud83d\ude00","p":"C:\\ud83d"}},{"event":"b"}]'
    )
    first, second = read(body).events
    assert first.properties == {"t": "cut \ufffd", "ok": "😀", "p": r"C:\ud83d"}
    assert second.event == "b"


def test_reads_person_properties_in_every_place() -> None:
    (event,) = read({**EVENT, "$set": {"email": "jane@example.com"}}).events
    assert event.properties["$set"] == {"email": "jane@example.com"}


@pytest.mark.parametrize("wrong_by_s", [-86_400.0, -3.0, 0.0, 3.0, 86_400.0])
def test_corrects_a_wrong_browser_clock(wrong_by_s: float) -> None:
    event = {**EVENT, "timestamp": ARRIVAL + wrong_by_s - 10}
    request = read({"batch": [event], "sent_at": ARRIVAL + wrong_by_s})
    assert request.events[0].timestamp == pytest.approx(ARRIVAL - 10)
    assert request.clock_offset == pytest.approx(-wrong_by_s)
    for name in ("_", "sent_at"):
        (same,) = read([event], query={name: str(int((ARRIVAL + wrong_by_s) * 1000))}).events
        assert same.timestamp == pytest.approx(ARRIVAL - 10)


def test_uses_the_timestamp_without_a_sent_time_but_never_the_future() -> None:
    assert read([{**EVENT, "timestamp": "2023-11-14T22:13:00.5Z"}]).events[0].timestamp == 1_699_999_980.5
    assert read([{**EVENT, "timestamp": ARRIVAL + 99}]).events[0].timestamp == ARRIVAL
    assert (
        read({"batch": [{**EVENT, "timestamp": ARRIVAL + 1}], "sent_at": ARRIVAL}).events[0].timestamp
        == ARRIVAL
    )
    assert read([{**EVENT, "timestamp": "soon"}]).events[0].timestamp == ARRIVAL


def test_does_not_read_a_cache_buster_as_time() -> None:
    assert read([EVENT], query={"_": "123"}).events[0].timestamp == ARRIVAL - 2


@pytest.mark.parametrize(("offset", "ago_s"), [(2015, 2.015), (0, 0.0), (-5, 0.0), (10**400, 365 * 86_400.0)])
def test_subtracts_the_offset_from_the_sent_time(offset: int, ago_s: float) -> None:
    event = {"event": "a", "offset": offset, "properties": {}}
    for query in ({}, {"_": "1500000000000"}):
        assert read([event], query=query).events[0].timestamp == pytest.approx(ARRIVAL - ago_s)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
field = st.sampled_from(
    ["uuid", "event", "timestamp", "offset", "properties", "distinct_id", "$set", "other"]
)


@given(st.binary(max_size=200), st.sampled_from(["", "text/plain", "application/x-www-form-urlencoded"]))
def test_any_bytes_are_parsed_or_malformed(body: bytes, content_type: str) -> None:
    for packed in (body, gzip.compress(body), form(body), b"data=" + body, b"[" + body + b"]"):
        with contextlib.suppress(MalformedEvent):
            read(packed, content_type)


@given(st.data())
def test_damaged_body_is_parsed_or_malformed(data: st.DataObject) -> None:
    body = bytearray(data.draw(st.sampled_from([JSON, gzip.compress(JSON, mtime=0), form(JSON)])))
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(MalformedEvent):
        read(bytes(body))


@given(st.dictionaries(field, json_values, min_size=1), json_values)
def test_accepts_a_good_event_beside_a_bad_one(changes: dict[str, Any], junk: Any) -> None:
    bad = copy.deepcopy(EVENT) | changes
    request = read({"batch": [bad, EVENT, junk], "sent_at": changes.get("other")})
    assert request.malformed + len(request.events) == 3
    assert "u1" in [event.uuid for event in request.events]
    assert all(event.timestamp <= ARRIVAL for event in request.events)
