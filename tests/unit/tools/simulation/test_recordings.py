"""Recordings of any writer become moments in order of time; unusable lines are counted and named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.engine_parts import T0, action, save
from support.recorded import line, write

from rasa_autoplay.errors import UnusableRecording
from rasa_autoplay.tools.simulation.recordings import Recordings, read_recordings

ROOT = Path(__file__).parents[4]
POSTHOG = sorted(ROOT.glob("example_bot/recordings/*.jsonl")) + sorted(
    ROOT.glob("tests/recordings/posthog/*.jsonl")
)


def _titles(recordings: Recordings) -> list[str]:
    return [action.title for _, payload, _ in recordings.moments for action in payload.actions]


def _read(*paths: Path) -> Recordings:
    return read_recordings(paths, "demo")


def test_orders_actions_of_all_files_by_their_times(tmp_path: Path) -> None:
    late = write(tmp_path / "late.jsonl", line(action("c", 3), action("a", 1)))
    early = write(tmp_path / "early.jsonl", line(action("b", 2), session="s2"))
    recordings = _read(late, early)
    assert _titles(recordings) == ["a", "b", "c"]
    assert [at - T0 for at, _, _ in recordings.moments] == [1, 2, 3]


def test_reads_regular_and_irregular_batches_alike(tmp_path: Path) -> None:
    regular = json.loads(line(save(1), action("x", 2)))
    irregular = json.loads(line(save(1), action("x", 2)))
    irregular.update(email=None, count="many", forwarded_at=None, surplus=[1])
    irregular["actions"][0]["timestamp_start"] = "2023-11-14T22:13:21Z"
    irregular["actions"][1].update(timestamp_start=str(T0 + 2), index=None)
    one = _read(write(tmp_path / "one.jsonl", regular))
    other = _read(write(tmp_path / "other.jsonl", irregular))
    assert one.moments == other.moments


@pytest.mark.parametrize(
    ("changes", "seconds"),
    [({"timestamp_start": (T0 + 7) * 1000}, 7), ({"timestamp_start": None}, 9), ({"timestamp_start": 0}, 9)],
    ids=["milliseconds", "null", "zero"],
)
def test_finds_a_time_wherever_it_is_given(tmp_path: Path, changes: dict[str, Any], seconds: float) -> None:
    record = json.loads(line(save(1)))
    record["forwarded_at"] = T0 + 9
    record["actions"][0].update(changes)
    assert [at for at, _, _ in _read(write(tmp_path / "x.jsonl", record)).moments] == [T0 + seconds]


def test_counts_actions_without_a_time(tmp_path: Path) -> None:
    timeless = json.loads(line(save(1)))
    timeless["actions"][0]["timestamp_start"] = None
    recordings = _read(write(tmp_path / "x.jsonl", timeless, line(save(2))))
    assert len(recordings.moments) == 1
    assert recordings.skipped["actions_without_time"] == 1


def test_reads_the_user_from_actions(tmp_path: Path) -> None:
    record = json.loads(line(save(1), user=None))
    record["actions"][0]["user_id"] = "u9"
    ((_, payload, _),) = _read(write(tmp_path / "x.jsonl", record)).moments
    assert payload.user_id == "u9"


def test_skips_other_products_and_counts_them_by_name(tmp_path: Path) -> None:
    file = write(
        tmp_path / "x.jsonl", line(save(1), product="acme"), line(save(2)), line(save(3), product="")
    )
    recordings = _read(file)
    assert [at - T0 for at, _, _ in recordings.moments] == [2, 3]
    assert recordings.other_products == {"acme": 1}


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("not json", "not JSON"),
        ("[1, 2]", "not an object"),
        ('{"type": "surprise"}', "unknown payload type"),
        ('{"type": 3}', "unknown payload type"),
        ('{"body_base64": "e30="}', "received_at"),
        ('{"body_base64": "%%%", "received_at": 1}', "base64"),
        ('{"body_base64": "e30=", "received_at": 1, "headers": []}', "no events"),
    ],
)
def test_reports_an_unreadable_line_and_reads_the_others(tmp_path: Path, bad: str, reason: str) -> None:
    file = write(tmp_path / "x.jsonl", line(save(1)), bad, line(save(2)))
    recordings = _read(file)
    assert len(recordings.moments) == 2
    assert recordings.skipped["unreadable_lines"] == 1
    assert recordings.unreadable[0].place == f"{file}:2"
    assert reason in recordings.unreadable[0].reason


def test_skips_keep_alives_and_counts_summaries(tmp_path: Path) -> None:
    summary = {"type": "summary", "product_id": "demo", "session_id": "s1", "summary": "…"}
    file = write(tmp_path / "x.jsonl", {"event": "heartbeat"}, summary, f"data: {line(save(1))}")
    recordings = _read(file)
    assert _titles(recordings) == ["Click Save changes"]
    assert +recordings.skipped == {"summaries_and_orders": 1}


@pytest.mark.parametrize("file", POSTHOG, ids=lambda file: file.stem)
def test_replays_every_recording_of_posthog_js(file: Path) -> None:
    recordings = read_recordings([file], "my-app")
    assert not recordings.unreadable
    wanted = "Click Save changes" if "edit_three" in file.stem else "Click Apply to 3"
    assert _titles(recordings).count(wanted) == (3 if "edit_three" in file.stem else 1)
    assert {payload.product_id for _, payload, _ in recordings.moments} == {"my-app"}
    assert any(payload.user_id == "demo-user-1" for _, payload, _ in recordings.moments)


def test_reads_requests_stored_unpacked(tmp_path: Path) -> None:
    requests = [json.loads(text) for text in POSTHOG[0].read_text("utf-8").splitlines()]
    for request in requests:
        del request["body_base64"]
    unpacked = write(tmp_path / "x.jsonl", *requests)
    assert _titles(_read(unpacked)) == _titles(_read(POSTHOG[0]))


def test_counts_a_resent_event_once(tmp_path: Path) -> None:
    twice = tmp_path / "twice.jsonl"
    twice.write_bytes(POSTHOG[0].read_bytes() * 2)
    recordings = _read(twice)
    assert _titles(recordings) == _titles(_read(POSTHOG[0]))
    assert recordings.skipped["duplicate_events"] > 0


@pytest.mark.parametrize(
    ("lines", "remedy"),
    [
        ([], "Record a session into it"),
        ([line()], "Record some sessions"),
        ([line(save(1), product="acme")], "'acme'"),
        (["{junk"], "x.jsonl:1: the line is not JSON"),
    ],
)
def test_nothing_to_replay_is_an_error_with_the_reason(tmp_path: Path, lines: list[str], remedy: str) -> None:
    with pytest.raises(UnusableRecording) as refused:
        _read(write(tmp_path / "x.jsonl", *lines))
    assert remedy in refused.value.remedy


def test_reports_the_bytes_read(tmp_path: Path) -> None:
    file = write(tmp_path / "x.jsonl", line(save(1)), line(save(2)))
    told: list[int] = []
    read_recordings([file], "demo", told.append)
    assert sum(told) == file.stat().st_size
