"""Every format of a recording reads back as the session that was written; hostile files get clear errors."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.engine_parts import T0, action, batch, save
from support.recorded import line, write

from rasa_autoplay.engine.live_tail.watchers import Watchers
from rasa_autoplay.engine.recording.row import RecordingRow
from rasa_autoplay.engine.recording.row_encoder import Seen, encode_rows
from rasa_autoplay.engine.replay.session_timeline import timeline_of
from rasa_autoplay.errors import UnusableRecording
from rasa_autoplay.events.models import SIGNALS, SlimAction
from rasa_autoplay.tools.simulation.recordings import Recordings, read_recordings

ROOT = Path(__file__).parents[4]
REQUESTS = sorted(ROOT.glob("tests/recordings/posthog/*.jsonl"))

_names = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=["Cs"]), max_size=20
)
_ids = st.from_regex(r"[a-z][a-z0-9-]{0,12}", fullmatch=True)


@st.composite
def _sessions(draw: st.DrawFn) -> list[SlimAction]:
    """The actions of a session, in order of time."""
    kinds = st.tuples(
        st.sampled_from(["click", "type", "submit", "pageview", "focus"]),
        _names.map(lambda name: f"Click {name}".strip()),
        st.one_of(st.just(""), _ids),
        st.one_of(st.just(""), st.sampled_from(sorted(SIGNALS))),
        st.sampled_from(["https://app.example/projects", "https://app.example/projects/:id", ""]),
    )
    return [
        action(title, at, page, type=kind, element_id=element_id, signal=signal, index=at)
        for at, (kind, title, element_id, signal, page) in enumerate(draw(st.lists(kinds, min_size=1)))
    ]


def _rows(actions: Sequence[SlimAction]) -> list[RecordingRow]:
    """What the engine records of a session: its beginning, a batch for each action, and a message."""
    seen = [Seen("u1", "s1", T0, {"event": "began", "engine": "e", "files": "f"})]
    seen += [Seen("u1", "s1", each.timestamp_start, (batch(each), "capture")) for each in actions]
    seen.append(Seen("u1", "s1", T0 + 900, {"event": "chat_message"}))
    return [row for _, row in encode_rows(seen)]


def _tail(actions: Sequence[SlimAction]) -> str:
    """What ``rasa-autoplay tail --json`` prints."""

    async def watched() -> list[dict[str, Any]]:
        watchers = Watchers(lambda: T0)
        await watchers.watch("w1")
        for each in batch(*actions).actions:
            each.session_id, each.user_id = "s1", "u1"
            watchers.actions("capture", [each])
        return list((await watchers.watch("w1")).moments)

    decision = {"kind": "decision", "at": T0, "user_id": "u1", "session_id": "s1", "outcome": "fired"}
    return "\n".join(map(json.dumps, [*asyncio.run(watched()), decision]))


def _export(actions: Sequence[SlimAction]) -> str:
    """What ``rasa-autoplay user export`` prints."""
    rows = [{**row._asdict(), "data": row.decoded()} for row in _rows(actions)]
    tables = {"sessions": [], "offers": [], "receipts": [], "chats": [], "recordings": rows}
    return json.dumps({"product_id": "demo", "user_id": "u1", **tables}, indent=2, ensure_ascii=False)


def _timeline(actions: Sequence[SlimAction]) -> str:
    """What the studio gets of a recorded session."""
    names = {"product_id": "demo", "user_id": "u1", "session_id": "s1"}
    return json.dumps({**names, **timeline_of(_rows(actions)), "offers": []})


def _batches(actions: Sequence[SlimAction]) -> str:
    return "\n".join(line(each) for each in actions)


def _read(file: Path, text: str | bytes) -> Recordings:
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_recordings([file], "demo")


def _session(recordings: Recordings) -> list[tuple[Any, ...]]:
    """What a recording says about each action."""
    return [
        (payload.user_id, payload.session_id, at, a.type, a.title, a.canonical_url, a.element_id, a.signal)
        for at, payload, _ in recordings.moments
        for a in payload.actions
    ]


@pytest.mark.parametrize("form", [_tail, _export, _timeline], ids=["tail", "export", "timeline"])
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(actions=_sessions())
def test_reads_back_the_session_that_was_written(
    tmp_path: Path, form: Callable[[Sequence[SlimAction]], str], actions: list[SlimAction]
) -> None:
    expected = _read(tmp_path / "batches.jsonl", _batches(actions))
    found = _read(tmp_path / "any-name", form(actions))
    assert _session(found) == _session(expected)
    assert not found.unreadable


def _requests(file: Path) -> list[dict[str, Any]]:
    return [json.loads(text) for text in file.read_text("utf-8").splitlines()]


def _posted(request: dict[str, Any], form: str) -> dict[str, Any]:
    """A request's body as a HAR contains it."""
    body = base64.b64decode(request["body_base64"] or "")
    plain = json.dumps(request["decoded"])
    if form == "as sent":
        return {"text": body.decode("latin-1")}
    if form == "base64":
        return {"text": base64.b64encode(body).decode(), "encoding": "base64"}
    if form == "form":
        return {"text": urlencode({"data": base64.b64encode(plain.encode()).decode()})}
    if form == "fields":
        encoded = base64.b64encode(plain.encode()).decode()
        return {"params": [{"name": "data", "value": quote(encoded)}]}
    return {"text": plain}


