"""``rasa-autoplay discover`` with folders and files that cannot be used, a full disk, and Ctrl+C."""

from __future__ import annotations

import contextlib
import gzip
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.made_sessions import made
from support.project_edits import edits_many_or_none

from rasa_autoplay.tools.cli.main import main

_CLI = [sys.executable, "-m", "rasa_autoplay.tools.cli"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with ``autoplay.yml``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AUTOPLAY_CONFIG", raising=False)
    (tmp_path / "autoplay.yml").write_text("product_id: demo\n")
    return tmp_path


def _recordings(project: Path) -> Path:
    folder = project / "recordings"
    folder.mkdir()
    made(folder / "edits.jsonl", 200, edits_many_or_none)
    return folder


def _content(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_place_that_cannot_be_written_is_refused_before_reading(
    project: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "file").write_text("")
    assert main(["discover", "nothing.jsonl", "--out", place]) == 1
    said = capsys.readouterr().err
    assert f"{place}: proposals cannot be written there: Not a directory. Name another folder" in said


def test_the_check_leaves_nothing_behind(project: Path) -> None:
    assert main(["discover", "nothing.jsonl", "--out", "a/b/c"]) == 1
    assert {each.name for each in project.iterdir()} == {"autoplay.yml"}


def test_proposals_among_the_recordings_are_not_read(project: Path) -> None:
    folder = _recordings(project)
    assert main(["discover", str(folder), "--out", str(project / "apart")]) == 0
    assert main(["discover", str(folder), "--out", str(folder / "proposals")]) == 0
    assert main(["discover", str(folder), "--out", str(folder)]) == 0
    assert main(["discover", str(folder), "--out", str(project / "again")]) == 0
    expected = _content(project / "apart")
    assert expected
    assert _content(project / "again") == expected
    assert _content(folder / "proposals") == expected


def test_a_file_that_is_still_written_has_a_remedy(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = _recordings(project)
    half = gzip.compress((folder / "edits.jsonl").read_bytes())[:-1_000]
    (folder / "half.jsonl.gz").write_bytes(half)
    assert main(["discover", str(folder)]) == 1
    said = capsys.readouterr().err
    assert "half.jsonl.gz: cannot be read" in said
    assert "wait until it is written" in said


def test_half_a_line_is_counted_and_the_rest_is_read(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = _recordings(project) / "edits.jsonl"
    file.write_bytes(file.read_bytes()[:-100])
    assert main(["discover", str(file), "--out", "found"]) == 0
    assert "Not read: 1 unreadable lines." in capsys.readouterr().err
    assert (project / "found" / "repeat-save-changes-projects" / "trigger.yml").exists()


def test_a_name_that_is_not_utf_8_is_read(project: Path) -> None:
    folder = _recordings(project)
    os.rename(folder / "edits.jsonl", os.fsencode(folder) + b"/\xff\xfe.jsonl")
    assert main(["discover", str(folder), "--out", "found"]) == 0
    assert (project / "found" / "repeat-save-changes-projects" / "trigger.yml").exists()


def test_a_full_disk_leaves_no_half_folder(project: Path) -> None:
    folder = _recordings(project)

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, 1_000))

    # Python itself does not notice that it keeps half of a compiled module, which then fails everywhere.
    command = [sys.executable, "-B", *_CLI[1:], "discover", str(folder), "--out", "found"]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=limit, check=False)
    assert done.returncode == 1
    assert (
        "found/repeat-save-changes-projects: cannot be written: File too large. Free some space"
        in done.stderr
    )
    assert list((project / "found").iterdir()) == []


def _children(process_id: int) -> Iterator[int]:
    listed = Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()
    yield from map(int, listed)


def _is_reading(process: subprocess.Popen[str]) -> bool:
    return len(list(_children(process.pid))) == 2


def _is_writing(project: Path) -> Callable[[subprocess.Popen[str]], bool]:
    return lambda _process: (project / "found").exists()


@pytest.mark.parametrize("moment", ["reading", "writing"])
@pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
def test_ctrl_c_leaves_no_process_and_no_half_folder(project: Path, moment: str) -> None:
    folder = _recordings(project)
    content = (folder / "edits.jsonl").read_bytes()
    if moment == "reading":
        (folder / "edits.jsonl").write_bytes(content * (1 + (20 << 20) // len(content)))
    is_now = _is_reading if moment == "reading" else _is_writing(project)
    command = [*_CLI, "discover", str(folder), "--out", "found", "--processes", "2"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        while not is_now(process) and process.poll() is None:
            time.sleep(0.01)
        children = list(_children(process.pid)) if process.poll() is None else []
        with contextlib.suppress(ProcessLookupError):  # it may just have finished
            os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate()
    assert "Traceback" not in said
    for child in children:
        assert not Path(f"/proc/{child}").exists()
    found = project / "found"
    assert not found.exists() or not [each for each in found.iterdir() if each.name.startswith(".")]
    if moment == "reading":
        assert process.returncode == 130
        assert not found.exists()
