"""The folder of a proposal is never half-written, and keeps what people have changed."""

from __future__ import annotations

import errno
import multiprocessing
import os
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Any

import pytest

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.tools.discovery.evidence.folder import Written, clean_up, write_folder

_FILES = {"trigger.yml": "id: a\n", "path.yml": "id: a\n", "evidence.md": "# A\n", "days.svg": "<svg/>\n"}
_NEWER = {**_FILES, "trigger.yml": "id: a\nbody: new\n", "evidence.md": "# B\n"}


def _content(folder: Path) -> dict[str, str]:
    return {each.name: each.read_text() for each in folder.iterdir() if not each.name.startswith(".")}


def test_writes_all_files_and_says_when_nothing_has_changed(tmp_path: Path) -> None:
    root = tmp_path / "proposals"

    assert write_folder(root, "a", _FILES) is Written.NEW
    assert _content(root / "a") == _FILES
    assert write_folder(root, "a", _FILES) is Written.UNCHANGED
    assert write_folder(root, "a", _NEWER) is Written.UPDATED
    assert _content(root / "a") == _NEWER
    assert [each.name for each in root.iterdir()] == ["a"]


def test_removes_pictures_that_no_longer_have_numbers(tmp_path: Path) -> None:
    write_folder(tmp_path, "a", _FILES)
    write_folder(tmp_path, "a", {name: text for name, text in _FILES.items() if name != "days.svg"})

    assert "days.svg" not in _content(tmp_path / "a")


def test_keeps_an_edited_trigger_and_writes_the_new_one_beside_it(tmp_path: Path) -> None:
    write_folder(tmp_path, "a", _FILES)
    (tmp_path / "a" / "trigger.yml").write_text("id: a\nbody: mine\n")

    assert write_folder(tmp_path, "a", _NEWER) is Written.BESIDE
    expected = {**_NEWER, "trigger.yml": "id: a\nbody: mine\n", "trigger.new.yml": _NEWER["trigger.yml"]}
    assert _content(tmp_path / "a") == expected
    # Running it again changes nothing, and forgets nothing.
    assert write_folder(tmp_path, "a", _NEWER) is Written.UNCHANGED
    assert _content(tmp_path / "a") == expected


def test_who_takes_the_new_trigger_gets_updates_again(tmp_path: Path) -> None:
    write_folder(tmp_path, "a", _FILES)
    (tmp_path / "a" / "trigger.yml").write_text("mine\n")
    write_folder(tmp_path, "a", _NEWER)
    (tmp_path / "a" / "trigger.new.yml").rename(tmp_path / "a" / "trigger.yml")

    write_folder(tmp_path, "a", _NEWER)
    assert _content(tmp_path / "a") == _NEWER
    assert write_folder(tmp_path, "a", _FILES) is Written.UPDATED
    assert _content(tmp_path / "a") == _FILES


def test_keeps_the_log_even_if_another_process_appends_to_it_meanwhile(tmp_path: Path) -> None:
    write_folder(tmp_path, "a", _FILES)
    log = tmp_path / "a" / "log.jsonl"
    log.write_text("one\n")
    with log.open("a") as appended:
        write_folder(tmp_path, "a", _NEWER)
        appended.write("two\n")

    assert log.read_text() == "one\ntwo\n"


def test_a_full_disk_leaves_the_folder_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_folder(tmp_path, "a", _FILES)
    written: list[int] = []

    def full(handle: int) -> None:
        written.append(handle)
        if len(written) > 2:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="No space left on device"):
        write_folder(tmp_path, "a", _NEWER)

    assert _content(tmp_path / "a") == _FILES
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("call", ["mkdtemp", "fsync", "rename", "rmtree"])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_killed_process_leaves_a_whole_folder(tmp_path: Path, call: str, number: int) -> None:
    write_folder(tmp_path, "a", _FILES)
    process = multiprocessing.get_context("fork").Process(
        target=_write_and_die, args=(tmp_path, call, number), daemon=True
    )
    process.start()
    process.join(60)
    assert process.exitcode in (0, -signal.SIGKILL)

    clean_up(tmp_path)

    assert _content(tmp_path / "a") in (_FILES, _NEWER)
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def _write_and_die(root: Path, call: str, number: int) -> None:
    """Write a newer version, and be killed at a certain call."""
    module: Any = {"mkdtemp": tempfile, "rmtree": shutil}.get(call, os)
    real, left = getattr(module, call), [number]

    def killed(*values: Any, **named: Any) -> Any:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*values, **named)

    setattr(module, call, killed)
    write_folder(root, "a", _NEWER)


def test_cleans_up_only_what_it_has_begun(tmp_path: Path) -> None:
    (tmp_path / ".writing-a-x").mkdir()
    (tmp_path / "mine").mkdir()
    clean_up(tmp_path)
    clean_up(tmp_path / "missing")

    assert [each.name for each in tmp_path.iterdir()] == ["mine"]


def test_unwritable_folders_are_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="file/a: cannot be written"):
        write_folder(tmp_path / "file", "a", _FILES)