def _har(requests: Sequence[dict[str, Any]], form: str, prefix: str) -> str:
    """A HAR as Chrome writes it, with requests that are not ours."""
    other = {
        "startedDateTime": "2026-11-17T10:00:00.000Z",
        "request": {"method": "GET", "url": "http://app.example/style.css"},
        "response": {"content": {"text": '{"log": [1'}},
    }
    entries: list[dict[str, Any]] = [other]
    for request in reversed(requests):
        entry: dict[str, Any] = {
            "startedDateTime": request["received_at"],
            "request": {
                "method": request["method"],
                "url": f"http://bot.example{prefix}{request['path']}?{request['query']}",
            },
        }
        if request["method"] == "POST" and request["decoded"] is not None:
            media_type = request["headers"].get("content-type", "")
            entry["request"]["postData"] = {"mimeType": media_type, **_posted(request, form)}
        entries.append(entry)
    return json.dumps({"log": {"version": "1.2", "creator": {}, "entries": entries}}, indent=2)


@pytest.mark.parametrize("prefix", ["", "/webhooks/autoplay/capture", "/ingest"])
@pytest.mark.parametrize("form", ["as sent", "base64", "form", "fields", "text"])
@pytest.mark.parametrize("file", REQUESTS, ids=lambda file: file.stem)
def test_a_har_reads_as_the_requests_in_it(tmp_path: Path, file: Path, form: str, prefix: str) -> None:
    requests = _requests(file)
    for request in requests:
        if form in ("form", "fields"):
            request["headers"]["content-type"] = "application/x-www-form-urlencoded"
    found = _read(tmp_path / "recorded.har", _har(requests, form, prefix))
    assert not found.unreadable
    # The only difference: a recorded request says to the millisecond when it arrived.
    assert _session(found) == _session(read_recordings([file], "demo"))
    assert found.skipped["other_requests"] >= 1


def test_reads_bodies_in_files_beside_the_har_but_nowhere_else(tmp_path: Path) -> None:
    request = _requests(REQUESTS[0])[-1]
    (tmp_path / "inner").mkdir()
    (tmp_path / "body.txt").write_bytes(base64.b64decode(request["body_base64"]))
    for file, expected in (("inner/x.har", "outside of its folder"), ("y.har", "")):
        har = json.loads(_har([request], "text", ""))
        name = "../body.txt" if expected else "body.txt"
        har["log"]["entries"][1]["request"]["postData"] = {"mimeType": "text/plain", "_file": name}
        if expected:
            with pytest.raises(UnusableRecording, match="no action") as refused:
                _read(tmp_path / file, json.dumps(har))
            assert expected in refused.value.remedy
        else:
            assert _session(_read(tmp_path / file, json.dumps(har)))


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (
            {"postData": {"text": gzip.compress(b"{}").decode("utf-8", "replace")}},
            "disable_compression: true",
        ),
        ({}, "has no body"),
        ({"postData": {"text": "%%", "encoding": "base64"}}, "not base64"),
        ({"postData": {"_file": "gone.txt"}}, "not beside the HAR"),
        ({"postData": {"text": "{}"}}, "no events"),
        ({"postData": {"text": "[" * 100_000}}, "not JSON"),
        ({"postData": 7}, "cannot be read"),
    ],
)
def test_names_the_entry_of_a_har_that_cannot_be_read(
    tmp_path: Path, entry: dict[str, Any], reason: str
) -> None:
    har = json.loads(_har(_requests(REQUESTS[0]), "text", ""))
    bad = {"method": "POST", "url": "http://bot.example/e/", **entry}
    har["log"]["entries"].append({"startedDateTime": "2026-11-17T10:00:00Z", "request": bad})
    text = json.dumps(har, indent=1)
    found = _read(tmp_path / "x.har", text)
    (unreadable,) = found.unreadable
    number = text[: text.rindex('"startedDateTime"')].count("\n")
    assert unreadable.place == f"{tmp_path / 'x.har'}:{number}"
    assert reason in unreadable.reason
    assert _session(found)


