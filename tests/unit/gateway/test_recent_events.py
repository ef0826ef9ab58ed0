"""Recent events on disk: what the next process gets, and what is deleted."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from rasa_autoplay.events.models import ActionsPayload, SlimAction, UsertourTrigger
from rasa_autoplay.gateway.recent_events import RecentEvents
from rasa_autoplay.link.messages import Event

NOW = 1_700_000_000.0
WINDOW_S = 80.0


def event(name: str, title: str = "Click Save changes") -> Event:
    action = SlimAction(title, "User clicked", "/a", 1, "click", NOW, NOW, "/raw", "s1", "u1")
    return Event(ActionsPayload("demo", name, "u1", None, [action], event_ids=[7]), "capture", "user:u1")


def names(events: list[Event]) -> list[str]:
    return [str(each.payload.session_id) for each in events]


class Processes:
    """Successive processes with one folder and one clock."""

    def __init__(self, folder: Path, max_bytes: int = 1 << 20) -> None:
        self.folder, self.max_bytes = folder, max_bytes
        self.time = NOW
        self.now = self.made()

    def made(self) -> RecentEvents:
        return RecentEvents(self.folder, WINDOW_S, self.max_bytes, lambda: self.time)

    def receive(self, name: str, after_s: float = 0.0, title: str = "Click Save changes") -> None:
        """The engine receives an event; its file then has the time of this test's clock."""
        self.time += after_s
        self.now.append(event(name, title))
        path = self.now._periods[-1].file.path
        os.utime(path, (self.time, self.time))

    def killed(self) -> list[Event]:
        """Kill the process; return what the next one recovers."""
        for period in self.now._periods:
            os.close(period.file._fd)  # the system releases the locks, and nothing else happens
        self.now = self.made()
        return self.now.recover()

    def files(self) -> int:
        return len(list(self.folder.glob("*")))


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    made = Processes(tmp_path / "recent")
    yield made
    made.now.close()


def test_the_next_process_gets_the_window_in_order_and_nothing_older(processes: Processes) -> None:
    for number in range(20):
        processes.receive(f"s{number}", after_s=10.0)
    # Files cover ten seconds each, so that the window of 80 s has nine of them.
    assert names(processes.killed()) == [f"s{number}" for number in range(11, 20)]
    assert processes.files() == 9


def test_a_second_kill_loses_nothing(processes: Processes) -> None:
    processes.receive("s1")
    processes.killed()
    processes.receive("s2", after_s=5.0)
    assert names(processes.killed()) == ["s1", "s2"]


def test_a_start_after_a_long_time_recovers_nothing_and_deletes_the_files(processes: Processes) -> None:
    processes.receive("s1")
    processes.time += WINDOW_S + 1
    assert processes.killed() == []
    assert processes.files() == 0
    processes.receive("s2")
    assert names(processes.killed()) == ["s2"]


def test_a_tour_is_not_started_again(processes: Processes) -> None:
    processes.now.append(Event(UsertourTrigger("flow", "s1", "demo", "u1"), "stream"))
    assert processes.killed() == []


def test_size_is_limited_and_the_newest_are_kept(tmp_path: Path) -> None:
    processes = Processes(tmp_path / "recent", max_bytes=16_000)
    for number in range(60):
        processes.receive(f"s{number}", after_s=0.01, title="x" * 500)
    assert sum(path.stat().st_size for path in processes.folder.iterdir()) <= 16_000
    recovered = names(processes.killed())
    assert recovered == [f"s{number}" for number in range(60 - len(recovered), 60)]
    assert len(recovered) > 10
    processes.now.close()


def test_half_a_record_loses_only_itself(processes: Processes) -> None:
    processes.receive("s1")
    path = processes.now._periods[-1].file.path
    with path.open("ab") as file:
        file.write(b"\x40\x00\x00\x00half")
    os.utime(path, (NOW, NOW))
    assert names(processes.killed()) == ["s1"]


def test_another_processes_files_are_left_alone(processes: Processes) -> None:
    processes.receive("s1")
    other = processes.made()
    assert other.recover() == []
    assert names(processes.killed()) == ["s1"]


def test_a_folder_that_cannot_be_written_is_reported_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    recent = RecentEvents(tmp_path / "taken" / "recent", WINDOW_S, 1 << 20, lambda: NOW)
    assert recent.recover() == []
    recent.append(event("s1"))
    recent.append(event("s2"))
    assert len(caplog.records) == 1
    health = recent.health()
    assert (health["state"], health["failed"]) == ("failed", 2)
    assert "journal.folder" in health["remedy"]
