"""Recordings become the same columns, whatever the files, their order and the number of processes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.processes import ROOT
from support.recorded import write

from rasa_autoplay.errors import UnusableRecording
from rasa_autoplay.tools.discovery.columns.columns import KINDS, NO_RECORD, SIGNALS, Columns
from rasa_autoplay.tools.discovery.reading import file_spans
from rasa_autoplay.tools.discovery.reading.recording_files import read_columns, read_sessions
from rasa_autoplay.tools.simulation.recordings import read_recordings

T0 = 1_700_000_000.0
NAMES = ("user", "session", "time", "page", "act", "kind", "record", "signal", "starts")


def act(title: str, at: float, url: str = "/projects", **more: Any) -> dict[str, Any]:
    kind = "pageview" if title.startswith("Page load") else "click"
    return {
        "title": title,
        "type": kind,
        "raw_url": f"https://app.example.com{url}",
        "timestamp_start": T0 + at,
        **more,
    }


def batch(session: str, *actions: dict[str, Any], user: str | None = "ana") -> dict[str, Any]:
    return {
        "type": "actions",
        "product_id": "demo",
        "session_id": session,
        "user_id": user,
        "actions": list(actions),
    }


def read(*paths: Path, processes: int = 1) -> Columns:
    return read_columns(paths, "demo", processes)


def same(one: Columns, other: Columns) -> bool:
    tables = (one.users, one.sessions, one.pages, one.acts) == (
        other.users,
        other.sessions,
        other.pages,
        other.acts,
    )
    return tables and all(np.array_equal(getattr(one, name), getattr(other, name)) for name in NAMES)


def test_sorts_actions_by_session_and_time(tmp_path: Path) -> None:
    late = batch("b", act("Click C", 3), act("Click A", 1))
    columns = read(write(tmp_path / "x.jsonl", late, batch("a", act("Click B", 2), user="ben")))
    assert [columns.acts[code].label for code in columns.act] == ["B", "A", "C"]
    assert [columns.users[code] for code in columns.user] == ["ben", "ana", "ana"]
    assert list(columns.starts) == [0, 1, 3]


def test_tells_records_of_one_page_apart(tmp_path: Path) -> None:
    urls = ["/projects/1", "/projects/2", "/projects/1?tab=2", "/projects"]
    acts = [act("Click Save", at, url) for at, url in enumerate(urls)]
    columns = read(write(tmp_path / "x.jsonl", batch("s", *acts)))
    one, two, again, none = columns.record
    assert (one, none) == (again, NO_RECORD)
    assert len({one, two, NO_RECORD}) == 3
    assert [columns.pages[code] for code in columns.page] == ["/projects/:id"] * 3 + ["/projects"]


def test_tells_records_apart_that_masks_would_remove(tmp_path: Path) -> None:
    uuids = [f"/files/{number:08x}-0000-4000-8000-000000000000" for number in (1, 2)]
    columns = read(write(tmp_path / "x.jsonl", batch("s", *(act("Click Save", 1, url) for url in uuids))))
    assert len(set(columns.record)) == 2
    assert len(set(columns.act)) == 1


def test_names_an_act_by_its_element_with_a_star_for_numbers(tmp_path: Path) -> None:
    acts = [
        act("Click Alpha", 1, element_id="row-17"),
        act("Click Beta", 2, element_id="row-18"),
        act("Click Beta", 3, element_id="row-18"),
    ]
    columns = read(write(tmp_path / "x.jsonl", batch("s", *acts)))
    (code,) = set(columns.act)
    assert (columns.acts[code].element_id, columns.acts[code].title) == ("row-*", "Click Beta")
    assert len(set(columns.record)) == 2


def test_ignores_generated_ids(tmp_path: Path) -> None:
    acts = [act("Click Save", 1, element_id="radix-:r1:"), act("Click Save", 2, element_id="radix-:r2:")]
    columns = read(write(tmp_path / "x.jsonl", batch("s", *acts)))
    assert {columns.acts[code].element_id for code in columns.act} == {""}
    assert set(columns.record) == {NO_RECORD}


def test_counts_a_batch_once_that_was_delivered_twice(tmp_path: Path) -> None:
    sent = batch("s", act("Click A", 1, index=0), act("Click B", 2, index=1))
    assert len(read(write(tmp_path / "x.jsonl", sent, sent))) == 2


def test_leaves_out_focus_and_blur(tmp_path: Path) -> None:
    columns = read(
        write(tmp_path / "x.jsonl", batch("s", act("Click A", 1), act("Focus A", 2, type="focus")))
    )
    assert [KINDS[code] for code in columns.kind] == ["click"]


def test_finds_failures_that_the_source_does_not_mark(tmp_path: Path) -> None:
    clicks = [act("Click Save", 1 + at / 4) for at in range(4)]
    error = act("Error message", 5, type="other")
    columns = read(write(tmp_path / "x.jsonl", batch("s", *clicks, error)))
    assert [SIGNALS[code] for code in columns.signal] == ["", "", "rage_click", "", "error"]


def test_a_visitor_who_signs_in_was_that_user_before(tmp_path: Path) -> None:
    before, after = batch("s", act("Click A", 1), user=None), batch("s", act("Click B", 2))
    columns = read(write(tmp_path / "x.jsonl", before, after, batch("t", act("Click A", 3), user=None)))
    assert [columns.users[code] for code in columns.user] == ["ana", "ana", ""]


def test_masks_personal_data_in_titles(tmp_path: Path) -> None:
    columns = read(write(tmp_path / "x.jsonl", batch("s", act("Click ana@acme.com", 1))))
    assert columns.acts[columns.act[0]].title == "Click [e-mail]"


def _many(number: int) -> list[dict[str, Any]]:
    return [
        batch(
            f"s{at % 7}", act(f"Click {'ABC'[at % 3]}", at * 10, f"/p/{at % 5}", index=at), user=f"u{at % 4}"
        )
        for at in range(number)
    ]


def test_order_of_files_and_size_of_parts_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = _many(300)
    whole = read(write(tmp_path / "whole.jsonl", *lines))
    parts = [write(tmp_path / f"{name}.jsonl", *lines[at::3]) for at, name in enumerate("zya")]
    assert same(read(*parts), whole)
    assert same(read(*reversed(parts)), whole)
    monkeypatch.setattr(file_spans, "_PART_BYTES", 1_000)
    assert same(read(tmp_path / "whole.jsonl"), whole)


@pytest.mark.slow
def test_two_processes_read_the_same_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path / "x.jsonl", *_many(2_000))
    monkeypatch.setattr(file_spans, "_PART_BYTES", 20_000)
    monkeypatch.setattr(file_spans, "_MIN_BYTES_FOR_PROCESSES", 0)
    assert same(read(file, processes=2), read(file, processes=1))


def test_reads_every_format_of_simulate(tmp_path: Path) -> None:
    request = ROOT / "docs" / "simulate" / "monday.jsonl"
    assert len(read(request).sessions) == 5


@pytest.mark.parametrize("part_bytes", [1_000, 1_000_000])
def test_reads_sessions_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part_bytes: int) -> None:
    monkeypatch.setattr(file_spans, "_PART_BYTES", part_bytes)
    file = write(tmp_path / "x.jsonl", *_many(100))
    moments = read_sessions([file], "demo", {"s1", "s4"}, 1)
    assert moments == [m for m in read_recordings([file], "demo").moments if m[1].session_id in ("s1", "s4")]


@pytest.mark.parametrize("content", ["a,b\n1,2\n", json.dumps({"type": "summary"}), ""])
def test_refuses_files_without_actions(tmp_path: Path, content: str) -> None:
    file = tmp_path / "x"
    file.write_text(content)
    with pytest.raises(UnusableRecording, match=str(file)):
        read(file)