def test_broken_utf8_costs_only_the_text_that_has_it(tmp_path: Path) -> None:
    har = _har(_requests(REQUESTS[0]), "text", "").encode()
    broken = har.replace(b"style.css", b"sty\xffle.css", 1).replace(b"Bulk edit", b"Bulk\xffedit", 1)
    found = _read(tmp_path / "x.har", broken)
    assert not found.unreadable
    assert len(_session(found)) == len(_session(read_recordings([REQUESTS[0]], "demo")))


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ('{\n"log": {\n"entries": [\n', 3, "ends in the middle"),
        ('{\n"log": {\n"entries": [}\n]}}\n', 3, "invalid character"),
        ('{"log":\n' + "[" * 200_000 + "\n}", 1, "nested too deeply"),
        ('{\n"log": {"entries": 7}}', 1, "Expected `array`"),
        ('{\n"log": 7}', 1, "Expected `object`"),
        ('{\n"user_id": "u1", "recordings": [{"kind": "actions", "data": 7}]}', 1, "recorded batch"),
        ('{\n"session_id": "s", "began_at": 1, "actions": [{"title": "x"}]}', 1, "no time"),
        ('{"kind": "action", "at": "yesterday", "title": "x"}', 1, "no time"),
    ],
)
def test_a_damaged_file_gets_an_error_with_its_line(
    tmp_path: Path, text: str, place: int, reason: str
) -> None:
    with pytest.raises(UnusableRecording) as refused:
        _read(tmp_path / "x.har", text)
    assert f"x.har:{place}: " in refused.value.remedy
    assert reason in refused.value.remedy


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    seed=st.sampled_from([_tail, _export, _timeline, _batches]),
    cut=st.integers(0, 2_000),
    junk=st.binary(max_size=8),
)
def test_damage_never_ends_in_anything_but_a_clear_error(
    tmp_path: Path, seed: Callable[[Sequence[SlimAction]], str], cut: int, junk: bytes
) -> None:
    text = seed([save(1), action("Click Apply", 2, element_id="apply")]).encode()
    try:
        _read(tmp_path / "x", text[:cut] + junk + text[cut + len(junk) :])
    except UnusableRecording as problem:
        explained = bool(problem.remedy)
    else:
        explained = True
    assert explained


def test_a_folder_may_mix_formats_and_other_files(tmp_path: Path) -> None:
    actions = [save(at) for at in range(4)]
    for name, form in (("a.txt", _tail), ("b", _export), ("c.json", _timeline), ("d.dat", _batches)):
        (tmp_path / name).write_text(form([actions.pop()]), "utf-8")
    (tmp_path / "e.jsonl").write_text("id: my-path\nsteps:\n  - id: one\n")
    (tmp_path / "empty").touch()
    found = read_recordings([tmp_path], "demo")
    assert [at - T0 for at, _, _ in found.moments] == [0, 1, 2, 3]
    assert [file.name for file in found.files] == ["a.txt", "b", "c.json", "d.dat"]
    assert {file.name: other.what for file, other in found.other_files.items()} == {
        "e.jsonl": "a golden path",
        "empty": "an empty file",
    }


def test_lines_of_a_terminal_do_not_hide_the_tail(tmp_path: Path) -> None:
    found = _read(tmp_path / "x", "Watching http://localhost:5005.\n" + _tail([save(1)]))
    assert len(_session(found)) == 1
    assert found.unreadable[0].place.endswith("x:1")


def test_a_recording_is_read_beside_another_kind_of_file(tmp_path: Path) -> None:
    good = write(tmp_path / "good.jsonl", line(save(1)))
    page = tmp_path / "page"
    page.write_text("<!DOCTYPE html><p>")
    found = read_recordings([good, page], "demo")
    assert len(_session(found)) == 1
    assert [other.what for other in found.other_files.values()] == ["a web page"]
