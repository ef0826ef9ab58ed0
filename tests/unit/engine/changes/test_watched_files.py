"""Watching the files: complete contents only, however an editor, a deployment or Kubernetes writes them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rasa_autoplay.engine.changes.watched_files import WatchedFiles
from rasa_autoplay.settings.yaml_file import YamlFile

FILE = "product_id: demo\ngolden_paths: paths\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "paths").mkdir()
    (tmp_path / "paths" / "one.yml").write_text("id: one\n")
    (tmp_path / "autoplay.yml").write_text(FILE)
    return tmp_path


def watched(folder: Path) -> WatchedFiles:
    return WatchedFiles(YamlFile(folder / "autoplay.yml"))


def polls(files: WatchedFiles, number: int = 12) -> list[bool]:
    """Poll, and handle each change that is reported."""
    found = []
    for _ in range(number):
        digest = files.changed()
        found.append(bool(digest))
        if digest:
            files.handled(digest)
    return found


def test_reports_nothing_while_nothing_changes(folder: Path) -> None:
    assert not any(polls(watched(folder), 30))


def test_reports_a_change_once_after_two_equal_reads(folder: Path) -> None:
    files = watched(folder)
    (folder / "autoplay.yml").write_text(f"{FILE}# new\n")
    assert polls(files, 5) == [False, True, False, False, False]


def test_waits_for_the_end_of_a_file_that_is_being_written(folder: Path) -> None:
    files = watched(folder)
    for length in range(1, 6):
        (folder / "autoplay.yml").write_text(FILE[:length])
        assert not files.changed()
    (folder / "autoplay.yml").write_text(f"{FILE}# whole\n")
    assert polls(files, 3) == [False, True, False]


def test_notices_an_atomic_rename(folder: Path) -> None:
    files = watched(folder)
    assert not any(polls(files, 20))
    (folder / "autoplay.yml.tmp").write_text(f"{FILE}# new\n")
    os.replace(folder / "autoplay.yml.tmp", folder / "autoplay.yml")
    assert any(polls(files))


@pytest.mark.parametrize("change", ["changed", "added", "deleted", "renamed"])
def test_notices_golden_paths(folder: Path, change: str) -> None:
    files, one = watched(folder), folder / "paths" / "one.yml"
    assert not any(polls(files, 20))
    if change == "changed":
        one.write_text("id: two\n")
    elif change == "added":
        (folder / "paths" / "two.yaml").write_text("id: two\n")
    elif change == "deleted":
        one.unlink()
    else:
        one.rename(folder / "paths" / "other.yml")
    assert polls(files, 4) == [False, True, False, False]


def test_ignores_other_files_and_equal_contents(folder: Path) -> None:
    files = watched(folder)
    assert not any(polls(files, 20))
    (folder / "paths" / ".one.yml.swp").write_text("an editor's")
    (folder / "autoplay.yml").write_text(FILE)
    os.utime(folder / "paths" / "one.yml", (1, 1))
    assert not any(polls(files))


def test_notices_an_equally_long_text_within_the_same_tick_of_the_clock(folder: Path) -> None:
    file = folder / "autoplay.yml"
    files = watched(folder)
    file.write_text(f"{FILE}# a\n")
    assert any(polls(files, 2))
    before = file.stat()
    file.write_text(f"{FILE}# b\n")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert any(polls(files, 3))


def test_notices_the_links_of_a_config_map(tmp_path: Path) -> None:
    """Kubernetes writes each version into a folder of its own, and replaces one symbolic link to it."""
    for version in ("v1", "v2"):
        (tmp_path / version / "paths").mkdir(parents=True)
        (tmp_path / version / "autoplay.yml").write_text(f"{FILE}# {version}\n")
    (tmp_path / "..data").symlink_to("v1")
    (tmp_path / "autoplay.yml").symlink_to("..data/autoplay.yml")
    (tmp_path / "paths").symlink_to("..data/paths")
    files = watched(tmp_path)
    assert not any(polls(files, 20))
    (tmp_path / "..tmp").symlink_to("v2")
    os.replace(tmp_path / "..tmp", tmp_path / "..data")
    assert any(polls(files, 4))


def test_follows_the_folder_that_the_file_names(folder: Path) -> None:
    files = watched(folder)
    (folder / "others").mkdir()
    (folder / "autoplay.yml").write_text(FILE.replace("paths: paths", "paths: others"))
    assert any(polls(files, 3))
    assert not any(polls(files, 20))
    (folder / "others" / "new.yml").write_text("id: new\n")
    assert any(polls(files, 3))


def test_a_broken_file_leaves_the_folder_as_it_was(folder: Path) -> None:
    files = watched(folder)
    (folder / "autoplay.yml").write_text("product_id: [\n")
    assert any(polls(files, 3))
    (folder / "paths" / "one.yml").write_text("id: two\n")
    assert any(polls(files, 3))


def test_notices_a_missing_file_and_its_return(folder: Path) -> None:
    files = watched(folder)
    (folder / "autoplay.yml").unlink()
    assert any(polls(files, 3))
    (folder / "autoplay.yml").write_text(FILE)
    assert any(polls(files, 3))


def test_notices_a_change_between_the_first_load_and_the_first_poll(folder: Path) -> None:
    loaded = YamlFile(folder / "autoplay.yml")
    (folder / "autoplay.yml").write_text(f"{FILE}# new\n")
    assert any(polls(WatchedFiles(loaded), 3))
