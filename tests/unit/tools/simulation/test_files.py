"""Recordings are found in files and folders, compressed or not; other files get an error with a remedy."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from rasa_autoplay.errors import UnusableRecording
from rasa_autoplay.tools.simulation import files
from rasa_autoplay.tools.simulation.files import find_files, lines_of


def _write(file: Path, *lines: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return file


def test_lists_recordings_of_a_folder_by_name_and_once(tmp_path: Path) -> None:
    second = _write(tmp_path / "b.jsonl", "{}")
    first = _write(tmp_path / "a" / "deep.ndjson", "{}")
    _write(tmp_path / "notes.md", "no recording")
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
    assert ".jsonl" in refused.value.remedy


def test_numbers_lines_and_skips_empty_ones(tmp_path: Path) -> None:
    file = _write(tmp_path / "x.jsonl", "one", "", "  ", "four")
    assert [(line.number, line.text) for line in lines_of(file)] == [(1, b"one"), (4, b"four")]


def test_recognises_gzip_by_its_content(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    file.write_bytes(gzip.compress(b"one\ntwo"))
    assert [line.text for line in lines_of(file)] == [b"one", b"two"]


def test_bytes_read_add_up_to_the_file_size(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl.gz"
    file.write_bytes(gzip.compress(b"one\ntwo\n"))
    assert [line.ends_at for line in lines_of(file)][-1] == file.stat().st_size


@pytest.mark.parametrize("content", [gzip.compress(b"one\ntwo\n" * 99)[:-9], b"\x1f\x8b\x08\x00junkjunkjunk"])
def test_damaged_gzip_error_names_its_file(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "torn.jsonl.gz"
    file.write_bytes(content)
    with pytest.raises(UnusableRecording, match=r"torn\.jsonl\.gz: cannot be read"):
        list(lines_of(file))


def test_skips_only_the_overlong_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_MAX_LINE_BYTES", 10)
    file = _write(tmp_path / "x.jsonl", "one", "x" * 35, "three")
    assert [(line.number, line.text) for line in lines_of(file)] == [(1, b"one"), (2, b""), (3, b"three")]
