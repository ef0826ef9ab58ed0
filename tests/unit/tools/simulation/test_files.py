"""Recordings are found in files and folders, compressed or not; other files get an error with a remedy."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from rasa_autoplay.errors import UnusableRecording
from rasa_autoplay.tools.simulation import files
from rasa_autoplay.tools.simulation.files import find_files, pieces_of


def _write(file: Path, *lines: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return file


def test_lists_the_files_of_a_folder_by_name_and_once(tmp_path: Path) -> None:
    second = _write(tmp_path / "b.har", "{}")
    first = _write(tmp_path / "a" / "deep.ndjson", "{}")
    _write(tmp_path / ".git" / "config", "hidden")
    _write(tmp_path / ".notes", "hidden")
    assert find_files([tmp_path]) == [first, second]
    assert find_files([second, tmp_path]) == [second, first]


def test_accepts_any_name_for_a_given_file(tmp_path: Path) -> None:
    odd = _write(tmp_path / "dump.txt", "{}")
    assert find_files([odd]) == [odd]


@pytest.mark.parametrize("name", ["missing.jsonl", "empty"])
def test_no_recordings_is_an_error_with_a_remedy(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnusableRecording) as refused:
        find_files([tmp_path / name])
    assert name in refused.value.message
    assert "HAR" in refused.value.remedy


def test_numbers_lines_and_skips_empty_ones(tmp_path: Path) -> None:
    file = _write(tmp_path / "x.jsonl", "one", "", "  ", "four")
    assert [(line.line, line.text) for line in pieces_of(file)] == [(1, b"one"), (4, b"four")]


def test_recognises_gzip_by_its_content(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    file.write_bytes(gzip.compress(b"one\ntwo"))
    assert [line.text for line in pieces_of(file)] == [b"one", b"two"]


def test_bytes_read_add_up_to_the_file_size(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl.gz"
    file.write_bytes(gzip.compress(b"one\ntwo\n"))
    assert [line.ends_at for line in pieces_of(file)][-1] == file.stat().st_size


@pytest.mark.parametrize("content", [gzip.compress(b"one\ntwo\n" * 99)[:-9], b"\x1f\x8b\x08\x00junkjunkjunk"])
def test_damaged_gzip_error_names_its_file(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "torn.jsonl.gz"
    file.write_bytes(content)
    with pytest.raises(UnusableRecording, match=r"torn\.jsonl\.gz: cannot be read"):
        list(pieces_of(file))


def test_skips_only_the_overlong_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_LINE_BYTES", 10)
    file = _write(tmp_path / "x.jsonl", "one", "x" * 35, "three")
    assert [(line.line, line.text) for line in pieces_of(file)] == [(1, b"one"), (2, b""), (3, b"three")]


def test_reads_a_document_over_several_lines_as_one_piece(tmp_path: Path) -> None:
    file = _write(tmp_path / "x.json", "\ufeff", "{", '  "a": [', "  1]", "}")
    (piece,) = pieces_of(file)
    assert (piece.line, piece.ends_at) == (2, file.stat().st_size)
    assert json.loads(piece.text) == {"a": [1]}


def test_a_cut_first_line_does_not_make_lines_a_document(tmp_path: Path) -> None:
    file = _write(tmp_path / "x.jsonl", '{"type": "act', '{"b": 1}', '{"c": 2}')
    assert [piece.line for piece in pieces_of(file)] == [1, 2, 3]


def test_reads_a_document_that_is_one_overlong_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_LINE_BYTES", 10)
    (piece,) = pieces_of(_write(tmp_path / "x.har", json.dumps({"log": {"entries": []}})))
    assert json.loads(piece.text) == {"log": {"entries": []}}


def test_refuses_a_document_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_MAX_DOCUMENT_BYTES", 10)
    with pytest.raises(UnusableRecording, match=r"large\.har: the file has more than"):
        list(pieces_of(_write(tmp_path / "large.har", "{", '"a": "xxxxxxxxxxxxxxx"', "}")))
