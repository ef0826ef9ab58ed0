"""The journal on disk holds exactly what was written before a kill."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.engine_parts import Clock

from rasa_autoplay.events.models import ActionsPayload, SlimAction, SummaryPayload, UsertourTrigger
from rasa_autoplay.gateway.journal import EventJournal
from rasa_autoplay.link.messages import Event

LARGE = 1 << 20


def event(name: str, text: str = "Click Save changes") -> Event:
    action = SlimAction(text, "User clicked: ä", "/a", 1, "click", 1.5, 2.5, "/raw", "s1", "u1", "a@b.c")
    return Event(ActionsPayload("demo", name, "u1", "a@b.c", [action], event_ids=[7]), "capture", "user:u1")


def names(events: list[Event]) -> list[str]:
    return [str(each.payload.session_id) for each in events]


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.journal"))


class Journals:
    """Journals of successive processes in one folder."""

    def __init__(self, folder: Path, max_bytes: int = LARGE) -> None:
        self.folder, self.max_bytes = folder, max_bytes
        self.clock = Clock()
        self.now = self.made()

    def made(self) -> EventJournal:
        return EventJournal(self.folder, self.max_bytes, self.clock)

    def killed(self) -> None:
        """The process dies: the system releases its locks, and nothing else happens."""
        for file in [*self.now._others, *filter(None, [self.now._current])]:
            os.close(file._fd)
        self.now = self.made()


@pytest.fixture
def journals(tmp_path: Path) -> Iterator[Journals]:
    made = Journals(tmp_path / "journal")
    yield made
    made.now.close()


def test_recovers_unchanged_what_was_written_before_a_kill(journals: Journals) -> None:
    kinds = [
        event("s1"),
        Event(SummaryPayload("demo", "s1", "They looked round.", 3, 4.5), "webhook"),
        Event(UsertourTrigger("flow", "s1", "demo", "u1", "because"), "webhook"),
    ]
    assert all(map(journals.now.append, kinds))
    journals.killed()
    assert journals.now.recover() == kinds
    assert journals.now.health()["recovered"] == 3


def test_retains_recovered_events_until_released(journals: Journals) -> None:
    journals.now.append(event("s1"))
    journals.killed()
    assert names(journals.now.recover()) == ["s1"]
    journals.killed()
    (recovered,) = journals.now.recover()
    journals.now.release(recovered)
    assert files(journals.folder) == []
    journals.killed()
    assert journals.now.recover() == []


def test_deletes_released_events_from_disk(journals: Journals) -> None:
    kept = [event(f"s{number}") for number in range(3)]
    for each in kept:
        assert journals.now.append(each)
    (file,) = files(journals.folder)
    assert b"Save changes" in file.read_bytes()
    for each in kept:
        journals.now.release(each)
    assert file.read_bytes() == b""
    journals.now.close()
    assert files(journals.folder) == []


def test_only_its_own_os_user_can_read_the_file(journals: Journals) -> None:
    journals.now.append(event("s1"))
    (file,) = files(journals.folder)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(journals.folder.stat().st_mode) == 0o700


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.binary(max_size=40))
def test_damaged_end_loses_nothing_before_it(cut: int, junk: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        journals = Journals(Path(folder))
        for number in range(5):
            journals.now.append(event(f"s{number}"))
        (file,) = files(journals.folder)
        whole = file.read_bytes()
        ends = [len(whole) // 5 * number for number in range(6)]
        cut = min(cut, len(whole))
        file.write_bytes(whole[:cut] + junk)
        journals.killed()
        recovered = names(journals.now.recover())
        intact = sum(end <= cut for end in ends[1:])
        assert recovered[:intact] == [f"s{number}" for number in range(intact)]
        # The junk may be the rest of what was cut off.
        assert recovered == [f"s{number}" for number in range(len(recovered))]
        journals.now.close()


def test_leaves_files_of_a_running_process_alone(journals: Journals) -> None:
    journals.now.append(event("mine"))
    other = journals.made()
    assert other.recover() == []
    assert other.append(event("other"))
    assert len(files(journals.folder)) == 2
    other.close()
    journals.killed()
    assert sorted(names(journals.now.recover())) == ["mine", "other"]


def test_limits_its_size(tmp_path: Path) -> None:
    journals = Journals(tmp_path, max_bytes=20_000)
    kept: list[Event] = []
    while journals.now.append(each := event(f"s{len(kept)}")):
        kept.append(each)
    assert 20 < len(kept) < 200
    assert sum(file.stat().st_size for file in files(tmp_path)) <= 20_000
    assert len(files(tmp_path)) > 4, "in several files, each deleted as soon as it can be"
    for each in kept[: len(kept) // 2]:
        journals.now.release(each)
    assert journals.now.append(event("again")), "there is room again"
    journals.killed()
    recovered = names(journals.now.recover())
    assert set(names(kept[len(kept) // 2 :])) | {"again"} <= set(recovered)
    journals.now.close()


def test_next_process_recovers_what_is_left_at_the_end(journals: Journals) -> None:
    journals.now.append(event("s1"))
    journals.now.close()
    journals.now = journals.made()
    assert names(journals.now.recover()) == ["s1"]


def test_reports_a_full_disk_and_retries(journals: Journals, monkeypatch: pytest.MonkeyPatch) -> None:
    write, is_full = os.write, True

    def half(fd: int, data: bytes) -> int:
        return write(fd, data[: len(data) // 2] if is_full else data)

    monkeypatch.setattr(os, "write", half)
    assert not journals.now.append(event("s1"))
    health = journals.now.health()
    assert (health["state"], health["pending"]) == ("failed", 0)
    assert "disk is full" in health["remedy"]
    is_full = False
    assert not journals.now.append(event("s2")), "not at every event"
    journals.clock.now += 1.0
    assert journals.now.append(event("s3"))
    assert journals.now.health()["state"] == "connected"
    journals.killed()
    assert names(journals.now.recover()) == ["s3"], "the half of the first has been taken back"


def test_reports_a_folder_that_cannot_be_created(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    journals = Journals(tmp_path / "file" / "journal")
    assert journals.now.recover() == []
    assert not journals.now.append(event("s1"))
    assert "Not a directory" in journals.now.health()["remedy"]
    journals.now.close()
