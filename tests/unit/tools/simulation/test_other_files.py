"""A file that is no recording is named, with what to do instead."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import tarfile
import zipfile
from pathlib import Path

import pytest

from rasa_autoplay.errors import UnusableRecording
from rasa_autoplay.tools.simulation.recordings import read_recordings

ROOT = Path(__file__).parents[4]


def _zip(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return content.getvalue()


def _tar() -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        archive.add(__file__, "file.py")
    return content.getvalue()


def _database(tmp_path: Path) -> bytes:
    with sqlite3.connect(tmp_path / "some.db") as connection:
        connection.execute("create table t (x)")
    return (tmp_path / "some.db").read_bytes()


CASES: list[tuple[str, bytes, str, str]] = [
    ("empty", b"", "an empty file", "Record a session"),
    ("spaces", b" \n\n", "an empty file", "Record a session"),
    ("har zip", _zip("har.har", "body.txt"), "a zip archive with a HAR", "Unpack it"),
    ("trace zip", _zip("0-trace.trace", "resources/x"), "a Playwright trace", "record_har_path"),
    ("zip", _zip("monday.jsonl"), "a zip archive", "Unpack it"),
    ("spreadsheet", _zip("[Content_Types].xml", "xl/workbook.xml"), "a document of an office", "HAR"),
    ("cut zip", _zip("a")[:40], "a damaged zip", "HAR"),
    ("tar.gz", _tar(), "a tar archive", "Unpack it"),
    ("png", b"\x89PNG\r\n\x1a\n", "a picture", "--live"),
    ("jpeg", b"\xff\xd8\xff\xe0", "a picture", "--live"),
    ("webp", b"RIFF\x10\0\0\0WEBPVP8", "a picture", "--live"),
    ("mp4", b"\0\0\0 ftypisom", "a video", "--live"),
    ("webm", b"\x1a\x45\xdf\xa3\x01", "a video", "--live"),
    ("pdf", b"%PDF-1.7", "a PDF", "--live"),
    ("utf-16", "{}".encode("utf-16"), "text in UTF-16", "UTF-8"),
    ("binary", b"ab\0\1\2", "a binary file", "HAR"),
    ("page", b"<!DOCTYPE html>\n<html>", "a web page", "--live"),
    ("xml", b"<?xml version='1.0'?><a/>", "XML", "HAR"),
    ("csv", b'"uuid","event","properties"\n"1","$autocapture","{}"\n', "an export of PostHog", "leave out"),
    ("table", b"name;age;town\nAda;36;London\n", "a table (CSV)", "HAR"),
    ("golden path", b"id: a\ntitle: b\nsteps:\n  - id: c\n", "a golden path", "golden_paths folder"),
    ("settings", b'# ours\nversion: "1"\nproduct_id: demo\n', "settings of rasa-autoplay", "--config"),
    ("stories", b'version: "3.1"\nstories:\n- story: a\n', "a file of a Rasa project", "HAR"),
    (
        "tail",
        b"09:00:01  action    u1  s1  Click Save on /p (capture)\n",
        "the output of `rasa-aut",
        "--json",
    ),
    ("prose", b"Dear all,\nhere it is.\n", "a text, and not JSON", "HAR"),
]
JSON_CASES: list[tuple[str, object, str, str]] = [
    (
        "export",
        [{"uuid": "1", "event": "$pageview", "distinct_id": "d"}],
        "an export of PostHog",
        "leave out",
    ),
    ("event", {"event": "$pageview", "properties": {}}, "an export of PostHog", "leave out"),
    ("query", {"results": [], "columns": []}, "an export of PostHog", "leave out"),
    ("devtools", {"title": "x", "steps": []}, "a recording of the browser's DevTools recorder", "--live"),
    (
        "trace",
        {"type": "context-options", "browserName": "chromium", "wallTime": 1},
        "a Playwright trace",
        "",
    ),
    ("replay", {"version": "1", "data": {}, "snapshots": []}, "a session replay", "--live"),
    ("rrweb", [{"type": 4, "data": {}, "timestamp": 1}], "a session replay", "--live"),
    ("list", {"product_id": "p", "user_id": "u", "keep_s": 1, "sessions": []}, "a list of", "?session=ID"),
    ("simulated", {"config": "autoplay.yml", "fires": []}, "a report of `rasa-autoplay simulate`", "record"),
    ("unrecorded", {"user_id": "u", "recordings": []}, "the data of a user, of whom no", "recording:"),
]


def _refused(file: Path) -> UnusableRecording:
    with pytest.raises(UnusableRecording) as refused:
        read_recordings([file], "demo")
    return refused.value


@pytest.mark.parametrize(("content", "what", "remedy"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_names_a_file_that_is_no_recording(tmp_path: Path, content: bytes, what: str, remedy: str) -> None:
    file = tmp_path / "monday.jsonl"
    file.write_bytes(content)
    problem = _refused(file)
    assert f"monday.jsonl: this is {what}" in problem.message
    assert remedy in problem.remedy


@pytest.mark.parametrize(
    ("content", "what", "remedy"), [c[1:] for c in JSON_CASES], ids=[c[0] for c in JSON_CASES]
)
@pytest.mark.parametrize("indent", [None, 2])
def test_names_json_that_is_no_recording(
    tmp_path: Path, content: object, what: str, remedy: str, indent: int | None
) -> None:
    file = tmp_path / "monday.har"
    file.write_text(json.dumps(content, indent=indent))
    problem = _refused(file)
    assert f"monday.har: this is {what}" in problem.message
    assert remedy in problem.remedy


def test_a_database_is_read_with_an_option_instead(tmp_path: Path) -> None:
    file = tmp_path / "autoplay.db"
    file.write_bytes(_database(tmp_path))
    assert "--recorded" in _refused(file).remedy


def test_names_the_files_of_a_folder_without_recordings(tmp_path: Path) -> None:
    (tmp_path / "page").write_text("<html>")
    shutil.copy(ROOT / "example_bot" / "golden_paths" / "projects-bulk-edit.yml", tmp_path)
    problem = _refused(tmp_path)
    assert "projects-bulk-edit.yml (a golden path)" in problem.message
    assert "page (a web page)" in problem.message
    assert "HAR" in problem.remedy


def test_a_har_of_another_page_says_that_it_has_no_events(tmp_path: Path) -> None:
    file = tmp_path / "x.har"
    entry = {"startedDateTime": "2026-11-17T10:00:00Z", "request": {"method": "POST", "url": "http://a/b"}}
    file.write_text(json.dumps({"log": {"entries": [entry] * 3}}))
    assert "None of the 3 requests carries events" in _refused(file).remedy
